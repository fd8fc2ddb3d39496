import ComputeGraph
import Tensors

/// Makes the image several times as large: (h, w, c) to (h * rows, w * columns, c). Keras's `UpSampling2D`. No weights.
public struct UpSampling2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "UpSampling2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// How many times as high and as wide the image becomes.
    public let size: Size2D
    /// How pixels between those of the image are found.
    public let interpolation: UpSampling

    /// - Parameters:
    ///   - size: how many times as high and as wide the image becomes, at least 1.
    ///   - interpolation: `.nearest` repeats pixels, `.bilinear` takes weighted means of four; pixels lie at the middle of
    ///     their squares.
    ///   - name: unique within the model; by default `up_sampling2d`, `up_sampling2d_1`, ...
    public init(_ size: (Int, Int) = (2, 2), interpolation: UpSampling = .nearest, name: String? = nil) {
        self.size = Size2D(size.0, size.1)
        self.interpolation = interpolation
        self.name = name
    }

    /// One operation.
    public func operations(for inputs: [Shape]) -> [Operation] { [.upSampling2D(size, interpolation)] }
    /// Keras's `get_config`.
    public var config: [String: JSON] {
        ["size": size.json, "interpolation": .string(interpolation.rawValue), "data_format": "channels_last"]
    }

    /// - Throws: ``LayerError`` for `channels_first`, or another interpolation than `nearest` and `bilinear`.
    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        let size = try config.size("size", default: Size2D(2, 2))
        let name = config.entries["interpolation"]?.string ?? UpSampling.nearest.rawValue
        guard let interpolation = UpSampling(rawValue: name) else {
            throw config.error("interpolation \"\(name)\" is not known here; nearest and bilinear are")
        }
        self.init((size.height, size.width), interpolation: interpolation, name: config.name)
    }
}
