import ComputeGraph
import Tensors

/// Divides every value by a power of the squares around it, across channels (Krizhevsky et al., 2012):
/// `x / (bias + alpha * sum) ^ beta`, with the sum of squares over the `2 * depthRadius + 1` channels around it.
///
/// Takes any shape, channels last, and keeps it. No weights. The parameters are those of
/// `tf.nn.local_response_normalization`. Caffe and PyTorch divide alpha by the number of channels in the window: their
/// alpha is ours times that number.
///
/// Keras has no such layer. To open a model file with one in Keras, give `load_model` a class of this name.
public struct LocalResponseNormalization: Layer {
    /// The class's name in model files.
    public static let className = "LocalResponseNormalization"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Channels to each side that count, from 0 to 65,536.
    public let depthRadius: Int
    /// Added to the weighted sum.
    public let bias: Double
    /// Weight of the sum of squares.
    public let alpha: Double
    /// The exponent.
    public let beta: Double

    /// The defaults are TensorFlow's.
    ///
    /// - Parameters:
    ///   - depthRadius: channels to each side that count, from 0 to 65,536.
    ///   - bias: added to the weighted sum.
    ///   - alpha: weight of the sum of squares.
    ///   - beta: the exponent.
    ///   - name: unique within the model; by default `local_response_normalization`, ...
    public init(depthRadius: Int = 5, bias: Double = 1, alpha: Double = 1, beta: Double = 0.5, name: String? = nil) {
        self.depthRadius = depthRadius
        self.bias = bias
        self.alpha = alpha
        self.beta = beta
        self.name = name
    }

    /// One normalization.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [
            .localResponseNormalization(
                depthRadius: depthRadius, bias: Float(bias), alpha: Float(alpha), beta: Float(beta))
        ]
    }
    /// `depth_radius`, `bias`, `alpha` and `beta`.
    public var config: [String: JSON] {
        ["depth_radius": JSON(depthRadius), "bias": .number(bias), "alpha": .number(alpha), "beta": .number(beta)]
    }

    /// - Throws: ``LayerError`` if a parameter is missing or not a number that 32 bits hold.
    public init(config: LayerConfig) throws {
        self.init(
            depthRadius: try config.integer("depth_radius", minimum: 0), bias: try config.number("bias", default: 1),
            alpha: try config.number("alpha", default: 1), beta: try config.number("beta", default: 0.5),
            name: config.name)
    }
}
