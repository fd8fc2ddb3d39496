import ComputeGraph
import NeuralNetwork

/// GoogLeNet with all nine inception modules of Szegedy et al. (2015), table 1, for images of 64x64 pixels, as the
/// document "GoogLeNet from scratch" builds it: ``DeeperGoogLeNet`` with the modules 5a and 5b.
///
/// For 64x64x3 and 200 classes it has 6,203,064 parameters.
public enum GoogLeNet {
    /// Builds the network: input `[height, width, depth]`, output `softmax`, `[classes]`.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels; at least 49, or the last pooling does not fit.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    ///   - reg: the factor of the L2 penalty on every kernel.
    ///   - order: normalize before or after the activation.
    ///   - activation: of every convolution.
    ///   - dropout: the fraction of features that training drops before the classifier.
    public static func build(
        width: Int, height: Int, depth: Int, classes: Int, reg: Double = 0.0005, order: ModuleOrder = .bnReLU,
        activation: ActivationFunction = .relu, dropout: Double = 0.4
    ) -> Model {
        DeeperGoogLeNet.build(
            width: width, height: height, depth: depth, classes: classes, reg: reg, order: order,
            activation: activation, modules: .nine, dropout: dropout)
    }
}
