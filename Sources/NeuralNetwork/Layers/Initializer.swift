import Foundation
import Tensors

/// The initial values of a weight: Keras's `keras.initializers`.
///
/// For a kernel of shape `[..., in, out]`, fan-in is the product of all dimensions except the last, and fan-out the
/// product of all except the last but one. A number of random values "cut off" has none beyond two standard deviations.
public enum Initializer: Sendable, Equatable {
    /// Every element 0, or every element 1.
    case zeros, ones
    /// Every element this number.
    case constant(Double)
    /// Uniform between plus and minus `sqrt(6 / (fanIn + fanOut))` (Glorot and Bengio, 2010). Keras's default for
    /// kernels.
    case glorotUniform
    /// Normal with variance `2 / (fanIn + fanOut)`, cut off.
    case glorotNormal
    /// Uniform between plus and minus `sqrt(6 / fanIn)` (He et al., 2015).
    case heUniform
    /// Normal with variance `2 / fanIn`, cut off.
    case heNormal
    /// Uniform between plus and minus `sqrt(3 / fanIn)` (LeCun et al., 1998).
    case lecunUniform
    /// Normal with variance `1 / fanIn`, cut off.
    case lecunNormal
    /// With variance `scale / fan`.
    case varianceScaling(scale: Double, fan: Fan, distribution: Distribution)
    /// Normal.
    case randomNormal(mean: Double, stddev: Double)
    /// Normal and cut off, which makes the deviation smaller than the one given: 0.88 of it.
    case truncatedNormal(mean: Double, stddev: Double)
    /// Uniform.
    case randomUniform(minval: Double, maxval: Double)
    /// Columns, or rows if there are fewer of them, that are orthogonal and have the length `gain`; all dimensions except
    /// the last count as rows (Saxe et al., 2014).
    case orthogonal(gain: Double)

    /// The number that ``varianceScaling(scale:fan:distribution:)`` divides by: Keras's `mode`.
    public enum Fan: String, Sendable {
        /// The number of inputs of a unit.
        case inputs = "fan_in"
        /// The number of units that an input has.
        case outputs = "fan_out"
        /// The mean of both.
        case average = "fan_avg"
    }

    /// The random numbers of ``varianceScaling(scale:fan:distribution:)``.
    public enum Distribution: String, Sendable {
        /// Between two limits.
        case uniform
        /// Normal, cut off.
        case truncatedNormal = "truncated_normal"
        /// Normal.
        case untruncatedNormal = "untruncated_normal"
    }

    /// A tensor of initial values. Element i is a function of the stream and i alone; only an orthogonal matrix is a whole.
    ///
    /// - Parameters:
    ///   - shape: of the weight.
    ///   - stream: the random numbers of this weight; constants use none.
    public func callAsFunction(shape: Shape, stream: RandomStream) -> Tensor {
        func tensor(_ value: (_ element: Int) -> Double) -> Tensor {
            Tensor(shape: shape, scalars: (0..<shape.count).map { Float(value($0)) })
        }
        switch self {
        case .zeros: return Tensor(repeating: 0, shape: shape)
        case .ones: return Tensor(repeating: 1, shape: shape)
        case .constant(let value): return Tensor(repeating: Float(value), shape: shape)
        case .glorotUniform, .glorotNormal, .heUniform, .heNormal, .lecunUniform, .lecunNormal, .varianceScaling:
            let (scale, fan, distribution) = scaling
            let variance = scale / fan.count(in: shape)
            switch distribution {
            case .uniform:
                let limit = (3 * variance).squareRoot()
                return tensor { stream.uniform($0, in: -limit...limit) }
            case .truncatedNormal:
                // Cutting off shrinks the spread by this factor; Keras corrects for it, and so do we.
                let deviation = variance.squareRoot() / 0.87962566103423978
                return tensor { deviation * stream.normal($0, isCutOff: true) }
            case .untruncatedNormal:
                return tensor { variance.squareRoot() * stream.normal($0, isCutOff: false) }
            }
        case .randomNormal(let mean, let deviation):
            return tensor { mean + deviation * stream.normal($0, isCutOff: false) }
        case .truncatedNormal(let mean, let deviation):
            return tensor { mean + deviation * stream.normal($0, isCutOff: true) }
        case .randomUniform(let low, let high):
            return tensor { stream.uniform($0, in: low...high) }
        case .orthogonal(let gain):
            let columns = shape.dimensions.last ?? 1
            let matrix = orthogonalMatrix(rows: shape.count / columns, columns: columns, stream)
            return tensor { gain * matrix[$0] }
        }
    }

