import Foundation
import Tensors

/// The initial values of a weight: Keras's `keras.initializers`.
///
/// For a kernel of shape `[..., in, out]`, fan-in is the product of all dimensions except the last, and fan-out the
/// product of all except the last but one.
public enum Initializer: Sendable, Equatable {
    /// Every element 0, or every element 1.
    case zeros, ones
    /// Every element this number.
    case constant(Double)
    /// Uniform between plus and minus `sqrt(6 / (fanIn + fanOut))` (Glorot and Bengio, 2010). Keras's default for
    /// kernels.
    case glorotUniform
    /// Normal with variance `2 / (fanIn + fanOut)`, cut off at two standard deviations.
    case glorotNormal
    /// Uniform between plus and minus `sqrt(6 / fanIn)` (He et al., 2015).
    case heUniform
    /// Normal with variance `2 / fanIn`, cut off at two standard deviations.
    case heNormal

    /// A tensor of initial values. Element i is a function of the stream and i alone.
    ///
    /// - Parameters:
    ///   - shape: of the weight.
    ///   - stream: the random numbers of this weight; constants use none.
    public func callAsFunction(shape: Shape, stream: RandomStream) -> Tensor {
        let receptiveField = shape.dimensions.dropLast(2).reduce(1, *)
        let fanOut = (shape.dimensions.last ?? 1) * receptiveField
        let fanIn = (shape.rank > 1 ? shape[shape.rank - 2] : shape.dimensions.last ?? 1) * receptiveField
        func uniform(variance: Double) -> Tensor {
            let limit = (3 * variance).squareRoot()
            return Tensor(
                shape: shape, scalars: (0..<shape.count).map { Float(stream.uniform($0, in: -limit...limit)) })
        }
        func normal(variance: Double) -> Tensor {
            // Truncation at two standard deviations shrinks the spread by this factor; Keras corrects for it, and so do we.
            let deviation = variance.squareRoot() / 0.87962566103423978
            return Tensor(
                shape: shape,
                scalars: (0..<shape.count).map { Float(deviation * Self.truncatedNormal(element: $0, stream)) })
        }
        switch self {
        case .zeros: return Tensor(repeating: 0, shape: shape)
        case .ones: return Tensor(repeating: 1, shape: shape)
        case .constant(let value): return Tensor(repeating: Float(value), shape: shape)
        case .glorotUniform: return uniform(variance: 2 / Double(fanIn + fanOut))
        case .glorotNormal: return normal(variance: 2 / Double(fanIn + fanOut))
        case .heUniform: return uniform(variance: 2 / Double(fanIn))
        case .heNormal: return normal(variance: 2 / Double(fanIn))
        }
    }

    /// A standard normal number within two standard deviations, by Box and Muller's transform. About one attempt in
    /// twenty falls outside and is repeated: each element has 64 attempts, two random words each.
    private static func truncatedNormal(element: Int, _ stream: RandomStream) -> Double {
        for attempt in 0..<64 {
            let words = stream.words(block: element * 64 + attempt)
            let radius = (-2 * log((Double(words.x) + 1) * 0x1p-32)).squareRoot()
            let value = radius * cos(2 * .pi * Double(words.y) * 0x1p-32)
            if abs(value) <= 2 { return value }
        }
        return 0
    }
}

extension Initializer {
    /// From Keras's configuration, a class with its config or a plain name such as `glorot_uniform`.
    init?(kerasConfig json: JSON) {
        switch json["class_name"]?.string ?? json.string {
        case "Zeros", "zeros": self = .zeros
        case "Ones", "ones": self = .ones
        case "Constant", "constant":
            let value = json["config"]?["value"] ?? 0
            guard let number = value.number, LayerConfig.singles.contains(number) else { return nil }
            self = .constant(number)
        case "GlorotUniform", "glorot_uniform": self = .glorotUniform
        case "GlorotNormal", "glorot_normal": self = .glorotNormal
        case "HeUniform", "he_uniform": self = .heUniform
        case "HeNormal", "he_normal": self = .heNormal
        case "VarianceScaling":
            // Keras 2.2 writes the initializers of Glorot and He as a VarianceScaling.
            let config = json["config"]
            switch (config?["mode"]?.string, config?["distribution"]?.string, config?["scale"]?.number) {
            case ("fan_avg", "uniform", 1): self = .glorotUniform
            case ("fan_avg", "normal", 1), ("fan_avg", "truncated_normal", 1): self = .glorotNormal
            case ("fan_in", "uniform", 2): self = .heUniform
            case ("fan_in", "normal", 2), ("fan_in", "truncated_normal", 2): self = .heNormal
            default: return nil
            }
        default: return nil
        }
    }

    var kerasConfig: JSON {
        switch self {
        case .zeros: ["class_name": "Zeros", "config": [:]]
        case .ones: ["class_name": "Ones", "config": [:]]
        case .constant(let value): ["class_name": "Constant", "config": ["value": .number(value)]]
        case .glorotUniform: ["class_name": "GlorotUniform", "config": ["seed": nil]]
        case .glorotNormal: ["class_name": "GlorotNormal", "config": ["seed": nil]]
        case .heUniform: ["class_name": "HeUniform", "config": ["seed": nil]]
        case .heNormal: ["class_name": "HeNormal", "config": ["seed": nil]]
        }
    }
}
