import ComputeGraph
import Tensors

/// The largest value in each position of a window. Keras's `MaxPooling2D`. No weights.
///
/// Takes (h, w, c), returns (h', w', c), with h' and w' as for ``Conv2D``. Padding never wins. If several values are
/// largest, the gradient goes to the first, row by row.
public struct MaxPooling2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "MaxPooling2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Size of the window, strides and padding.
    public let window: SlidingWindow

    /// - Parameters:
    ///   - poolSize: height and width of the window, at least 1.
    ///   - strides: steps of the window down and to the right; the pool size by default.
    ///   - padding: `.valid` keeps the window inside the image, `.same` pads it.
    ///   - name: unique within the model; by default `max_pooling2d`, `max_pooling2d_1`, ...
    public init(_ poolSize: (Int, Int), strides: (Int, Int)? = nil, padding: Padding = .valid, name: String? = nil) {
        window = SlidingWindow(poolSize: poolSize, strides: strides, padding: padding)
        self.name = name
    }

    /// One pooling.
    public func operations(for inputs: [Shape]) -> [Operation] { [.maxPooling2D(window)] }
    /// Keras's `get_config`.
    public var config: [String: JSON] { window.poolingConfig }

    /// - Throws: ``LayerError`` for `channels_first`, or sizes that are not positive.
    public init(config: LayerConfig) throws {
        window = try config.poolingWindow()
        name = config.name
    }
}

/// The mean of the values in each position of a window. Keras's `AveragePooling2D`. No weights.
///
/// Takes (h, w, c), returns (h', w', c), with h' and w' as for ``Conv2D``. Padding does not count in the mean.
public struct AveragePooling2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "AveragePooling2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Size of the window, strides and padding.
    public let window: SlidingWindow

    /// - Parameters:
    ///   - poolSize: height and width of the window, at least 1.
    ///   - strides: steps of the window down and to the right; the pool size by default.
    ///   - padding: `.valid` keeps the window inside the image, `.same` pads it.
    ///   - name: unique within the model; by default `average_pooling2d`, `average_pooling2d_1`, ...
    public init(_ poolSize: (Int, Int), strides: (Int, Int)? = nil, padding: Padding = .valid, name: String? = nil) {
        window = SlidingWindow(poolSize: poolSize, strides: strides, padding: padding)
        self.name = name
    }

    /// One pooling.
    public func operations(for inputs: [Shape]) -> [Operation] { [.averagePooling2D(window)] }
    /// Keras's `get_config`.
    public var config: [String: JSON] { window.poolingConfig }

    /// - Throws: ``LayerError`` for `channels_first`, or sizes that are not positive.
    public init(config: LayerConfig) throws {
        window = try config.poolingWindow()
        name = config.name
    }
}

/// The mean of each channel over the whole image: (h, w, c) to (c), or to (1, 1, c). Keras's `GlobalAveragePooling2D`.
/// No weights.
public struct GlobalAveragePooling2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "GlobalAveragePooling2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Whether height and width stay, as 1.
    public let keepdims: Bool

    /// - Parameters:
    ///   - keepdims: whether height and width stay, as 1.
    ///   - name: unique within the model; by default `global_average_pooling2d`, ...
    public init(keepdims: Bool = false, name: String? = nil) {
        self.keepdims = keepdims
        self.name = name
    }

    /// One mean over height and width.
    ///
    /// - Throws: ``LayerError`` if the input is not an image.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        [.globalAveragePooling2D] + (keepdims ? [.reshape([1, 1, try inputs.image(label)[2]])] : [])
    }
    /// Keras's `get_config`.
    public var config: [String: JSON] { ["data_format": "channels_last", "keepdims": .bool(keepdims)] }

    /// - Throws: ``LayerError`` for `channels_first`.
    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        self.init(keepdims: try config.flag("keepdims", default: false), name: config.name)
    }
}

/// The maximum of each channel over the whole image: (h, w, c) to (c), or to (1, 1, c). Keras's `GlobalMaxPooling2D`.
/// No weights. Equal maxima share the gradient.
public struct GlobalMaxPooling2D: Layer {
    /// The class's name in Keras's files.
    public static let className = "GlobalMaxPooling2D"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// Whether height and width stay, as 1.
    public let keepdims: Bool

    /// - Parameters:
    ///   - keepdims: whether height and width stay, as 1.
    ///   - name: unique within the model; by default `global_max_pooling2d`, ...
    public init(keepdims: Bool = false, name: String? = nil) {
        self.keepdims = keepdims
        self.name = name
    }

    /// One maximum over height and width.
    ///
    /// - Throws: ``LayerError`` if the input is not an image.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        [.globalMaxPooling2D] + (keepdims ? [.reshape([1, 1, try inputs.image(label)[2]])] : [])
    }
    /// Keras's `get_config`.
    public var config: [String: JSON] { ["data_format": "channels_last", "keepdims": .bool(keepdims)] }

    /// - Throws: ``LayerError`` for `channels_first`.
    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        self.init(keepdims: try config.flag("keepdims", default: false), name: config.name)
    }
}

extension SlidingWindow {
    fileprivate init(poolSize: (Int, Int), strides: (Int, Int)?, padding: Padding) {
        let strides = strides ?? poolSize
        self.init(
            kernel: Size2D(poolSize.0, poolSize.1), strides: Size2D(strides.0, strides.1), padding: padding)
    }

    fileprivate var poolingConfig: [String: JSON] {
        [
            "pool_size": kernel.json, "strides": strides.json, "padding": .string(padding.rawValue),
            "data_format": "channels_last",
        ]
    }
}

extension LayerConfig {
    fileprivate func poolingWindow() throws -> SlidingWindow {
        try requireChannelsLast()
        let poolSize = try size("pool_size", default: Size2D(2, 2))
        return SlidingWindow(
            kernel: poolSize, strides: try size("strides", default: poolSize), padding: try padding())
    }
}
