import NeuralNetwork
import Tensors

/// MiniGoogLeNet, the Inception network for small images of Zhang et al. ("Understanding deep learning requires
/// rethinking generalization", 2017, figure 3), as chapter 11 of the book builds it.
///
/// Departures from the first GoogLeNet (Szegedy et al., 2015): an inception module has two branches, 1x1 and 3x3;
/// downsample modules replace the pooling between stages; every convolution is batch-normalized. For 32x32x3 and 10
/// classes it has 1,656,250 parameters.
public enum MiniGoogLeNet {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 32 in the book; at least 31, because the network ends in a 7x7 average
    ///     pooling.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    ///   - reg: the factor of an L2 penalty on the kernels; 0 for none, as in the book.
    ///   - kernelInitializer: initial values of every kernel.
    ///   - dropout: the fraction of features that training drops before the classifier.
    public static func build(
        width: Int, height: Int, depth: Int, classes: Int, reg: Double = 0,
        kernelInitializer: Initializer = .glorotUniform, dropout: Double = 0.5
    ) -> Model {
        let kernelRegularizer = reg > 0 ? L2(reg) : nil
        let conv = ConvUnit(kernelInitializer: kernelInitializer, kernelRegularizer: kernelRegularizer)

        /// A 1x1 and a 3x3 convolution of the same input, concatenated.
        func inception(_ x: KerasTensor, _ name: String, _ filters1x1: Int, _ filters3x3: Int) -> KerasTensor {
            module(name, .inception) { Concatenate()([conv(x, filters1x1, (1, 1)), conv(x, filters3x3, (3, 3))]) }
        }

        /// Halves height and width: a 3x3 convolution and a 3x3 max pooling, both with strides of 2, concatenated.
        func downsample(_ x: KerasTensor, _ name: String, _ filters: Int) -> KerasTensor {
            module(name, .downsample) {
                let conv3x3 = conv(x, filters, (3, 3), strides: (2, 2), padding: .valid)
                return Concatenate()([conv3x3, MaxPooling2D((3, 3), strides: (2, 2))(x)])
            }
        }

        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 96, (3, 3))  // 32x32x96

        // Filters: 1x1, 3x3. A name has the number of the stage; a stage begins where the image shrinks.
        x = inception(x, "1a", 32, 32)  // 32x32x64
        x = inception(x, "1b", 32, 48)  // 32x32x80

        x = downsample(x, "2a", 80)  // 15x15x160
        x = inception(x, "2b", 112, 48)  // 15x15x160
        x = inception(x, "2c", 96, 64)  // 15x15x160
        x = inception(x, "2d", 80, 80)  // 15x15x160
        x = inception(x, "2e", 48, 96)  // 15x15x144

        x = downsample(x, "3a", 96)  // 7x7x240
        x = inception(x, "3b", 176, 160)  // 7x7x336
        x = inception(x, "3c", 176, 160)  // 7x7x336
        x = AveragePooling2D((7, 7))(x)  // 1x1x336
        x = Dropout(dropout)(x)

        x = Flatten()(x)
        x = module("classifier", .dense) {
            Activation(.softmax)(
                Dense(classes, kernelInitializer: kernelInitializer, kernelRegularizer: kernelRegularizer)(x))
        }
        return Model(inputs: inputs, outputs: x, name: "googlenet")
    }
}
