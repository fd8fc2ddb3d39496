import ComputeGraph
import Tensors

/// Shifts and scales each channel by a known mean and variance: `(x - mean) / max(sqrt(variance), 1e-7)`. Keras's
/// `Normalization`, of the last axis or of all elements at once.
///
/// Takes any shape and keeps it. Either mean and variance are constants, or they are weights, which Keras measures by
/// `adapt` and files bring: mean and variance `[channels]`, and their count, a number that nothing reads. Training does
/// not change them.
public struct Normalization: Layer {
    /// The class's name in Keras's files.
    public static let className = "Normalization"
    /// The layer's name within its model; `nil` lets the model number it.
    public let name: String?
    /// Identifies the layer in all its calls.
    public let identity = LayerIdentity()
    /// The constants, one number for all channels or one for each; `nil` if they are weights.
    public let constants: Constants?
    /// Whether the inverse is computed: `x * max(sqrt(variance), 1e-7) + mean`.
    public let invert: Bool
    /// The axis as the file gives it, counted with the batch; `nil` if all channels share the constants.
    private let axis: Int?

    /// A known mean and variance.
    public struct Constants: Sendable, Equatable {
        /// One number for all channels, or one for each.
        public let mean, variance: [Double]

        /// - Parameters:
        ///   - mean: one number for all channels, or one for each.
        ///   - variance: the same; 0 or more.
        public init(mean: [Double], variance: [Double]) {
            self.mean = mean
            self.variance = variance
        }
    }

    /// - Parameters:
    ///   - constants: mean and variance; `nil` for weights.
    ///   - invert: whether the inverse is computed.
    ///   - name: unique within the model; by default `normalization`, `normalization_1`, ...
    public init(_ constants: Constants? = nil, invert: Bool = false, name: String? = nil) {
        self.constants = constants
        self.invert = invert
        self.name = name
        axis = -1
    }

    /// mean, variance and count, which are not trainable; none with constants.
    public var weights: [WeightDescription] {
        guard constants == nil else { return [] }
        return [
            WeightDescription(name: "mean", initializer: .zeros, isTrainable: false),
            WeightDescription(name: "variance", initializer: .ones, isTrainable: false),
            WeightDescription(name: "count", initializer: .zeros, isTrainable: false),
        ]
    }

    /// One operation, or two scalings by the constants.
    ///
    /// - Throws: ``LayerError`` if a file asks for another axis, or a variance is negative.
    public func operations(for inputs: [Shape]) throws -> [Operation] {
        if let shape = inputs.first, let axis { try checkLastAxis(axis, of: shape, label) }
        guard let constants else { return [.normalize(invert: invert)] }
        guard constants.variance.allSatisfy({ $0 >= 0 }) else { throw LayerError("\(label): a variance is negative") }
        let deviation = constants.variance.map { max(Float($0).squareRoot(), 1e-7) }
        let mean = constants.mean.map(Float.init)
        if invert { return [.rescale(ScalingSettings(scale: deviation, offset: mean))] }
        // The mean comes first, so that one much larger than the deviation costs no digits.
        return [
            .rescale(ScalingSettings(scale: [1], offset: mean.map { -$0 })),
            .rescale(ScalingSettings(scale: deviation.map { 1 / $0 })),
        ]
    }

    /// Keras's `get_config`.
    public var config: [String: JSON] {
        [
            "axis": axis == nil ? [] : [-1], "invert": .bool(invert),
            "mean": constants.map { JSON(oneOrMore: $0.mean) } ?? .null,
            "variance": constants.map { JSON(oneOrMore: $0.variance) } ?? .null,
        ]
    }

    /// - Throws: ``LayerError`` for another axis than the last one, or settings that are not numbers.
    public init(config: LayerConfig) throws {
        switch (try config.numbers("mean"), try config.numbers("variance")) {
        case (let mean?, let variance?): constants = Constants(mean: mean, variance: variance)
        case (nil, nil): constants = nil
        default: throw config.error("it has a \"mean\" or a \"variance\", but not both")
        }
        let hasNoAxis = config.entries["axis"]?.array?.isEmpty ?? false
        guard !hasNoAxis || constants != nil else {
            throw config.error("axis=None is supported only where mean and variance are constants")
        }
        axis = hasNoAxis ? nil : try config.axis()
        invert = try config.flag("invert", default: false)
        name = config.name
    }
}
