import ComputeGraph
import Tensors

/// The largest value under each position of the window. Takes (h, w, c), gives (h', w', c) (see ``Conv2D``).
public struct MaxPooling2D: Layer {
    public static let className = "MaxPooling2D"
    public let name: String?
    public let window: SlidingWindow

    /// - Parameter strides: as the pool size where not given.
    public init(_ poolSize: (Int, Int), strides: (Int, Int)? = nil, padding: Padding = .valid, name: String? = nil) {
        window = SlidingWindow(poolSize: poolSize, strides: strides, padding: padding)
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape { try window.poolingShape(inputs, label) }
    public var operations: [Operation] { [.maxPooling2D(window)] }
    public var config: [String: JSON] { window.poolingConfig }

    public init(config: LayerConfig) throws {
        window = try config.poolingWindow()
        name = config.name
    }
}

/// The mean under each position of the window, of what lies inside the image. Takes (h, w, c), gives (h', w', c).
public struct AveragePooling2D: Layer {
    public static let className = "AveragePooling2D"
    public let name: String?
    public let window: SlidingWindow

    /// - Parameter strides: as the pool size where not given.
    public init(_ poolSize: (Int, Int), strides: (Int, Int)? = nil, padding: Padding = .valid, name: String? = nil) {
        window = SlidingWindow(poolSize: poolSize, strides: strides, padding: padding)
        self.name = name
    }

    public func outputShape(for inputs: [Shape]) throws -> Shape { try window.poolingShape(inputs, label) }
    public var operations: [Operation] { [.averagePooling2D(window)] }
    public var config: [String: JSON] { window.poolingConfig }

    public init(config: LayerConfig) throws {
        window = try config.poolingWindow()
        name = config.name
    }
}

/// The mean of each channel over the whole image: (h, w, c) becomes (c).
public struct GlobalAveragePooling2D: Layer {
    public static let className = "GlobalAveragePooling2D"
    public let name: String?

    public init(name: String? = nil) { self.name = name }

    public func outputShape(for inputs: [Shape]) throws -> Shape { [try inputs.image(label)[2]] }
    public var operations: [Operation] { [.globalAveragePooling2D] }
    public var config: [String: JSON] { ["data_format": "channels_last"] }

    public init(config: LayerConfig) throws {
        try config.requireChannelsLast()
        try config.require("keepdims", isOneOf: [false], meaning: "keepdims=True")
        self.init(name: config.name)
    }
}

extension SlidingWindow {
    fileprivate init(poolSize: (Int, Int), strides: (Int, Int)?, padding: Padding) {
        let strides = strides ?? poolSize
        self.init(
            kernel: Size2D(poolSize.0, poolSize.1), strides: Size2D(strides.0, strides.1), padding: padding)
    }

    fileprivate func poolingShape(_ inputs: [Shape], _ label: String) throws -> Shape {
        let image = try inputs.image(label)
        return try outputShape(over: image, channels: image[2], layer: label)
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
