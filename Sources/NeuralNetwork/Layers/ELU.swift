import ComputeGraph
import Tensors

/// `x` above zero, `alpha * (exp(x) - 1)` elsewhere (Clevert et al., 2015), as a layer of its own for other alphas than 1.
public struct ELU: Layer {
    public static let className = "ELU"
    public let name: String?
    public let alpha: Double

    public init(alpha: Double = 1, name: String? = nil) {
        self.alpha = alpha
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard LayerConfig.singles.contains(alpha) else { throw LayerError("\(label): alpha is \(alpha)") }
        return try inputs.single(label)
    }
    public var operations: [Operation] { [.activation(.elu(alpha: Float(alpha)))] }
    public var config: [String: JSON] { ["alpha": .number(alpha)] }

    public init(config: LayerConfig) throws {
        self.init(alpha: try config.number("alpha", default: 1), name: config.name)
    }
}
