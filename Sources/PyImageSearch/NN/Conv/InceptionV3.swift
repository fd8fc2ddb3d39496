import ComputeGraph
import NeuralNetwork

/// The third Inception network (Szegedy et al., "Rethinking the Inception architecture for computer vision", 2016, table 1), with
/// the layers and names of `keras.applications.InceptionV3`.
///
/// Its modules are those of the paper's figures 5, 6 and 7: two 3x3 in place of a 5x5, 1x7 and 7x1 in place of a 7x7, and
/// branches that widen at the end. Figure 10's modules shrink the image. Departures from the paper, as in its authors' code: a
/// 5x5 convolution remains in the first three modules, and normalizations have no gamma. For 299x299x3 and 1000 classes it has
/// 23,851,784 parameters, 27,179,376 with the auxiliary head, 21,802,784 without its top.
///
/// ``ImageNormalization/symmetric`` makes its inputs, and ``PublishedWeights`` has weights for it. The paper trains it with
/// label smoothing of 0.1.
public enum InceptionV3 {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// Without the top the output is 8x8x2048 for 299x299 pixels, or `[2048]` with a pooling. The program ends with one line if
    /// the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 299 in the paper; at least 75, and 291 with the auxiliary head.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images, 3 for published weights.
    ///   - classes: size of each output, 1000 for published weights. Without the top it has no effect.
    ///   - includeTop: whether the average pooling and the dense layer are part of the network.
    ///   - pooling: without the top, what follows the last module.
    ///   - auxiliaryHead: whether there is a second output for training, `aux_predictions` (figure 8).
    ///   - dropout: the fraction of features that training drops before the classifier; 0.2 in the authors' code. With 0 the
    ///     layer is left out, as in Keras.
    public static func build(
        width: Int = 299, height: Int = 299, depth: Int = 3, classes: Int = 1000, includeTop: Bool = true,
        pooling: GlobalPooling? = nil, auxiliaryHead: Bool = false, dropout: Double = 0
    ) -> Model {
        let conv = ConvUnit(useBias: false, scale: false, suffixes: .paper)
        let mixed = BranchedModule(conv: conv, namesLayers: false)

        let inputs = Input(shape: [height, width, depth])
        var x = stem(inputs, conv)  // 35x35x192

        // The number is that of filters after the pooling.
        x = mixed.inception35(x, "mixed0", projection: 32)  // 35x35x256
        x = mixed.inception35(x, "mixed1", projection: 64)  // 35x35x288
        x = mixed.inception35(x, "mixed2", projection: 64)  // 35x35x288
        x = mixed(
            x, "mixed3", .downsample,
            [.conv(384, (3, 3), strides: 2)],
            [.conv(64, (1, 1)), .conv(96, (3, 3)), .conv(96, (3, 3), strides: 2)],
            [.maxPool])  // 17x17x768

        // The number is that of filters between the 1x7 and the 7x1 convolutions.
        x = mixed.inception17(x, "mixed4", 128)  // 17x17x768
        x = mixed.inception17(x, "mixed5", 160)  // 17x17x768
        x = mixed.inception17(x, "mixed6", 160)  // 17x17x768
        x = mixed.inception17(x, "mixed7", 192)  // 17x17x768
        let head = auxiliaryHead ? self.head(x, conv, classes: classes) : nil
        x = mixed(
            x, "mixed8", .downsample,
            [.conv(192, (1, 1)), .conv(320, (3, 3), strides: 2)],
            [.conv(192, (1, 1)), .conv(192, (1, 7)), .conv(192, (7, 1)), .conv(192, (3, 3), strides: 2)],
            [.maxPool])  // 8x8x1280

        x = mixed.inception8(x, "mixed9", fork: "mixed9_0")  // 8x8x2048
        x = mixed.inception8(x, "mixed10", fork: "mixed9_1")  // 8x8x2048

        if includeTop {
            x = GlobalAveragePooling2D(name: "avg_pool")(x)  // 2048
            if dropout > 0 { x = Dropout(dropout, name: "dropout")(x) }
            x = module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
        } else if let pooling {
            x = pooling(x)
        }
        return Model(inputs: [inputs], outputs: [x, head].compactMap { $0 }, name: "inception_v3")
    }

    /// The layers before the modules, which Keras's ``InceptionResNetV2`` has too: 299x299x3 to 35x35x192.
    static func stem(_ inputs: KerasTensor, _ conv: ConvUnit) -> KerasTensor {
        var x = conv(inputs, 32, (3, 3), strides: (2, 2), padding: .valid)  // 149x149x32
        x = conv(x, 32, (3, 3), padding: .valid)  // 147x147x32
        x = conv(x, 64, (3, 3))  // 147x147x64
        x = MaxPooling2D((3, 3), strides: (2, 2))(x)  // 73x73x64
        x = conv(x, 80, (1, 1), padding: .valid)  // 73x73x80
        x = conv(x, 192, (3, 3), padding: .valid)  // 71x71x192
        return MaxPooling2D((3, 3), strides: (2, 2))(x)  // 35x35x192
    }

    /// The auxiliary head, `[classes]`: figure 8, normalized.
    private static func head(_ x: KerasTensor, _ conv: ConvUnit, classes: Int) -> KerasTensor {
        module("aux", .auxiliaryHead) {
            var x = AveragePooling2D((5, 5), strides: (3, 3), name: "aux_pool")(x)  // 5x5x768
            x = conv(x, 128, (1, 1), name: "aux_conv1")  // 5x5x128
            x = conv(x, 768, (5, 5), padding: .valid, name: "aux_conv2")  // 1x1x768
            x = Flatten(name: "aux_flatten")(x)  // 768
            return Dense(classes, activation: .softmax, name: "aux_predictions")(x)
        }
    }
}

extension BranchedModule {
    /// The first modules, for images of 35x35: figure 5, except for a 5x5 convolution.
    fileprivate func inception35(_ x: KerasTensor, _ name: String, projection: Int) -> KerasTensor {
        self(
            x, name, .inception,
            [.conv(64, (1, 1))],
            [.conv(48, (1, 1)), .conv(64, (5, 5))],
            [.conv(64, (1, 1)), .conv(96, (3, 3)), .conv(96, (3, 3))],
            [.averagePool, .conv(projection, (1, 1))])
    }

    /// The modules for images of 17x17: figure 6.
    fileprivate func inception17(_ x: KerasTensor, _ name: String, _ filters: Int) -> KerasTensor {
        self(
            x, name, .inception,
            [.conv(192, (1, 1))],
            [.conv(filters, (1, 1)), .conv(filters, (1, 7)), .conv(192, (7, 1))],
            [
                .conv(filters, (1, 1)), .conv(filters, (7, 1)), .conv(filters, (1, 7)), .conv(filters, (7, 1)),
                .conv(192, (1, 7)),
            ],
            [.averagePool, .conv(192, (1, 1))])
    }

    /// The last modules, for images of 8x8: figure 7.
    fileprivate func inception8(_ x: KerasTensor, _ name: String, fork: String) -> KerasTensor {
        self(
            x, name, .inception,
            [.conv(320, (1, 1))],
            [.conv(384, (1, 1)), .fork((384, (1, 3)), (384, (3, 1)), name: fork)],
            [.conv(448, (1, 1)), .conv(384, (3, 3)), .fork((384, (1, 3)), (384, (3, 1)))],
            [.averagePool, .conv(192, (1, 1))])
    }
}
