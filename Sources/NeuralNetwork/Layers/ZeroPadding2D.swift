import ComputeGraph
import Tensors

/// Adds a border of zeros: (h, w, c) to (top + h + bottom, left + w + right, c). Keras's `ZeroPadding2D`. No weights.
public struct ZeroPadding2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "ZeroPadding2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Rows or columns of zeros on each side, from 0 to 1,048,576.
    public let top, bottom, left, right: Int

    /// The same number of rows above and below, and the same number of columns left and right.
    ///
    /// - Parameters:
    ///   - padding: rows and columns.
    ///   - name: unique within the model; by default `zero_padding2d`, `zero_padding2d_1`, ...
    public init(_ padding: (Int, Int) = (1, 1), name: String? = nil) {
        self.init(top: padding.0, bottom: padding.0, left: padding.1, right: padding.1, name: name)
    }

    /// - Parameters:
    ///   - top: rows of zeros above the image.
    ///   - bottom: rows of zeros below the image.
    ///   - left: columns of zeros left of the image.
    ///   - right: columns of zeros right of the image.
    ///   - name: unique within the model; by default `zero_padding2d`, `zero_padding2d_1`, ...
    public init(top: Int, bottom: Int, left: Int, right: Int, name: String? = nil) {
        self.top = top
        self.bottom = bottom
        self.left = left
        self.right = right
        self.name = name
    }

    /// One padding.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.zeroPadding2D(top: top, bottom: bottom, left: left, right: right)]
    }
    /// Keras's `padding`, a pair of pairs: ((top, bottom), (left, right)).
    public var config: [String: JSON] {
        ["padding": [JSON([top, bottom]), JSON([left, right])], "data_format": "channels_last"]
    }

    /// - Throws: ``LayerError`` for `channels_first`, or a padding that is not a number, a pair, or a pair of pairs.
    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        let sides = try config.sides("padding", default: 1)
        self.init(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3], name: config.name)
    }
}
