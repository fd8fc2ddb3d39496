import ComputeGraph
import NeuralNetwork

/// DeeperGoogLeNet, the book's GoogLeNet for Tiny ImageNet's images of 64x64 pixels (chapter 11).
///
/// Departures from Szegedy et al. (2015), table 1: the first convolution is 5x5 with stride 1, not 7x7 with stride 2,
/// because the images are small; there are no modules 5a and 5b; every convolution is batch-normalized; there are no
/// auxiliary heads. For 64x64x3 and 200 classes it has 3,667,976 parameters.
public enum DeeperGoogLeNet {
    /// The inception modules of the paper that a network has.
    public enum Modules: Sendable {
        /// 3a and 3b, in the book's experiments 1 and 2. The book does not say whether that network keeps pool4; this
        /// one does.
        case two
        /// 3a to 4e, in the book's network.
        case seven
        /// 3a to 5b, in the paper.
        case nine
    }

    /// Builds the network: input `[height, width, depth]`, output `softmax`, `[classes]`.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 64 in the book; at least 49, or the last pooling does not fit.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    ///   - reg: the factor of the L2 penalty on every kernel.
    ///   - order: normalize before or after the activation.
    ///   - activation: of every convolution. The book uses `.relu` and suggests `.elu(alpha: 1)` as the next
    ///     experiment.
    ///   - modules: how many inception modules there are.
    ///   - dropout: the fraction of features that training drops before the classifier.
    public static func build(
        width: Int, height: Int, depth: Int, classes: Int, reg: Double = 0.0005, order: ModuleOrder = .bnReLU,
        activation: ActivationFunction = .relu, modules: Modules = .seven, dropout: Double = 0.4
    ) -> Model {
        let conv = ConvUnit(
            order: order == .bnReLU ? .convBNReLU : .convReLUBN, activation: activation, kernelRegularizer: L2(reg))
        let inception = InceptionModule(conv: conv, layerNames: .book)
        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 64, (5, 5), name: "block1")  // 64x64x64
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool1")(x)  // 32x32x64
        x = conv(x, 64, (1, 1), name: "block2")  // 32x32x64
        x = conv(x, 192, (3, 3), name: "block3")  // 32x32x192
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool2")(x)  // 16x16x192

        // Filters: 1x1; 3x3 reduce, 3x3; 5x5 reduce, 5x5; pool projection.
        x = inception(x, "3a", 64, (96, 128), (16, 32), 32)  // 16x16x256
        x = inception(x, "3b", 128, (128, 192), (32, 96), 64)  // 16x16x480
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool3")(x)  // 8x8x480

        if modules != .two {
            x = inception(x, "4a", 192, (96, 208), (16, 48), 64)  // 8x8x512
            x = inception(x, "4b", 160, (112, 224), (24, 64), 64)  // 8x8x512
            x = inception(x, "4c", 128, (128, 256), (24, 64), 64)  // 8x8x512
            x = inception(x, "4d", 112, (144, 288), (32, 64), 64)  // 8x8x528
            x = inception(x, "4e", 256, (160, 320), (32, 128), 128)  // 8x8x832
        }
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool4")(x)  // 4x4x832

        if modules == .nine {
            x = inception(x, "5a", 256, (160, 320), (32, 128), 128)  // 4x4x832
            x = inception(x, "5b", 384, (192, 384), (48, 128), 128)  // 4x4x1024
        }
        x = AveragePooling2D((4, 4), name: "pool5")(x)  // 1x1x832, with 5a and 5b 1x1x1024
        x = Dropout(dropout, name: "do")(x)
        x = Flatten(name: "flatten")(x)
        x = module("classifier", .dense) {
            Activation(.softmax, name: "softmax")(Dense(classes, kernelRegularizer: L2(reg), name: "labels")(x))
        }
        return Model(inputs: inputs, outputs: x, name: "googlenet")
    }
}

/// The order of normalization and activation after a convolution.
public enum ModuleOrder: String, CaseIterable, Sendable {
    /// CONV => BN => RELU, the order of Ioffe and Szegedy (2015) and of the book.
    case bnReLU = "bn_relu"
    /// CONV => RELU => BN, which the book suggests as the next experiment.
    case reluBN = "relu_bn"
}
