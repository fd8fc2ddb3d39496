import ComputeGraph
import NeuralNetwork

/// Inception-ResNet-v1 (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of residual connections on learning",
/// 2017, figures 10 to 15), as costly as ``InceptionV3``.
///
/// Branches are added to their input after scaling (figure 20), then comes a ReLU. For 299x299x3 and 1000 classes it has
/// 22,769,848 parameters.
public enum InceptionResNetV1 {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 299 in the paper; at least 75.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: size of the output.
    ///   - dropout: the fraction of features that training drops before the classifier.
    public static func build(
        width: Int = 299, height: Int = 299, depth: Int = 3, classes: Int = 1000, dropout: Double = 0.2
    ) -> Model {
        let conv = ConvUnit(useBias: false, scale: false, suffixes: .paper)
        let mixed = BranchedModule(conv: conv)

        let inputs = Input(shape: [height, width, depth], name: "input")
        // Figure 14.
        var x = conv(inputs, 32, (3, 3), strides: (2, 2), padding: .valid, name: "stem_conv1")  // 149x149x32
        x = conv(x, 32, (3, 3), padding: .valid, name: "stem_conv2")  // 147x147x32
        x = conv(x, 64, (3, 3), name: "stem_conv3")  // 147x147x64
        x = MaxPooling2D((3, 3), strides: (2, 2), name: "stem_pool")(x)  // 73x73x64
        x = conv(x, 80, (1, 1), name: "stem_conv4")  // 73x73x80
        x = conv(x, 192, (3, 3), padding: .valid, name: "stem_conv5")  // 71x71x192
        x = conv(x, 256, (3, 3), strides: (2, 2), padding: .valid, name: "stem_conv6")  // 35x35x256

        for number in 1...5 {  // Figure 10.
            x = mixed.residual(
                x, "a\(number)", scale: 0.17,
                [.conv(32, (1, 1))],
                [.conv(32, (1, 1)), .conv(32, (3, 3))],
                [.conv(32, (1, 1)), .conv(32, (3, 3)), .conv(32, (3, 3))])  // 35x35x256
        }
        x = mixed.reductionA(x, k: 192, l: 192, m: 256, n: 384)  // 17x17x896
        for number in 1...10 {  // Figure 11.
            x = mixed.residual(
                x, "b\(number)", scale: 0.1,
                [.conv(128, (1, 1))],
                [.conv(128, (1, 1)), .conv(128, (1, 7)), .conv(128, (7, 1))])  // 17x17x896
        }
        x = mixed.residualReductionB(x, 384, 256, (256, 256))  // 8x8x1792
        for number in 1...5 {  // Figure 13.
            x = mixed.residual(
                x, "c\(number)", scale: 0.2,
                [.conv(192, (1, 1))],
                [.conv(192, (1, 1)), .conv(192, (1, 3)), .conv(192, (3, 1))])  // 8x8x1792
        }

        x = GlobalAveragePooling2D(name: "avg_pool")(x)  // 1792
        x = Dropout(dropout, name: "dropout")(x)
        x = module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
        return Model(inputs: inputs, outputs: x, name: "inception_resnet_v1")
    }
}

extension BranchedModule {
    /// Adds new branches to their input and applies a ReLU: figures 10, 11 and 13 of the paper, and with other numbers of
    /// filters 16, 17 and 19. A 1x1 convolution without activation gives the sum its channels, and the module's `scale`
    /// keeps it small.
    func residual(_ x: KerasTensor, _ name: String, scale: Double, _ branches: [Box]...) -> KerasTensor {
        var linear = conv
        (linear.order, linear.activation, linear.useBias) = (.conv, .linear, true)
        return module(name, .residual) {
            let mixed = Concatenate(name: "\(name)_mixed")(apply(branches, to: x, in: name))
            let up = linear(mixed, x.shape[2], (1, 1), name: "\(name)_up")
            let scaled = Rescaling(scale: scale, name: "\(name)_scale")(up)
            return Activation(.relu, name: name)(Add(name: "\(name)_add")([x, scaled]))
        }
    }

    /// Figures 12 and 18, from 17x17 to 8x8.
    ///
    /// - Parameters:
    ///   - first: filters of the first branch's 3x3 convolution.
    ///   - second: the same of the second branch.
    ///   - third: those of the third branch.
    func residualReductionB(
        _ x: KerasTensor, named name: String = "reduction_b", _ first: Int, _ second: Int, _ third: (Int, Int)
    ) -> KerasTensor {
        self(
            x, name, .downsample,
            [.conv(256, (1, 1)), .conv(first, (3, 3), strides: 2)],
            [.conv(256, (1, 1)), .conv(second, (3, 3), strides: 2)],
            [.conv(256, (1, 1)), .conv(third.0, (3, 3)), .conv(third.1, (3, 3), strides: 2)],
            [.maxPool])
    }
}
