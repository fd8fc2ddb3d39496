import ComputeGraph
import System
import Tensors

/// A layer as a description: its settings, in Keras's vocabulary, and what follows from them. Weights live in a ``Model``.
///
/// Shapes are those of one sample, without the batch axis, channels last.
public protocol Layer: Sendable {
    /// Keras's name of the class, which is also what model files call it.
    static var className: String { get }
    /// The name given by hand; a layer without one gets Keras's (`conv2d`, `conv2d_1`, ...) from its model.
    var name: String? { get }
    /// - Throws: ``LayerError`` where inputs of these shapes do not fit.
    func outputShape(for inputs: [Shape]) throws -> Shape
    /// Weights in Keras's order: first those that train, then those that do not.
    func weights(for inputs: [Shape]) -> [WeightDescription]
    /// What a backend computes, one after the other; the first takes all inputs and all weights.
    var operations: [Operation] { get }
    /// Keras's `get_config`, without the entries that all layers share.
    var config: [String: JSON] { get }
    /// Reads a configuration of Keras 2 or 3.
    init(config: LayerConfig) throws
}

extension Layer {
    public func weights(for inputs: [Shape]) -> [WeightDescription] { [] }

    /// Applies the layer to one tensor.
    public func callAsFunction(_ input: KerasTensor) -> KerasTensor { callAsFunction([input]) }

    /// Applies the layer to several tensors, as `Concatenate` and `Add` are.
    ///
    /// The program ends with one line where the shapes do not fit: such a network is a mistake in the program. One that
    /// comes out of a file goes through ``KerasTensor/init(_:_:)``, which throws.
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

/// A weight that a layer asks its model to keep.
public struct WeightDescription: Sendable {
    /// Keras's: `kernel`, `bias`, `gamma`, `beta`, `moving_mean`, `moving_variance`.
    public var name: String
    public var shape: Shape
    public var initializer: Initializer
    public var isTrainable: Bool
    /// The factor of the penalty `l2 * sum(w^2)`.
    public var l2: Double

    public init(name: String, shape: Shape, initializer: Initializer, isTrainable: Bool = true, l2: Double = 0) {
        self.name = name
        self.shape = shape
        self.initializer = initializer
        self.isTrainable = isTrainable
        self.l2 = l2
    }
}

/// Layers that do not fit together, or a configuration that asks for what is not there.
public struct LayerError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// The shape checks that many layers share.
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
    /// Of kernels, strides and paddings: more than any image has, and what adds a few of these does not overflow.
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
