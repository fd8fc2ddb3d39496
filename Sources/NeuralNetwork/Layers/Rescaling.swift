import ComputeGraph
import Tensors

/// `scale * x + offset`, with constants. Keras's `Rescaling`.
///
/// Takes any shape and keeps it. No weights.
public struct Rescaling: Layer {
    /// The class's name in Keras's files.
    public static let className = "Rescaling"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// What is multiplied with, and what is added: one number, or one for each channel.
    public let scale, offset: [Double]

    /// - Parameters:
    ///   - scale: is multiplied with all channels.
    ///   - offset: is added to all channels.
    ///   - name: unique within the model; by default `rescaling`, `rescaling_1`, ...
    public init(scale: Double, offset: Double = 0, name: String? = nil) {
        self.init(scale: [scale], offset: [offset], name: name)
    }

    /// - Parameters:
    ///   - scale: one number for each channel.
    ///   - offset: one number for each channel, or one for all.
    ///   - name: unique within the model; by default `rescaling`, `rescaling_1`, ...
    public init(scale: [Double], offset: [Double] = [0], name: String? = nil) {
        self.scale = scale
        self.offset = offset
        self.name = name
    }

    /// One scaling.
    public func operations(for inputs: [Shape]) -> [Operation] {
        [.rescale(ScalingSettings(scale: scale.map(Float.init), offset: offset.map(Float.init)))]
    }
    /// Keras's `get_config`.
    public var config: [String: JSON] { ["scale": JSON(oneOrMore: scale), "offset": JSON(oneOrMore: offset)] }

    /// - Throws: ``LayerError`` for settings that are not numbers or lists of numbers.
    public init(config: LayerConfig) throws {
        guard let scale = try config.numbers("scale") else { throw config.error("\"scale\" is missing") }
        self.init(scale: scale, offset: try config.numbers("offset") ?? [0], name: config.name)
    }
}

extension JSON {
    /// One number, or a list of several.
    init(oneOrMore numbers: [Double]) {
        self = numbers.count == 1 ? .number(numbers[0]) : .array(numbers.map(JSON.number))
    }
}
