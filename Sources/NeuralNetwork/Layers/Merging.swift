import ComputeGraph
import Tensors

/// Concatenates tensors along the last axis, the channels: (h, w, a) and (h, w, b) to (h, w, a + b).
///
/// All other dimensions must agree. No weights. Keras's `Concatenate` with `axis=-1`, the only axis that is supported.
public struct Concatenate: Layer {
    /// The class's name in Keras's files.
    public static let className = "Concatenate"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The axis as the file gives it, counted with the batch. Only the last one is supported.
    private let axis: Int

    /// - Parameter name: unique within the model; by default `concatenate`, `concatenate_1`, ...
    public init(name: String? = nil) {
        self.name = name
        axis = -1
    }

    /// One concatenation.
    ///
    /// - Throws: ``LayerError`` if a file asks for another axis.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        if let shape = inputs.first { try checkLastAxis(axis, of: shape, label) }
        return [.concatenate]
    }
    /// Keras's `axis`, always -1.
    public var config: [String: JSON] { ["axis": -1] }

    /// - Throws: ``LayerError`` if the axis is not one whole number.
    public init(config: LayerConfig) throws {
        name = config.name
        axis = try config.axis()
    }
}

/// Adds tensors of one shape, element by element. No weights. Keras's `Add`.
public struct Add: Layer {
    /// The class's name in Keras's files.
    public static let className = "Add"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `add`, `add_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One sum.
    public func operations(for inputs: [Shape]) -> [Operation] { [.add] }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}

/// The mean of tensors of one shape, element by element. No weights. Keras's `Average`.
public struct Average: Layer {
    /// The class's name in Keras's files.
    public static let className = "Average"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `average`, `average_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One sum, with equal factors.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.linearCombination(factors: inputs.map { _ in 1 / Float(inputs.count) })]
    }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}

/// The first of two tensors of one shape minus the second. No weights. Keras's `Subtract`.
public struct Subtract: Layer {
    /// The class's name in Keras's files.
    public static let className = "Subtract"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `subtract`, `subtract_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One sum, with the factors 1 and -1.
    ///
    /// - Throws: ``LayerError`` unless there are two inputs.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        guard inputs.count == 2 else { throw LayerError("\(label): it takes two inputs, not \(inputs.count)") }
        return [.linearCombination(factors: [1, -1])]
    }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}

/// The product of tensors, element by element: axes of length 1 and missing first axes are repeated, so that (h, w, c) and
/// (1, 1, c) fit together. No weights. Keras's `Multiply`.
public struct Multiply: Layer {
    /// The class's name in Keras's files.
    public static let className = "Multiply"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `multiply`, `multiply_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One operation.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.multiply]
    }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}

/// The largest of tensors, element by element: axes of length 1 and missing first axes are repeated, so that (h, w, c) and
/// (1, 1, c) fit together. The first of equal ones
/// gets the gradient. No weights. Keras's `Maximum`.
public struct Maximum: Layer {
    /// The class's name in Keras's files.
    public static let className = "Maximum"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `maximum`, `maximum_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One operation.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.maximum]
    }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}

/// The smallest of tensors, element by element: axes of length 1 and missing first axes are repeated, so that (h, w, c) and
/// (1, 1, c) fit together. The first of equal ones
/// gets the gradient. No weights. Keras's `Minimum`.
public struct Minimum: Layer {
    /// The class's name in Keras's files.
    public static let className = "Minimum"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()

    /// - Parameter name: unique within the model; by default `minimum`, `minimum_1`, ...
    public init(name: String? = nil) { self.name = name }

    /// One operation.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.minimum]
    }
    /// Nothing beyond what all layers share.
    public var config: [String: JSON] { [:] }

    /// Takes the name; there are no settings.
    public init(config: LayerConfig) throws { self.init(name: config.name) }
}
