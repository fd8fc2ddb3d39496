import ComputeGraph
import System
import Tensors

/// A layer as a description: its settings in Keras's vocabulary, the shapes that follow and the operations that a
/// backend computes. Weights live in a ``Model``.
///
/// Shapes are those of one sample, without the batch axis, channels last. <doc:LayerOfYourOwn> shows how to write a
/// layer.
public protocol Layer: Sendable {
    /// Keras's name of the class; model files use it too.
    static var className: String { get }
    /// The given name. A layer without one gets Keras's (`conv2d`, `conv2d_1`, ...) from its model.
    var name: String? { get }
    /// The shape of one output sample.
    ///
    /// - Parameter inputs: the shape of one sample of each input.
    /// - Throws: ``LayerError`` if inputs of these shapes do not fit, or a setting is out of its range.
    func outputShape(for inputs: [Shape]) throws -> Shape
    /// Weights in Keras's order: first the trainable ones, then the others. None by default.
    ///
    /// - Parameter inputs: shapes that ``outputShape(for:)`` has accepted.
    func weights(for inputs: [Shape]) -> [WeightDescription]
    /// What a backend computes, one operation after the other. The first one takes all inputs and all weights, each
    /// other one the result before it. The last result has the layer's output shape.
    ///
    /// - Parameter inputs: shapes that ``outputShape(for:)`` has accepted.
    func operations(for inputs: [Shape]) -> [Operation]
    /// Keras's `get_config`, without the entries that all layers share.
    var config: [String: JSON] { get }
    /// Reads a configuration of Keras 2 or 3.
    ///
    /// - Throws: ``LayerError`` for a setting that is not supported: it is refused, never ignored.
    init(config: LayerConfig) throws
}

extension Layer {
    /// No weights.
    public func weights(for inputs: [Shape]) -> [WeightDescription] { [] }

    /// Applies the layer to one tensor.
    public func callAsFunction(_ input: KerasTensor) -> KerasTensor { callAsFunction([input]) }

    /// Applies the layer to several tensors, as ``Concatenate`` and ``Add`` need.
    ///
    /// The program ends with one line if the shapes do not fit: such a network is a mistake in the program. To get an
    /// error instead, as for a network from a file, use ``KerasTensor/init(_:_:)``.
    public func callAsFunction(_ inputs: [KerasTensor]) -> KerasTensor {
        do {
            return try KerasTensor(self, inputs)
        } catch {
            stop("\(error)")
        }
    }

    /// For messages: the given name, or the kind of layer.
    var label: String { name ?? Self.className }
}

/// A weight that a layer needs; the ``Model`` holds it.
public struct WeightDescription: Sendable {
    /// Keras's name: `kernel`, `bias`, `gamma`, `beta`, `moving_mean`, `moving_variance`.
    public var name: String
    /// Shape of the weight.
    public var shape: Shape
    /// Initial values.
    public var initializer: Initializer
    /// Whether the optimizer moves it.
    public var isTrainable: Bool
    /// The factor of the penalty `l2 * sum(w^2)`; 0 for none.
    public var l2: Double

    /// - Parameters:
    ///   - name: unique within the layer; files use it.
    ///   - shape: of the weight.
    ///   - initializer: initial values.
    ///   - isTrainable: whether the optimizer moves it.
    ///   - l2: the factor of the penalty `l2 * sum(w^2)`; 0 for none.
    public init(name: String, shape: Shape, initializer: Initializer, isTrainable: Bool = true, l2: Double = 0) {
        self.name = name
        self.shape = shape
        self.initializer = initializer
        self.isTrainable = isTrainable
        self.l2 = l2
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

/// Shape checks that many layers share.
extension [Shape] {
    func single(_ layer: String) throws -> Shape {
        guard count == 1 else { throw LayerError("\(layer) takes one input, not \(count)") }
        return self[0]
    }

    /// The one input as an image: height, width, channels.
    func image(_ layer: String) throws -> Shape {
        let shape = try single(layer)
        guard shape.rank == 3 else {
            throw LayerError("\(layer) takes (height, width, channels), but its input is \(shape)")
        }
        return shape
    }
}

extension SlidingWindow {
    /// The largest kernel, stride or padding: larger than any image, and sums of a few of them do not overflow.
    static let largest = 1 << 20

    /// The output of this window over an image, with `channels`.
    func outputShape(over image: Shape, channels: Int, layer: String) throws -> Shape {
        let sizes = [kernel.height, kernel.width, strides.height, strides.width]
        guard sizes.allSatisfy({ (1...Self.largest).contains($0) }) else {
            throw LayerError(
                "\(layer): kernel \(kernel.height)x\(kernel.width) and strides \(strides.height)x\(strides.width) must be "
                    + "from 1 to \(Self.largest)")
        }
        let output = output(for: Size2D(image[0], image[1]))
        guard output.height > 0, output.width > 0 else {
            throw LayerError(
                "\(layer): a \(kernel.height)x\(kernel.width) window does not fit into \(image[0])x\(image[1])")
        }
        return [output.height, output.width, channels]
    }
}
