import ComputeGraph
import Tensors

/// (h, w, c) becomes (h * w * c), row major.
public struct Flatten: Layer {
    public static let className = "Flatten"
    public let name: String?

    public init(name: String? = nil) { self.name = name }

    public func outputShape(for inputs: [Shape]) throws -> Shape { [try inputs.single(label).count] }
    public var operations: [Operation] { [.flatten] }
    public var config: [String: JSON] { ["data_format": "channels_last"] }

    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        self.init(name: config.name)
    }
}
