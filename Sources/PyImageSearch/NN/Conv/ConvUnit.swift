import ComputeGraph
import NeuralNetwork

/// A convolution with its normalization and its activation, in the order of a paper. The package's networks consist of
/// such units, and each unit is a module of kind `.convolution`.
struct ConvUnit {
    /// A layer of a unit.
    enum Part { case convolution, normalization, activation }
    /// The layers of a unit, one after the other.
    typealias Order = [Part]
    /// What follows a unit's name in the names of its layers.
    struct Suffixes {
        var convolution: String
        var normalization: String
        var activation: String
    }

    var order = Order.convBNReLU
    /// Of the activation layer. In a unit without one, the convolution applies it.
    var activation = ActivationFunction.relu
    /// Initial values of the kernel.
    var kernelInitializer = Initializer.glorotUniform
    /// Initial values of the bias. If they are above 0, no ReLU starts dead.
    var biasInitializer = Initializer.zeros
    /// Whether the convolution has a bias. Before a normalization it has no effect.
    var useBias = true
    /// The penalty on the kernel, if there is one.
    var kernelRegularizer: Regularizer?
    /// Whether the normalization has a gamma. Before a ReLU and another convolution it has no effect.
    var scale = true
    /// Added to the variance before the root is taken.
    var epsilon = 1e-3
    /// How much of the moving averages a step keeps.
    var momentum = 0.99
    var suffixes = Suffixes(convolution: "_conv", normalization: "_bn", activation: "_act")

    /// Applies a new unit. With `.same` padding and strides of 1, the image keeps its size.
    ///
    /// - Parameter name: what the names of its layers begin with; without it the model names them.
    func callAsFunction(
        _ x: KerasTensor, _ filters: Int, _ kernel: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .same,
        name: String? = nil
    ) -> KerasTensor {
        module(name ?? "\(kernel.0)x\(kernel.1)", .convolution) {
            var x = x
            for part in order {
                switch part {
                case .convolution:
                    x = Conv2D(
                        filters, kernelSize: kernel, strides: strides, padding: padding,
                        activation: order.contains(.activation) ? .linear : activation, useBias: useBias,
                        kernelInitializer: kernelInitializer, biasInitializer: biasInitializer,
                        kernelRegularizer: kernelRegularizer, name: name.map { $0 + suffixes.convolution })(x)
                case .normalization:
                    x = BatchNormalization(
                        momentum: momentum, epsilon: epsilon, scale: scale,
                        name: name.map { $0 + suffixes.normalization })(x)
                case .activation:
                    x = Activation(activation, name: name.map { $0 + suffixes.activation })(x)
                }
            }
            return x
        }
    }
}

extension ConvUnit.Order {
    /// The convolution alone, which applies the activation.
    static let conv: Self = [.convolution]
    /// CONV => RELU, of LeCun's network with ReLU.
    static let convReLU: Self = [.convolution, .activation]
    /// CONV => BN => RELU, the order of Ioffe and Szegedy (2015).
    static let convBNReLU: Self = [.convolution, .normalization, .activation]
    /// CONV => RELU => BN.
    static let convReLUBN: Self = [.convolution, .activation, .normalization]
    /// BN => RELU => CONV, the pre-activation of He et al. ("Identity mappings in deep residual networks", 2016).
    static let bnReLUConv: Self = [.normalization, .activation, .convolution]
}

extension ConvUnit.Suffixes {
    /// A convolution has the unit's name.
    static let paper = Self(convolution: "", normalization: "_bn", activation: "_relu")
}
