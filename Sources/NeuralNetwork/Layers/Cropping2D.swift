import ComputeGraph
import Tensors

/// Removes rows and columns at the border of the image: (h, w, c) to (h - top - bottom, w - left - right, c). Keras's
/// `Cropping2D`. No weights.
public struct Cropping2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "Cropping2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Numbers of rows and columns.
    public let top, bottom, left, right: Int

    /// - Parameters:
    ///   - top: rows that are removed above.
    ///   - bottom: rows that are removed below.
    ///   - left: columns that are removed at the left.
    ///   - right: columns that are removed at the right.
    ///   - name: unique within the model; by default `cropping2d`, `cropping2d_1`, ...
    public init(top: Int, bottom: Int, left: Int, right: Int, name: String? = nil) {
        self.top = top
        self.bottom = bottom
        self.left = left
        self.right = right
        self.name = name
    }

    /// One cropping.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.cropping2D(top: top, bottom: bottom, left: left, right: right)]
    }
    /// Keras's `cropping`, a pair of pairs: ((top, bottom), (left, right)).
    public var config: [String: JSON] {
        ["cropping": [JSON([top, bottom]), JSON([left, right])], "data_format": "channels_last"]
    }

    /// - Throws: ``LayerError`` for `channels_first`, or a cropping that is not a number, a pair, or a pair of pairs.
    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        let sides = try config.sides("cropping", default: 0)
        self.init(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3], name: config.name)
    }
}
