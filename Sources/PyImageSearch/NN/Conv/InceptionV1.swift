import ComputeGraph
import NeuralNetwork

/// GoogLeNet, the first Inception network (Szegedy et al., "Going deeper with convolutions", 2015, table 1), for images
/// of 224x224 pixels, with its two auxiliary classifiers.
///
/// Departure from the paper: local response normalization is optional, and left out by default as in the Keras
/// tutorial. For 224x224x3 and 10 classes it has 10,334,030 parameters with the auxiliary heads, 5,983,802 without.
public enum InceptionV1 {
    /// Builds the network: input `[height, width, depth]`, outputs `[classes]` after a softmax.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 224 in the paper; at least 65 with auxiliary heads.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: size of each output.
    ///   - auxiliaryHeads: whether there are three outputs for training, `output`, `auxilliary_output_1` and
    ///     `auxilliary_output_2`, or only the first. The smaller network can load its weights by name from a file of
    ///     the larger.
    ///   - localResponseNormalization: whether to normalize after the first pooling and before the second, as the paper
    ///     does: over five channels, with Caffe's parameters for Krizhevsky et al. (2012).
    ///   - batchNormalization: whether to normalize between every convolution and its ReLU.
    ///   - initialBias: initial value of every convolution's bias.
    ///   - kernelInitializer: initial values of every kernel.
    ///   - dropout: the fraction of features that training drops before the classifier.
    ///   - auxiliaryDropout: the same fraction in the auxiliary heads.
    public static func build(
        width: Int, height: Int, depth: Int, classes: Int, auxiliaryHeads: Bool = true,
        localResponseNormalization: Bool = false, batchNormalization: Bool = false, initialBias: Double = 0.2,
        kernelInitializer: Initializer = .glorotUniform, dropout: Double = 0.4, auxiliaryDropout: Double = 0.7
    ) -> Model {
        let modules = InceptionV1Modules(
            kernelInitializer: kernelInitializer, initialBias: initialBias, batchNormalization: batchNormalization)
        func normalized(_ x: KerasTensor, name: String) -> KerasTensor {
            // Caffe divides its alpha, 1e-4, by the five channels.
            localResponseNormalization
                ? LocalResponseNormalization(depthRadius: 2, bias: 1, alpha: 2e-5, beta: 0.75, name: name)(x) : x
        }
        func auxiliaryHead(_ x: KerasTensor, number: Int) -> KerasTensor? {
            auxiliaryHeads
                ? modules.auxiliaryHead(x, classes: classes, dropout: auxiliaryDropout, number: number) : nil
        }

        let inputs = Input(shape: [height, width, depth])
        var x = modules.convolution(inputs, 64, (7, 7), strides: (2, 2), name: "conv_1_7x7_2")  // 112x112x64
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_1_3x3_2")(x)  // 56x56x64
        x = normalized(x, name: "norm_1")
        x = modules.convolution(x, 64, (1, 1), name: "conv_2a_3x3_1")  // 56x56x64
        x = modules.convolution(x, 192, (3, 3), name: "conv_2b_3x3_1")  // 56x56x192
        x = normalized(x, name: "norm_2")
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_2_3x3_2")(x)  // 28x28x192

        x = modules.inceptionModule(x, 64, 96, 128, 16, 32, 32, name: "inception_3a")  // 28x28x256
        x = modules.inceptionModule(x, 128, 128, 192, 32, 96, 64, name: "inception_3b")  // 28x28x480
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_3_3x3_2")(x)  // 14x14x480

        x = modules.inceptionModule(x, 192, 96, 208, 16, 48, 64, name: "inception_4a")  // 14x14x512
        let firstHead = auxiliaryHead(x, number: 1)
        x = modules.inceptionModule(x, 160, 112, 224, 24, 64, 64, name: "inception_4b")  // 14x14x512
        x = modules.inceptionModule(x, 128, 128, 256, 24, 64, 64, name: "inception_4c")  // 14x14x512
        x = modules.inceptionModule(x, 112, 144, 288, 32, 64, 64, name: "inception_4d")  // 14x14x528
        let secondHead = auxiliaryHead(x, number: 2)
        x = modules.inceptionModule(x, 256, 160, 320, 32, 128, 128, name: "inception_4e")  // 14x14x832
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_4_3x3_2")(x)  // 7x7x832

        x = modules.inceptionModule(x, 256, 160, 320, 32, 128, 128, name: "inception_5a")  // 7x7x832
        x = modules.inceptionModule(x, 384, 192, 384, 48, 128, 128, name: "inception_5b")  // 7x7x1024

        x = GlobalAveragePooling2D(name: "avg_pool_5_3x3_1")(x)  // 1024
        x = Dropout(dropout, name: "dropout")(x)
        x = Dense(classes, activation: .softmax, kernelInitializer: kernelInitializer, name: "output")(x)
        return Model(
            inputs: [inputs], outputs: [x, firstHead, secondHead].compactMap { $0 }, name: "inception_v1")
    }

