import ComputeGraph
import NeuralNetwork

/// GoogLeNet with all nine inception modules of Szegedy et al. (2015), table 1, for images of 64x64 pixels, as the
/// document "GoogLeNet from scratch" builds it: ``DeeperGoogLeNet`` with the modules 5a and 5b.
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
        let modules = InceptionModules(reg: reg, order: order, activation: activation)
        let inputs = Input(shape: [height, width, depth])
        var x = modules.convModule(inputs, 64, (5, 5), name: "block1")  // 64x64x64
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool1")(x)  // 32x32x64
        x = modules.convModule(x, 64, (1, 1), name: "block2")  // 32x32x64
        x = modules.convModule(x, 192, (3, 3), name: "block3")  // 32x32x192
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool2")(x)  // 16x16x192

        x = modules.inceptionModule(x, 64, 96, 128, 16, 32, 32, stage: "3a")  // 16x16x256
        x = modules.inceptionModule(x, 128, 128, 192, 32, 96, 64, stage: "3b")  // 16x16x480
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool3")(x)  // 8x8x480

        x = modules.inceptionModule(x, 192, 96, 208, 16, 48, 64, stage: "4a")  // 8x8x512
        x = modules.inceptionModule(x, 160, 112, 224, 24, 64, 64, stage: "4b")  // 8x8x512
        x = modules.inceptionModule(x, 128, 128, 256, 24, 64, 64, stage: "4c")  // 8x8x512
        x = modules.inceptionModule(x, 112, 144, 288, 32, 64, 64, stage: "4d")  // 8x8x528
        x = modules.inceptionModule(x, 256, 160, 320, 32, 128, 128, stage: "4e")  // 8x8x832
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool4")(x)  // 4x4x832

        x = modules.inceptionModule(x, 256, 160, 320, 32, 128, 128, stage: "5a")  // 4x4x832
        x = modules.inceptionModule(x, 384, 192, 384, 48, 128, 128, stage: "5b")  // 4x4x1024

        x = AveragePooling2D((4, 4), name: "pool5")(x)  // 1x1x1024
        x = Dropout(dropout, name: "do")(x)
        x = Flatten(name: "flatten")(x)
        x = Dense(classes, kernelRegularizer: L2(reg), name: "labels")(x)
        x = Activation(.softmax, name: "softmax")(x)
        return Model(inputs: inputs, outputs: x, name: "googlenet")
    }
}
