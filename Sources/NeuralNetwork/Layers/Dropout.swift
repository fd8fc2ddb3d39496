import ComputeGraph
import Tensors

/// In training, zeroes a fraction `rate` of the elements at random and scales the others by `1 / (1 - rate)`; in
/// inference, passes everything on (Srivastava et al., 2014).
public struct Dropout: Layer {
    public static let className = "Dropout"
    public let name: String?
    public let rate: Double

    public init(_ rate: Double, name: String? = nil) {
        self.rate = rate
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape {
        guard (0..<1).contains(rate) else { throw LayerError("\(label): the rate \(rate) is not in [0, 1)") }
        return try inputs.single(label)
    }
    public var operations: [Operation] { [.dropout(rate: Float(rate))] }
    public var config: [String: JSON] { ["rate": .number(rate)] }

    public init(config: LayerConfig) throws {
        try config.require("noise_shape", isOneOf: [], meaning: "noise_shape")
        self.init(try config.number("rate", default: 0.5, in: 0...1), name: config.name)
    }
}