    /// The network of a file without its auxiliary heads, which only training needs. The names of its layers show how
    /// it is normalized.
    ///
    /// - Parameters:
    ///   - trained: the network of the file.
    ///   - path: the file.
    ///   - side: height and width of the images to predict, in pixels.
    /// - Throws: `ModelFileError` for another network.
    public static func withoutAuxiliaryHeads(_ trained: Model, from path: String, side: Int = 224) throws -> Model {
        guard let output = try? trained.layer(named: "output"), output.className == Dense.className else {
            throw ModelFileError(
                "\(path) holds another network than Inception v1: it has no dense layer named \"output\"")
        }
        let network = build(
            width: side, height: side, depth: 3, classes: output.outputShape.count, auxiliaryHeads: false,
            localResponseNormalization: trained.hasLayer(named: "norm_1"),
            batchNormalization: trained.hasLayer(named: "conv_1_7x7_2_bn"))
        if let backend = trained.backend { try network.move(to: backend) }
        try network.loadWeights(path, byName: true)
        return network
    }
}

/// The modules of ``InceptionV1``.
package struct InceptionV1Modules {
    /// Initial values of every kernel.
    let kernelInitializer: Initializer
    /// Initial values of every convolution's bias; above 0, so that no ReLU starts dead.
    let biasInitializer: Initializer
    /// Whether every convolution is normalized before its ReLU (Ioffe and Szegedy, 2015); it then has no bias.
    let batchNormalization: Bool

    package init(
        kernelInitializer: Initializer = .glorotUniform, initialBias: Double = 0.2, batchNormalization: Bool = false
    ) {
        self.kernelInitializer = kernelInitializer
        biasInitializer = .constant(initialBias)
        self.batchNormalization = batchNormalization
    }

    /// A convolution and its ReLU. The image keeps its size, or is divided by the strides.
    package func convolution(
        _ x: KerasTensor, _ filters: Int, _ kernel: (Int, Int), strides: (Int, Int) = (1, 1), name: String
    ) -> KerasTensor {
        let x = Conv2D(
            filters, kernelSize: kernel, strides: strides, padding: .same,
            activation: batchNormalization ? .linear : .relu, useBias: !batchNormalization,
            kernelInitializer: kernelInitializer, biasInitializer: biasInitializer, name: name)(x)
        guard batchNormalization else { return x }
        return Activation(.relu, name: name + "_relu")(BatchNormalization(name: name + "_bn")(x))
    }

    /// Four branches of the same input, concatenated: 1x1; 1x1 then 3x3; 1x1 then 5x5; max pooling then 1x1. The
    /// numbers are a row of the paper's table.
    package func inceptionModule(
        _ x: KerasTensor, _ filters1x1: Int, _ filters3x3Reduce: Int, _ filters3x3: Int, _ filters5x5Reduce: Int,
        _ filters5x5: Int, _ filtersPoolProjection: Int, name: String
    ) -> KerasTensor {
        let conv1x1 = convolution(x, filters1x1, (1, 1), name: name + "_1x1")

        var conv3x3 = convolution(x, filters3x3Reduce, (1, 1), name: name + "_3x3_reduce")
        conv3x3 = convolution(conv3x3, filters3x3, (3, 3), name: name + "_3x3")

        var conv5x5 = convolution(x, filters5x5Reduce, (1, 1), name: name + "_5x5_reduce")
        conv5x5 = convolution(conv5x5, filters5x5, (5, 5), name: name + "_5x5")

        var pool = MaxPooling2D((3, 3), strides: (1, 1), padding: .same, name: name + "_pool")(x)
        pool = convolution(pool, filtersPoolProjection, (1, 1), name: name + "_pool_projection")

        return Concatenate(name: name)([conv1x1, conv3x3, conv5x5, pool])
    }

    /// A small classifier in the middle of the network. In training it sends a gradient into the first layers.
    package func auxiliaryHead(_ x: KerasTensor, classes: Int, dropout: Double, number: Int) -> KerasTensor {
        let name = "auxilliary_\(number)"  // Spelled as the tutorial's outputs are.
        var x = AveragePooling2D((5, 5), strides: (3, 3), name: name + "_pool")(x)  // 4x4
        x = convolution(x, 128, (1, 1), name: name + "_1x1")  // 4x4x128
        x = Flatten(name: name + "_flatten")(x)  // 2048
        x = Dense(1024, activation: .relu, kernelInitializer: kernelInitializer, name: name + "_dense")(x)
        x = Dropout(dropout, name: name + "_dropout")(x)
        return Dense(
            classes, activation: .softmax, kernelInitializer: kernelInitializer, name: "auxilliary_output_\(number)")(x)
    }
}
