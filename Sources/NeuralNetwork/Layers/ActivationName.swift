import ComputeGraph

extension ActivationFunction {
    /// The functions that have a name in Keras; those with settings at the settings that the name stands for.
    private static let named: [(name: String, function: ActivationFunction)] = [
        ("linear", .linear), ("relu", .relu), ("sigmoid", .sigmoid), ("tanh", .tanh), ("softmax", .softmax),
        ("log_softmax", .logSoftmax), ("elu", .elu(alpha: 1)), ("selu", .selu), ("celu", .celu(alpha: 1)),
        ("relu6", .relu6), ("leaky_relu", .leakyReLU(negativeSlope: 0.2)), ("silu", .silu), ("swish", .silu),
        ("gelu", .gelu(approximate: false)), ("mish", .mish), ("softplus", .softplus), ("softsign", .softsign),
        ("exponential", .exponential), ("hard_sigmoid", .hardSigmoid(slope: keras3Slope)),
        ("hard_silu", .hardSilu), ("hard_swish", .hardSilu),
    ]

    /// The slope of a hard sigmoid in Keras 3, and in Keras 2.
    static let keras3Slope: Float = 1 / 6, keras2Slope: Float = 0.2

    /// The function of this Keras name, such as `relu` or `leaky_relu`, with the settings that Keras 3 gives it: an alpha
    /// of 1, a negative slope of 0.2; `nil` for another name.
    public init?(kerasName: String) {
        guard let known = Self.named.first(where: { $0.name == kerasName }) else { return nil }
        self = known.function
    }

    /// Keras's name of the function. Settings such as an ELU's alpha are not part of it.
    public var kerasName: String {
        if let known = Self.named.first(where: { $0.function == self }) { return known.name }
        return switch self {
        case .elu: "elu"
        case .celu: "celu"
        case .gelu: "gelu"
        case .hardSigmoid: "hard_sigmoid"
        case .rectifier(nil, _, _): "leaky_relu"
        case .rectifier: "relu"
        case .linear, .relu, .sigmoid, .tanh, .softmax, .logSoftmax, .selu, .silu, .mish, .softplus, .softsign,
            .exponential, .hardSilu:
            "\(self)"
        }
    }

    /// Whether the name alone says what the function is.
    private var isNamed: Bool {
        if case .hardSigmoid = self { return true }
        return Self.named.contains { $0.function == self }
    }

    /// The function in a layer's configuration: its name or, with other settings than the name stands for, the layer that
    /// has them.
    var kerasConfig: JSON {
        switch self {
        case _ where isNamed: .string(kerasName)
        case .elu(let alpha): ELU(alpha: Double(alpha)).kerasConfig
        case .rectifier(nil, let negativeSlope, threshold: 0):
            LeakyReLU(negativeSlope: Double(negativeSlope)).kerasConfig
        case .rectifier(let maxValue, let negativeSlope, let threshold):
            ReLU(
                maxValue: maxValue.map(Double.init), negativeSlope: Double(negativeSlope), threshold: Double(threshold)
            ).kerasConfig
        case .linear, .relu, .sigmoid, .tanh, .softmax, .logSoftmax, .selu, .celu, .silu, .gelu, .mish, .softplus,
            .softsign, .exponential, .hardSigmoid, .hardSilu:
            .string(kerasName)
        }
    }

    /// Whether ``kerasConfig`` says all: Keras has no way to write some functions with settings.
    var isWritable: Bool {
        switch self {
        case .celu, .gelu: isNamed
        default: true
        }
    }
}

extension Layer {
    /// The layer as a function that another layer applies. Keras 3 finds its class by the module.
    fileprivate var kerasConfig: JSON {
        [
            "module": "keras.layers", "class_name": .string(Self.className),
            "config": .object(config.merging(["name": .string(label)]) { $1 }), "registered_name": nil,
        ]
    }
}
