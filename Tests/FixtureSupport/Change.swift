import Tensors

/// The norm of the difference of a tensor from its reference, over the norm of the reference. Infinite if a number is not
/// one, or the shapes differ.
public func relativeDifference(_ value: Tensor, _ reference: Tensor) -> Double {
    share(rootMeanSquare(of: value, minus: reference), of: rootMeanSquare(of: reference))
}

/// How what training changed in a tensor of weights differs from what it changed in a reference.
///
/// Weights that have taken no step at all are nearly those of the reference. Their changes are not.
public struct Change: Sendable, CustomStringConvertible {
    public let name: String
    /// The norm of the difference between the two changes, over the norm of the reference's change.
    ///
    /// Some gradients are zero but for rounding, such as that of a bias in front of a normalization. In the reference, the
    /// elements of such a tensor change by less than ``negligible`` of those that change most in the network, by the mean
    /// of their squares. Then the difference is over what it would be if this tensor changed as those do.
    public let difference: Double

    /// What is no more than rounding, of the largest change in a network.
    public static let negligible = 1e-4

    public var description: String { "the change of \(name) is \(difference) off" }

    /// - Parameters:
    ///   - names: of the tensors.
    ///   - before: the weights from which training began.
    ///   - after: what it made of them.
    ///   - reference: what it made of them in the reference.
    public static func all(
        _ names: [String], before: [Tensor], after: [Tensor], reference: [Tensor]
    ) -> [Change] {
        let changes = zip(before, reference).map { rootMeanSquare(of: $1, minus: $0) }
        let largest = changes.max() ?? 0
        return names.indices.map { index in
            let scale = changes[index] < negligible * largest ? largest : changes[index]
            return Change(
                name: names[index],
                difference: share(rootMeanSquare(of: after[index], minus: reference[index]), of: scale))
        }
    }
}

/// Infinite if the shapes differ.
private func rootMeanSquare(of a: Tensor, minus b: Tensor? = nil) -> Double {
    guard b == nil || a.shape == b?.shape else { return .infinity }
    var sum = 0.0
    for index in a.scalars.indices {
        let difference = Double(a.scalars[index]) - Double(b?.scalars[index] ?? 0)
        sum += difference * difference
    }
    return (sum / Double(max(a.scalars.count, 1))).squareRoot()
}

/// No difference is none of anything.
private func share(_ difference: Double, of whole: Double) -> Double {
    let share = difference == 0 ? 0 : difference / whole
    return share.isNaN ? .infinity : share
}