    /// What the initializers of Glorot, He and LeCun stand for.
    private var scaling: (scale: Double, fan: Fan, distribution: Distribution) {
        switch self {
        case .glorotUniform: (1, .average, .uniform)
        case .glorotNormal: (1, .average, .truncatedNormal)
        case .heUniform: (2, .inputs, .uniform)
        case .heNormal: (2, .inputs, .truncatedNormal)
        case .lecunUniform: (1, .inputs, .uniform)
        case .lecunNormal: (1, .inputs, .truncatedNormal)
        case .varianceScaling(let scale, let fan, let distribution): (scale, fan, distribution)
        case .zeros, .ones, .constant, .randomNormal, .truncatedNormal, .randomUniform, .orthogonal:
            (0, .inputs, .uniform)
        }
    }
}

extension Initializer.Fan {
    fileprivate func count(in shape: Shape) -> Double {
        let receptiveField = shape.dimensions.dropLast(2).reduce(1, *)
        let outputs = (shape.dimensions.last ?? 1) * receptiveField
        let inputs = (shape.rank > 1 ? shape[shape.rank - 2] : shape.dimensions.last ?? 1) * receptiveField
        return switch self {
        case .inputs: Double(inputs)
        case .outputs: Double(outputs)
        case .average: Double(inputs + outputs) / 2
        }
    }
}

extension RandomStream {
    /// A standard normal number, by Box and Muller's transform. Each element has 64 attempts of two random words each:
    /// about one attempt in twenty is beyond two standard deviations, and is repeated if the distribution is cut off.
    fileprivate func normal(_ element: Int, isCutOff: Bool) -> Double {
        for attempt in 0..<64 {
            let words = words(block: element * 64 + attempt)
            let radius = (-2 * log((Double(words.x) + 1) * 0x1p-32)).squareRoot()
            let value = radius * cos(2 * .pi * Double(words.y) * 0x1p-32)
            if !isCutOff || abs(value) <= 2 { return value }
        }
        return 0
    }
}

/// A matrix, row by row, whose shorter side's vectors are orthogonal and have the length 1: those of normal numbers, each
/// minus its parts along the ones before it (Gram and Schmidt).
private func orthogonalMatrix(rows: Int, columns: Int, _ stream: RandomStream) -> [Double] {
    let (count, length) = (min(rows, columns), max(rows, columns))
    var vectors = (0..<count * length).map { stream.normal($0, isCutOff: false) }
    vectors.withUnsafeMutableBufferPointer { vectors in
        func product(_ a: Int, _ b: Int) -> Double {
            (0..<length).reduce(0) { $0 + vectors[a * length + $1] * vectors[b * length + $1] }
        }
        for k in 0..<count {
            // The second pass removes what rounding has left of the first.
            for _ in 0..<2 {
                for other in 0..<k {
                    let part = product(k, other)
                    for i in 0..<length { vectors[k * length + i] -= part * vectors[other * length + i] }
                }
                let norm = product(k, k).squareRoot()
                for i in 0..<length { vectors[k * length + i] /= norm }
            }
        }
    }
    guard columns < rows else { return vectors }
    return (0..<rows * columns).map { vectors[$0 % columns * length + $0 / columns] }
}

