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
        let conv = ConvUnit(
            order: batchNormalization ? .convBNReLU : .conv, kernelInitializer: kernelInitializer,
            biasInitializer: .constant(initialBias), useBias: !batchNormalization, suffixes: .paper)
        let inception = InceptionModule(conv: conv, layerNames: .paper)
        let head = AuxiliaryHead(conv: conv, classes: classes, dropout: auxiliaryDropout)
        func normalized(_ x: KerasTensor, name: String) -> KerasTensor {
            // Caffe divides its alpha, 1e-4, by the five channels.
            localResponseNormalization
                ? LocalResponseNormalization(depthRadius: 2, bias: 1, alpha: 2e-5, beta: 0.75, name: name)(x) : x
        }

        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 64, (7, 7), strides: (2, 2), name: "conv_1_7x7_2")  // 112x112x64
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_1_3x3_2")(x)  // 56x56x64
        x = normalized(x, name: "norm_1")
        x = conv(x, 64, (1, 1), name: "conv_2a_3x3_1")  // 56x56x64
        x = conv(x, 192, (3, 3), name: "conv_2b_3x3_1")  // 56x56x192
        x = normalized(x, name: "norm_2")
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_2_3x3_2")(x)  // 28x28x192

        // Filters: 1x1; 3x3 reduce, 3x3; 5x5 reduce, 5x5; pool projection.
        x = inception(x, "3a", 64, (96, 128), (16, 32), 32)  // 28x28x256
        x = inception(x, "3b", 128, (128, 192), (32, 96), 64)  // 28x28x480
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_3_3x3_2")(x)  // 14x14x480

        x = inception(x, "4a", 192, (96, 208), (16, 48), 64)  // 14x14x512
        let firstHead = auxiliaryHeads ? head(x, number: 1) : nil
        x = inception(x, "4b", 160, (112, 224), (24, 64), 64)  // 14x14x512
        x = inception(x, "4c", 128, (128, 256), (24, 64), 64)  // 14x14x512
        x = inception(x, "4d", 112, (144, 288), (32, 64), 64)  // 14x14x528
        let secondHead = auxiliaryHeads ? head(x, number: 2) : nil
        x = inception(x, "4e", 256, (160, 320), (32, 128), 128)  // 14x14x832
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "max_pool_4_3x3_2")(x)  // 7x7x832

        x = inception(x, "5a", 256, (160, 320), (32, 128), 128)  // 7x7x832
        x = inception(x, "5b", 384, (192, 384), (48, 128), 128)  // 7x7x1024

        x = GlobalAveragePooling2D(name: "avg_pool_5_3x3_1")(x)  // 1024
        x = Dropout(dropout, name: "dropout")(x)
        x = Dense(classes, activation: .softmax, kernelInitializer: kernelInitializer, name: "output")(x)
        return Model(
            inputs: [inputs], outputs: [x, firstHead, secondHead].compactMap { $0 }, name: "inception_v1")
    }
}

/// A small classifier in the middle of ``InceptionV1``. In training it sends a gradient into the first layers.
struct AuxiliaryHead {
    /// Its convolution; the dense layers have the same initial kernels.
    var conv: ConvUnit
    var classes: Int
    /// The fraction of features that training drops before the last layer.
    var dropout: Double

    /// The head's probabilities, `[classes]`.
    func callAsFunction(_ x: KerasTensor, number: Int) -> KerasTensor {
        let name = "auxilliary_\(number)"  // Spelled as the tutorial's outputs are.
        return module(name, .auxiliaryHead) {
            var x = AveragePooling2D((5, 5), strides: (3, 3), name: name + "_pool")(x)  // 4x4
            x = conv(x, 128, (1, 1), name: name + "_1x1")  // 4x4x128
            x = Flatten(name: name + "_flatten")(x)  // 2048
            x = Dense(1024, activation: .relu, kernelInitializer: conv.kernelInitializer, name: name + "_dense")(x)
            x = Dropout(dropout, name: name + "_dropout")(x)
            return Dense(
                classes, activation: .softmax, kernelInitializer: conv.kernelInitializer,
                name: "auxilliary_output_\(number)")(x)
        }
    }
}
