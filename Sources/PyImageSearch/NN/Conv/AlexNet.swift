import ComputeGraph
import NeuralNetwork

/// The network that won ImageNet's challenge in 2012 (Krizhevsky, Sutskever and Hinton, "ImageNet classification with deep
/// convolutional neural networks"), as the book's chapter 10 builds it.
///
/// Departures from the paper: every ReLU is followed by batch normalization, in place of two local response normalizations;
/// pooling is followed by dropout; convolutions are not divided into two groups, one for each of two GPUs; all pad their
/// images. For 227x227x3 it has 58,327,810 parameters with 2 classes and 62,416,616 with 1000, nine tenths of them in the
/// dense layers.
public enum AlexNet {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 227 in the book; at least 53.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    ///   - reg: factor of the L2 penalty on the kernels of all convolutions and dense layers.
    public static func build(width: Int, height: Int, depth: Int, classes: Int, reg: Double = 0.0002) -> Model {
        let conv = ConvUnit(order: .convReLUBN, kernelRegularizer: L2(reg))
        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 96, (11, 11), strides: (4, 4))  // 57x57x96
        x = MaxPooling2D((3, 3), strides: (2, 2))(x)  // 28x28x96
        x = Dropout(0.25)(x)

        x = conv(x, 256, (5, 5))  // 28x28x256
        x = MaxPooling2D((3, 3), strides: (2, 2))(x)  // 13x13x256
        x = Dropout(0.25)(x)

        x = conv(x, 384, (3, 3))  // 13x13x384
        x = conv(x, 384, (3, 3))  // 13x13x384
        x = conv(x, 256, (3, 3))  // 13x13x256
        x = MaxPooling2D((3, 3), strides: (2, 2))(x)  // 6x6x256
        x = Dropout(0.25)(x)

        x = Flatten()(x)  // 9216
        x = dense(x, 4096, reg)
        x = dense(x, 4096, reg)
        x = module("classifier", .dense) { Activation(.softmax)(Dense(classes, kernelRegularizer: L2(reg))(x)) }
        return Model(inputs: inputs, outputs: x, name: "sequential")
    }

    private static func dense(_ x: KerasTensor, _ units: Int, _ reg: Double) -> KerasTensor {
        let x = module("hidden", .dense) {
            BatchNormalization()(Activation(.relu)(Dense(units, kernelRegularizer: L2(reg))(x)))
        }
        return Dropout(0.5)(x)
    }
}
