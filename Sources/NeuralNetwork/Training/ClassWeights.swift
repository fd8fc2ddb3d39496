import ComputeGraph
import System
import Tensors

/// The factors of classes in the loss: Keras's `class_weight`. They become weights of samples.
struct ClassWeights: Sendable {
    private let weights: [Int: Float]

    /// - Parameters:
    ///   - weights: by class, counted from 0; 1 for classes that are not named.
    ///   - outputs: the shapes of a sample's outputs.
    /// - Throws: ``TrainingError`` naming a class that the outputs do not have, or a weight that is negative or not
    ///   finite; or for outputs that are not rows of the same classes.
    init(_ weights: [Int: Double], outputs: [Shape]) throws {
        guard let shape = outputs.first, shape.rank == 1, outputs.allSatisfy({ $0 == shape }) else {
            throw TrainingError(
                "class weights need outputs that are rows of the same classes, not of shapes "
                    + outputs.map(\.description).joined(separator: ", "))
        }
        // A single unit says no or yes.
        let classes = max(shape.count, 2)
        for (index, weight) in weights.sorted(by: { $0.key < $1.key }) {
            guard (0..<classes).contains(index) else {
                throw TrainingError(
                    "a weight is given for class \(index), but the output has \(classes) classes, counted from 0")
            }
            guard Float(weight).isUsableWeight else {
                throw TrainingError("the weight of class \(index) is \(weight), but must be finite and not negative")
            }
        }
        self.weights = weights.mapValues { Float($0) }
    }

    /// The weight of each sample's class: the largest target, of equals the first; or the value of a single target,
    /// rounded as by Keras.
    ///
    /// - Parameter batch: its targets fit the outputs.
    /// - Throws: ``TrainingError`` if the batch has weights already, or if the outputs have different targets: then a
    ///   sample has no single class.
    func sampleWeights(of batch: Batch) throws -> [Float] {
        guard batch.sampleWeights == nil else { throw TrainingError.twoKindsOfWeights }
        guard let targets = batch.targets.first else { return [] }
        guard batch.targets.dropFirst().allSatisfy({ $0 == targets }) else {
            throw TrainingError(
                "class weights need outputs that all learn the same targets; give sample weights instead")
        }
        let units = targets.shape.sample.count
        return (0..<batch.count).map { row in
            let target = targets.scalars[row * units..<(row + 1) * units]
            let place =
                units == 1 ? Int(exactly: targets.scalars[row].rounded(.toNearestOrEven)) : target.argmax()
            return place.flatMap { weights[$0] } ?? 1
        }
    }
}

extension ClassWeights: CustomStringConvertible {
    /// `0: 1.0, 1: 2.5`.
    var description: String {
        weights.sorted { $0.key < $1.key }.map { "\($0): \($1)" }.joined(separator: ", ")
    }
}

extension TrainingError {
    /// Keras refuses both, too.
    static let twoKindsOfWeights = TrainingError("samples take class weights or sample weights, not both")

    /// Refuses weights of samples that are not one for each, or that are negative or not finite.
    static func check(sampleWeights: [Float], samples: Int) throws {
        guard sampleWeights.count == samples else {
            throw TrainingError(
                "each sample needs one weight, but there are \(sampleWeights.count) for \(counted(samples, "sample"))")
        }
        guard let row = sampleWeights.firstIndex(where: { !$0.isUsableWeight }) else { return }
        throw TrainingError(
            "the weight of sample \(row), counted from 0, is \(sampleWeights[row]), but must be finite and not negative"
        )
    }
}

extension Float {
    fileprivate var isUsableWeight: Bool { isFinite && self >= 0 }
}