extension Initializer {
    /// From Keras's configuration, a class with its config or a plain name such as `glorot_uniform`; `nil` for one that
    /// is not known here, or settings that cannot be.
    init?(kerasConfig json: JSON) {
        let config = json["config"]
        /// A setting that 32 bits hold; `nil` if it is something else.
        func number(_ key: String, default fallback: Double) -> Double? {
            guard let entry = config?[key] else { return fallback }
            return entry.number.flatMap { LayerConfig.singles.contains($0) ? $0 : nil }
        }
        switch json["class_name"]?.string ?? json.string {
        case "Zeros", "zeros": self = .zeros
        case "Ones", "ones": self = .ones
        case "Constant", "constant":
            guard let value = number("value", default: 0) else { return nil }
            self = .constant(value)
        case "GlorotUniform", "glorot_uniform": self = .glorotUniform
        case "GlorotNormal", "glorot_normal": self = .glorotNormal
        case "HeUniform", "he_uniform": self = .heUniform
        case "HeNormal", "he_normal": self = .heNormal
        case "LecunUniform", "lecun_uniform": self = .lecunUniform
        case "LecunNormal", "lecun_normal": self = .lecunNormal
        case "VarianceScaling", "variance_scaling":
            // Keras 2.1 wrote a normal distribution that is cut off without saying so.
            let name = config?["distribution"]?.string ?? Distribution.truncatedNormal.rawValue
            guard let scale = number("scale", default: 1), scale > 0,
                let fan = Fan(rawValue: config?["mode"]?.string ?? Fan.inputs.rawValue),
                let distribution = name == "normal" ? .truncatedNormal : Distribution(rawValue: name)
            else { return nil }
            // Keras 2.2 writes the initializers of Glorot, He and LeCun like this.
            let known: [Initializer] = [
                .glorotUniform, .glorotNormal, .heUniform, .heNormal, .lecunUniform, .lecunNormal,
            ]
            self =
                known.first { $0.scaling == (scale, fan, distribution) }
                ?? .varianceScaling(scale: scale, fan: fan, distribution: distribution)
        case "RandomNormal", "random_normal", "normal":
            guard let mean = number("mean", default: 0), let deviation = number("stddev", default: 0.05),
                deviation >= 0
            else { return nil }
            self = .randomNormal(mean: mean, stddev: deviation)
        case "TruncatedNormal", "truncated_normal":
            guard let mean = number("mean", default: 0), let deviation = number("stddev", default: 0.05),
                deviation >= 0
            else { return nil }
            self = .truncatedNormal(mean: mean, stddev: deviation)
        case "RandomUniform", "random_uniform", "uniform":
            guard let low = number("minval", default: -0.05), let high = number("maxval", default: 0.05), low <= high
            else { return nil }
            self = .randomUniform(minval: low, maxval: high)
        case "Orthogonal", "OrthogonalInitializer", "orthogonal":
            guard let gain = number("gain", default: 1) else { return nil }
            self = .orthogonal(gain: gain)
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
        case .lecunUniform: ["class_name": "LecunUniform", "config": ["seed": nil]]
        case .lecunNormal: ["class_name": "LecunNormal", "config": ["seed": nil]]
        case .varianceScaling(let scale, let fan, let distribution):
            [
                "class_name": "VarianceScaling",
                "config": [
                    "scale": .number(scale), "mode": .string(fan.rawValue),
                    "distribution": .string(distribution.rawValue), "seed": nil,
                ],
            ]
        case .randomNormal(let mean, let deviation):
            [
                "class_name": "RandomNormal",
                "config": ["mean": .number(mean), "stddev": .number(deviation), "seed": nil],
            ]
        case .truncatedNormal(let mean, let deviation):
            [
                "class_name": "TruncatedNormal",
                "config": ["mean": .number(mean), "stddev": .number(deviation), "seed": nil],
            ]
        case .randomUniform(let low, let high):
            [
                "class_name": "RandomUniform",
                "config": ["minval": .number(low), "maxval": .number(high), "seed": nil],
            ]
        case .orthogonal(let gain): ["class_name": "Orthogonal", "config": ["gain": .number(gain), "seed": nil]]
        }
    }
}
