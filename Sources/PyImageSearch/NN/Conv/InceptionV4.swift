import ComputeGraph
import NeuralNetwork

/// The fourth Inception network (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of residual connections on
/// learning", 2017, figures 3 to 9).
///
/// Where a branch has a 1x7 and a 7x1 convolution, the order is that of the authors' code, and normalizations have no gamma. For
/// 299x299x3 and 1000 classes it has 42,711,400 parameters.
public enum InceptionV4 {
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
        var x = stem(inputs, conv)  // 35x35x384

        for number in 1...4 { x = mixed.inceptionA(x, "a\(number)") }  // 35x35x384
        x = mixed.reductionA(x, k: 192, l: 224, m: 256, n: 384)  // 17x17x1024
        for number in 1...7 { x = mixed.inceptionB(x, "b\(number)") }  // 17x17x1024
        x = mixed.reductionB(x)  // 8x8x1536
        for number in 1...3 { x = mixed.inceptionC(x, "c\(number)") }  // 8x8x1536

        x = GlobalAveragePooling2D(name: "avg_pool")(x)  // 1536
        x = Dropout(dropout, name: "dropout")(x)
        x = module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
        return Model(inputs: inputs, outputs: x, name: "inception_v4")
    }

    /// The layers before the modules, also those of Inception-ResNet-v2 in the paper: figure 3, 299x299x3 to 35x35x384.
    static func stem(_ inputs: KerasTensor, _ conv: ConvUnit) -> KerasTensor {
        module("stem", .stem) {
            var x = conv(inputs, 32, (3, 3), strides: (2, 2), padding: .valid, name: "stem_conv1")  // 149x149x32
            x = conv(x, 32, (3, 3), padding: .valid, name: "stem_conv2")  // 147x147x32
            x = conv(x, 64, (3, 3), name: "stem_conv3")  // 147x147x64
            x = Concatenate(name: "stem_mixed1")([
                MaxPooling2D((3, 3), strides: (2, 2), name: "stem_pool1")(x),
                conv(x, 96, (3, 3), strides: (2, 2), padding: .valid, name: "stem_conv4"),
            ])  // 73x73x160

            var first = conv(x, 64, (1, 1), name: "stem_a_1x1")
            first = conv(first, 96, (3, 3), padding: .valid, name: "stem_a_3x3")
            var second = conv(x, 64, (1, 1), name: "stem_b_1x1")
            second = conv(second, 64, (1, 7), name: "stem_b_1x7")
            second = conv(second, 64, (7, 1), name: "stem_b_7x1")
            second = conv(second, 96, (3, 3), padding: .valid, name: "stem_b_3x3")
            x = Concatenate(name: "stem_mixed2")([first, second])  // 71x71x192

            return Concatenate(name: "stem_mixed3")([
                conv(x, 192, (3, 3), strides: (2, 2), padding: .valid, name: "stem_conv5"),
                MaxPooling2D((3, 3), strides: (2, 2), name: "stem_pool2")(x),
            ])  // 35x35x384
        }
    }
}

extension BranchedModule {
    /// Figure 4.
    fileprivate func inceptionA(_ x: KerasTensor, _ name: String) -> KerasTensor {
        self(
            x, name, .inception,
            [.conv(96, (1, 1))],
            [.conv(64, (1, 1)), .conv(96, (3, 3))],
            [.conv(64, (1, 1)), .conv(96, (3, 3)), .conv(96, (3, 3))],
            [.averagePool, .conv(96, (1, 1))])
    }

    /// Figure 5.
    fileprivate func inceptionB(_ x: KerasTensor, _ name: String) -> KerasTensor {
        self(
            x, name, .inception,
            [.conv(384, (1, 1))],
            [.conv(192, (1, 1)), .conv(224, (1, 7)), .conv(256, (7, 1))],
            [
                .conv(192, (1, 1)), .conv(192, (7, 1)), .conv(224, (1, 7)), .conv(224, (7, 1)), .conv(256, (1, 7)),
            ],
            [.averagePool, .conv(128, (1, 1))])
    }

    /// Figure 6.
    fileprivate func inceptionC(_ x: KerasTensor, _ name: String) -> KerasTensor {
        self(
            x, name, .inception,
            [.conv(256, (1, 1))],
            [.conv(384, (1, 1)), .fork((256, (1, 3)), (256, (3, 1)))],
            [.conv(384, (1, 1)), .conv(448, (3, 1)), .conv(512, (1, 3)), .fork((256, (1, 3)), (256, (3, 1)))],
            [.averagePool, .conv(256, (1, 1))])
    }

    /// Figure 7, from 35x35 to 17x17, which the three networks of the paper have with other numbers of filters: table 1.
    func reductionA(
        _ x: KerasTensor, named name: String = "reduction_a", k: Int, l: Int, m: Int, n: Int
    ) -> KerasTensor {
        self(
            x, name, .downsample,
            [.conv(n, (3, 3), strides: 2)],
            [.conv(k, (1, 1)), .conv(l, (3, 3)), .conv(m, (3, 3), strides: 2)],
            [.maxPool])
    }

    /// Figure 8, from 17x17 to 8x8.
    fileprivate func reductionB(_ x: KerasTensor) -> KerasTensor {
        self(
            x, "reduction_b", .downsample,
            [.conv(192, (1, 1)), .conv(192, (3, 3), strides: 2)],
            [.conv(256, (1, 1)), .conv(256, (1, 7)), .conv(320, (7, 1)), .conv(320, (3, 3), strides: 2)],
            [.maxPool])
    }
}

extension Module.Kind {
    /// What comes before the modules, where it has branches.
    public static let stem = Self("stem")
}
