import NeuralNetwork
import Tensors

/// A network of one layer, or of a few that a backend may compute as one.
struct LayerCase: Sendable {
    let name: String
    let shape: Shape
    /// What the targets lie between.
    let targets: ClosedRange<Double>
    private let loss: Loss
    private let network: @Sendable (KerasTensor) -> KerasTensor

    private init(
        _ name: String, _ shape: Shape, loss: Loss = .meanSquaredError, targets: ClosedRange<Double> = -1...1,
        _ network: @escaping @Sendable (KerasTensor) -> KerasTensor
    ) {
        (self.name, self.shape, self.loss, self.targets, self.network) = (name, shape, loss, targets, network)
    }

    /// The network, compiled. Its loss is the squared error, which every output has, if the case names no other one.
    func model() -> Model {
        let input = Input(shape: shape)
        // So that a layer without weights, too, has a gradient to hand on. No input is 0 behind it, where slopes differ.
        let scaled = PReLU(alphaInitializer: .constant(0.7))(input)
        let model = Model(inputs: input, outputs: network(scaled))
        model.compile(loss: loss, optimizer: SGD(learningRate: 0.05, momentum: 0.9))
        return model
    }

    /// An activation, with inputs on both sides of its bends.
    private static func activation(_ name: String, _ function: ActivationFunction) -> LayerCase {
        LayerCase(name, [3, 3, 7]) { Activation(function)(Rescaling(scale: 4)($0)) }
    }

    /// Every kind of layer, with sizes that fill no block of a kernel.
    static let all = [
        LayerCase("Conv2D", [7, 8, 3]) { Conv2D(18, kernelSize: (3, 3), padding: .same)($0) },
        LayerCase("Conv2D, strides", [7, 8, 3]) { Conv2D(18, kernelSize: (3, 3), strides: (2, 2), useBias: false)($0) },
        LayerCase("Conv2D, 1x1", [6, 6, 32]) { Conv2D(16, kernelSize: (1, 1))($0) },
        LayerCase("Conv2D, groups", [7, 6, 4]) {
            Conv2D(6, kernelSize: (3, 2), padding: .same, dilationRate: (2, 1), groups: 2)($0)
        },
        LayerCase("DepthwiseConv2D", [6, 5, 4]) {
            DepthwiseConv2D(kernelSize: (3, 3), strides: (2, 2), padding: .same, depthMultiplier: 2)($0)
        },
        LayerCase("SeparableConv2D", [6, 5, 4]) { SeparableConv2D(5, kernelSize: (3, 3), depthMultiplier: 2)($0) },
        LayerCase("Dense", [7]) { Dense(5)($0) },
        LayerCase("BatchNormalization", [5, 4, 6]) { BatchNormalization()(Conv2D(6, kernelSize: (1, 1))($0)) },
        LayerCase("BatchNormalization, ReLU", [5, 4, 16]) { Activation(.relu)(BatchNormalization()($0)) },
        LayerCase("Conv2D, ReLU, BatchNormalization", [6, 6, 16]) {
            BatchNormalization()(Conv2D(16, kernelSize: (3, 3), padding: .same, activation: .relu)($0))
        },
        LayerCase("ReLU", [4, 3, 5]) { ReLU(maxValue: 0.5, negativeSlope: 0.1)($0) },
        LayerCase("ELU", [4, 3, 5]) { ELU(alpha: 0.7)($0) },
        LayerCase("sigmoid", [6]) { Activation(.sigmoid)($0) },
        LayerCase("tanh", [6]) { Activation(.tanh)($0) },
        LayerCase("softmax", [2, 2, 6]) { Activation(.softmax)($0) },
        LayerCase("SiLU", [6]) { Activation(.silu)($0) },
        activation("SELU", .selu),
        activation("CELU", .celu(alpha: 0.7)),
        activation("GELU", .gelu(approximate: false)),
        activation("GELU, approximate", .gelu(approximate: true)),
        activation("mish", .mish),
        activation("softplus", .softplus),
        activation("softsign", .softsign),
        LayerCase("exponential", [3, 3, 7]) { Activation(.exponential)($0) },
        activation("hard sigmoid", .hardSigmoid(slope: 0.2)),
        activation("hard SiLU", .hardSilu),
        activation("log-softmax", .logSoftmax),
        LayerCase("MaxPooling2D", [6, 7, 4]) { MaxPooling2D((3, 3), strides: (2, 2), padding: .same)($0) },
        LayerCase("AveragePooling2D", [6, 7, 4]) { AveragePooling2D((3, 3), strides: (2, 2), padding: .same)($0) },
        LayerCase("GlobalAveragePooling2D", [6, 7, 4]) { GlobalAveragePooling2D()($0) },
        LayerCase("GlobalMaxPooling2D", [3, 4, 3]) { GlobalMaxPooling2D()(Conv2D(5, kernelSize: (1, 1))($0)) },
        LayerCase("LocalResponseNormalization", [3, 3, 9]) {
            LocalResponseNormalization(depthRadius: 2, bias: 1, alpha: 0.5, beta: 0.75)($0)
        },
        LayerCase("Normalization", [3, 4, 2]) { Normalization(.init(mean: [0.25, 1], variance: [4, 0.5]))($0) },
        LayerCase("Rescaling", [3, 4, 2]) { Rescaling(scale: 0.5, offset: 1)($0) },
        LayerCase("Concatenate", [4, 4, 6]) {
            Concatenate()([Conv2D(16, kernelSize: (1, 1))($0), $0, Conv2D(5, kernelSize: (1, 1))($0)])
        },
        LayerCase("Add", [4, 4, 6]) { Add()([Activation(.tanh)($0), $0]) },
        LayerCase("Multiply", [4, 4, 6]) { Multiply()([$0, Dense(6)(GlobalAveragePooling2D(keepdims: true)($0))]) },
        LayerCase("Maximum", [4, 4, 6]) { Maximum()([$0, Dense(6)($0)]) },
        LayerCase("Minimum", [4, 4, 6]) { Minimum()([$0, Dense(6)($0)]) },
        LayerCase("ZeroPadding2D", [3, 4, 5]) { ZeroPadding2D(top: 1, bottom: 2, left: 0, right: 3)($0) },
        LayerCase("Cropping2D", [5, 6, 3]) { Cropping2D(top: 1, bottom: 0, left: 2, right: 1)($0) },
        LayerCase("UpSampling2D", [3, 4, 2]) { UpSampling2D((2, 3))($0) },
        LayerCase("UpSampling2D, bilinear", [3, 4, 2]) { UpSampling2D((2, 2), interpolation: .bilinear)($0) },
        LayerCase("Dropout", [4, 4, 6]) { Dropout(0.4)($0) },
        LayerCase("Flatten", [3, 4, 5]) { Dense(3)(Flatten()($0)) },
        LayerCase("Reshape", [3, 4, 5]) { Dense(3)(Reshape([4, 15])($0)) },
        LayerCase("L1 and L2 penalties", [3, 4, 5]) {
            Dense(7, kernelRegularizer: L1L2(l1: 0.02, l2: 0.05), biasRegularizer: L2(0.05))(
                Conv2D(6, kernelSize: (2, 2), kernelRegularizer: L1(0.02), activityRegularizer: L2(0.01))($0))
        },
        LayerCase("binary cross-entropy", [7], loss: .binaryCrossentropy, targets: 0...1) {
            Activation(.sigmoid)(Dense(5)($0))
        },
        LayerCase("categorical cross-entropy", [7], loss: .categoricalCrossentropy, targets: 0...1) {
            Activation(.softmax)(Dense(5)($0))
        },
    ]
}
