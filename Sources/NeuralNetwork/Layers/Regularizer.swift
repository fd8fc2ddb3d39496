import ComputeGraph

/// A penalty on a weight, added to the loss: `l1 * sum(|w|) + l2 * sum(w^2)`. Keras's `L1`, `L2` and `L1L2`.
///
/// ``L1(_:)``, ``L2(_:)`` and ``L1L2(l1:l2:)`` make one. The penalties of frozen layers are not part of the loss.
public struct Regularizer: Sendable, Equatable {
    /// The factor of the sum of magnitudes.
    public let l1: Double
    /// The factor of the sum of squares.
    public let l2: Double

    /// As backends compute it.
    var penalty: Penalty { Penalty(l1: Float(l1), l2: Float(l2)) }

    /// - Throws: ``LayerError`` for a factor that is negative or not finite.
    func check(_ layer: String) throws {
        for (name, factor) in [("L1", l1), ("L2", l2)] where !LayerConfig.positiveSingles.contains(factor) {
            throw LayerError("\(layer): the factor \(factor) of an \(name) penalty is negative or too large")
        }
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
/// The penalty `factor * sum(|w|)`: `keras.regularizers.L1`.
///
/// - Parameter factor: 0 or more. A layer refuses another one when it is applied.
public func L1(_ factor: Double) -> Regularizer { Regularizer(l1: factor, l2: 0) }

// swift-format-ignore: AlwaysUseLowerCamelCase
/// The penalty `factor * sum(w^2)`: `keras.regularizers.L2`.
///
/// - Parameter factor: 0 or more. A layer refuses another one when it is applied.
public func L2(_ factor: Double) -> Regularizer { Regularizer(l1: 0, l2: factor) }

// swift-format-ignore: AlwaysUseLowerCamelCase
/// The penalty `l1 * sum(|w|) + l2 * sum(w^2)`: `keras.regularizers.L1L2`.
///
/// - Parameters:
///   - l1: 0 or more. A layer refuses another one when it is applied.
///   - l2: 0 or more. A layer refuses another one when it is applied.
public func L1L2(l1: Double, l2: Double) -> Regularizer { Regularizer(l1: l1, l2: l2) }

extension Regularizer? {
    var kerasConfig: JSON {
        guard let self else { return .null }
        switch (self.l1, self.l2) {
        case (0, let l2): return ["class_name": "L2", "config": ["l2": .number(l2)]]
        case (let l1, 0): return ["class_name": "L1", "config": ["l1": .number(l1)]]
        case (let l1, let l2): return ["class_name": "L1L2", "config": ["l1": .number(l1), "l2": .number(l2)]]
        }
    }
}

extension LayerConfig {
    /// Keras's `L1`, `L2` or `L1L2`, written as a class with a config; `nil` if there is none.
    ///
    /// - Throws: ``LayerError`` for another penalty, or a factor that is negative or too large.
    func regularizer(_ key: String) throws -> Regularizer? {
        guard let entry = entries[key], !entry.isNull else { return nil }
        guard let config = entry["config"], let name = entry["class_name"]?.string, ["L1", "L2", "L1L2"].contains(name)
        else { throw error("regularizer \(Self.className(of: entry)) is not known here; L1, L2 and L1L2 are") }
        /// Keras's default is 0.01, but 0 if there are two factors.
        func factor(_ key: String) throws -> Double {
            guard name == "L1L2" || name == key.uppercased() else { return 0 }
            guard let entry = config[key] else { return name == "L1L2" ? 0 : 0.01 }
            guard let factor = entry.number else { throw error("the factor \"\(key)\" of \(name) must be a number") }
            return factor
        }
        let regularizer = Regularizer(l1: try factor("l1"), l2: try factor("l2"))
        try regularizer.check(label)
        return regularizer.l1 == 0 && regularizer.l2 == 0 ? nil : regularizer
    }

    /// Refuses settings of a weight or an output that this library does not have: they must not be dropped silently.
    func requireNone(_ keys: [String]) throws {
        for key in keys { try require(key, isOneOf: [], meaning: key) }
    }
}
