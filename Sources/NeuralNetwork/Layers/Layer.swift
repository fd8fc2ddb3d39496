import ComputeGraph
import System
import Tensors

/// A layer as a description: its settings in Keras's vocabulary, its weights and the operations that a backend computes.
///
/// Shapes are those of one sample, without the batch axis, channels last; they follow from the operations.
/// <doc:LayerOfYourOwn> shows how to write a layer.
public protocol Layer: Sendable {
    /// Keras's name of the class; model files use it too.
    static var className: String { get }
    /// The given name. A layer without one gets Keras's (`conv2d`, `conv2d_1`, ...) from its model.
    var name: String? { get }
    /// What the calls of one layer have in common: its weights, and whether training moves them. A layer that stores its
    /// identity and is called twice shares its weights; by default every call is a layer of its own.
    var identity: LayerIdentity { get }
    /// Weights in Keras's order: first the trainable ones, then the others. None by default. Each operation takes as
    /// many as it needs, and determines their shapes.
    var weights: [WeightDescription] { get }
    /// A penalty on every output of the layer, divided by the number of samples; none by default.
    var activityRegularizer: Regularizer? { get }
    /// What a backend computes, one operation after the other. The first one takes all inputs, each other one the result
    /// before it.
    ///
    /// - Parameter inputs: the shape of one sample of each input.
    /// - Throws: ``LayerError`` for a setting that no operation could check.
    func operations(for inputs: [Shape]) throws -> [Operation]
    /// Keras's `get_config`, without the entries that all layers share: name, trainable, dtype.
    var config: [String: JSON] { get }
    /// Reads a configuration of Keras 2 or 3.
    ///
    /// - Throws: ``LayerError`` for a setting that is not supported: it is refused, never ignored.
    init(config: LayerConfig) throws
}

extension Layer {
    /// A new one: every call is a layer of its own.
    public var identity: LayerIdentity { LayerIdentity() }
    /// No weights.
    public var weights: [WeightDescription] { [] }
    /// None.
    public var activityRegularizer: Regularizer? { nil }

    /// Whether training moves the layer's weights. See ``setTrainable(_:)``.
    public var isTrainable: Bool { identity.isTrainable }

    /// Freezes or frees the layer in all models that have it, before or after they are trained: Keras's `trainable`.
    ///
    /// A frozen layer's weights stay as they are, and their penalties are not part of the loss. A frozen
    /// ``BatchNormalization`` runs in inference mode: it uses its moving statistics, which stay as they are too. Unlike
    /// in Keras, the change takes effect without compiling again.
    public func setTrainable(_ isTrainable: Bool) { identity.isTrainable = isTrainable }

    /// Applies the layer to one tensor.
    public func callAsFunction(_ input: KerasTensor) -> KerasTensor { callAsFunction([input]) }

    /// Applies the layer to several tensors, as ``Concatenate`` and ``Add`` need.
    ///
    /// The program ends with one line if the shapes do not fit: such a network is a mistake in the program. To get an
    /// error instead, as for a network from a file, use ``KerasTensor/init(_:_:training:)``.
    public func callAsFunction(_ inputs: [KerasTensor]) -> KerasTensor {
        do {
            return try KerasTensor(self, inputs)
        } catch {
            stop("\(error)")
        }
    }

    /// The shape of one output sample: what the operations say.
    ///
    /// - Parameter inputs: the shape of one sample of each input.
    /// - Throws: ``LayerError`` if inputs of these shapes do not fit, or a setting is out of its range.
    public func outputShape(for inputs: [Shape]) throws -> Shape { try placed(on: inputs).outputShape }

    /// For messages: the given name, or the kind of layer.
    var label: String { name ?? Self.className }
}

/// A weight that a layer needs; the ``Model`` holds it.
public struct WeightDescription: Sendable {
    /// Keras's name: `kernel`, `bias`, `gamma`, `beta`, `moving_mean`, `moving_variance`.
    public var name: String
    /// Initial values.
    public var initializer: Initializer
    /// Whether the optimizer moves it, unless the layer is frozen.
    public var isTrainable: Bool
    /// A part of the loss that depends on this weight alone.
    public var regularizer: Regularizer?

    /// - Parameters:
    ///   - name: unique within the layer; files use it.
    ///   - initializer: initial values.
    ///   - isTrainable: whether the optimizer moves it, unless the layer is frozen.
    ///   - regularizer: a penalty on the weight, part of the loss.
    public init(name: String, initializer: Initializer, isTrainable: Bool = true, regularizer: Regularizer? = nil) {
        self.name = name
        self.initializer = initializer
        self.isTrainable = isTrainable
        self.regularizer = regularizer
    }
}

/// An error in a network: layers that do not fit together, a setting out of its range, or a configuration that asks for
/// something not supported.
public struct LayerError: Error, CustomStringConvertible, Equatable {
    /// One line that names the layer.
    public let description: String
    /// - Parameter description: one line that names the layer, what was expected and what was found.
    public init(_ description: String) { self.description = description }
}

extension [Shape] {
    /// The one input as an image: height, width, channels.
    func image(_ layer: String) throws -> Shape {
        guard count == 1 else { throw LayerError("\(layer): it takes one input, not \(count)") }
        guard self[0].rank == 3 else {
            throw LayerError("\(layer): it takes (height, width, channels), but its input is \(self[0])")
        }
        return self[0]
    }
}
