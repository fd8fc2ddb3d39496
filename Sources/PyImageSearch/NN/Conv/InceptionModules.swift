import ComputeGraph
import NeuralNetwork

/// The order of normalization and activation in a convolution module.
public enum ModuleOrder: String, CaseIterable, Sendable {
    /// CONV => BN => RELU, the order of Ioffe and Szegedy (2015) and of the book.
    case bnReLU = "bn_relu"
    /// CONV => RELU => BN, which the book suggests as the next experiment.
    case reluBN = "relu_bn"
}

/// The two modules of ``DeeperGoogLeNet`` and ``GoogLeNet``; every layer has the book's name.
struct InceptionModules {
    /// The factor of the L2 penalty on kernels.
    var reg: Double
    var order: ModuleOrder
    var activation: ActivationFunction

    /// A convolution, its normalization and its activation: `name_conv`, `name_bn`, `name_act`.
    func convModule(
        _ x: KerasTensor, _ filters: Int, _ kernel: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .same,
        name: String
    ) -> KerasTensor {
        let convolution = Conv2D(
            filters, kernelSize: kernel, strides: strides, padding: padding, kernelRegularizer: L2(reg),
            name: name + "_conv")
        let normalization = BatchNormalization(name: name + "_bn")
        let activation = Activation(activation, name: name + "_act")
        let x = convolution(x)
        return switch order {
        case .bnReLU: activation(normalization(x))
        case .reluBN: normalization(activation(x))
        }
    }

    /// Four branches of the same input, concatenated: 1x1; 1x1 then 3x3; 1x1 then 5x5; max pooling then 1x1.
    func inceptionModule(
        _ x: KerasTensor, _ num1x1: Int, _ num3x3Reduce: Int, _ num3x3: Int, _ num5x5Reduce: Int, _ num5x5: Int,
        _ num1x1Projection: Int, stage: String
    ) -> KerasTensor {
        let first = convModule(x, num1x1, (1, 1), name: stage + "_first")

        var second = convModule(x, num3x3Reduce, (1, 1), name: stage + "_second1")
        second = convModule(second, num3x3, (3, 3), name: stage + "_second2")

        var third = convModule(x, num5x5Reduce, (1, 1), name: stage + "_third1")
        third = convModule(third, num5x5, (5, 5), name: stage + "_third2")

        var fourth = MaxPooling2D((3, 3), strides: (1, 1), padding: .same, name: stage + "_pool")(x)
        fourth = convModule(fourth, num1x1Projection, (1, 1), name: stage + "_fourth")

        return Concatenate(name: stage + "_mixed")([first, second, third, fourth])
    }
}
