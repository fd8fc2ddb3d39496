import ComputeGraph
import Tensors

/// `x / (bias + alpha * sum of squares of the 2 * depthRadius + 1 channels around it) ^ beta` (Krizhevsky et al.,
/// 2012). The parameters are those of `tf.nn.local_response_normalization`; Caffe and PyTorch divide alpha by the
/// number of channels in the window, so theirs is ours times that number.
///
/// Keras has no such layer: to open a model file with one, give `load_model` a class of this name.
public struct LocalResponseNormalization: Layer {
    public static let className = "LocalResponseNormalization"
    public let name: String?
    public let depthRadius: Int
    public let bias: Double
    public let alpha: Double
    public let beta: Double

    public init(depthRadius: Int = 5, bias: Double = 1, alpha: Double = 1, beta: Double = 0.5, name: String? = nil) {
        self.depthRadius = depthRadius
        self.bias = bias
        self.alpha = alpha
        self.beta = beta
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard (0...Self.largestRadius).contains(depthRadius) else {
            throw LayerError("\(label): the depth radius \(depthRadius) is not from 0 to \(Self.largestRadius)")
        }
        guard [bias, alpha, beta].allSatisfy(LayerConfig.singles.contains) else {
            throw LayerError(
                "\(label): bias \(bias), alpha \(alpha) and beta \(beta) are not numbers that 32 bits hold")
        }
        return try inputs.single(label)
    }
    /// More channels than any image has.
    private static let largestRadius = 1 << 16
    public var operations: [Operation] {
        [
            .localResponseNormalization(
                depthRadius: depthRadius, bias: Float(bias), alpha: Float(alpha), beta: Float(beta))
        ]
    }
    public var config: [String: JSON] {
        ["depth_radius": JSON(depthRadius), "bias": .number(bias), "alpha": .number(alpha), "beta": .number(beta)]
    }

    public init(config: LayerConfig) throws {
        self.init(
            depthRadius: try config.integer("depth_radius", minimum: 0), bias: try config.number("bias", default: 1),
            alpha: try config.number("alpha", default: 1), beta: try config.number("beta", default: 0.5),
            name: config.name)
    }
}
