import ComputeGraph
import NeuralNetwork

/// Inception-ResNet-v2 (Szegedy et al., "Inception-v4, Inception-ResNet and the impact of residual connections on learning",
/// 2017): the network that its authors published, and the one that their paper draws.
///
/// They are two networks. ``build(width:height:depth:classes:includeTop:pooling:dropout:)`` makes the published one, with the
/// layers and names of `keras.applications.InceptionResNetV2`: the stem of ``InceptionV3``, then 10, 20 and 10 modules, and for
/// 299x299x3 and 1000 classes 55,873,736 parameters, without its top 54,336,736. ``buildAsDrawn(width:height:depth:classes:dropout:)``
/// follows figures 15 to 19: the stem of ``InceptionV4``, then 5, 10 and 5 modules, and 32,450,360 parameters.
///
/// ``ImageNormalization/symmetric`` makes the inputs, and ``PublishedWeights`` has weights for the first.
public enum InceptionResNetV2 {
    /// Builds the published network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// Without the top the output is 8x8x1536 for 299x299 pixels, or `[1536]` with a pooling. The program ends with one line if
    /// the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 299 in the paper; at least 75.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images, 3 for published weights.
    ///   - classes: number of outputs, 1000 for published weights. Without the top it has no effect.
    ///   - includeTop: whether the average pooling and the dense layer are part of the network.
    ///   - pooling: without the top, what follows the last convolution.
    ///   - dropout: the fraction of features that training drops before the classifier; 0.2 in the authors' code. With 0 the
    ///     layer is left out, as in Keras.
    public static func build(
        width: Int = 299, height: Int = 299, depth: Int = 3, classes: Int = 1000, includeTop: Bool = true,
        pooling: GlobalPooling? = nil, dropout: Double = 0
    ) -> Model {
        var conv = ConvUnit(useBias: false, scale: false, suffixes: .paper)
        let mixed = BranchedModule(conv: conv, namesLayers: false)

        let inputs = Input(shape: [height, width, depth])
        var x = InceptionV3.stem(inputs, conv)  // 35x35x192
        x = mixed(
            x, "mixed_5b", .inception,
            [.conv(96, (1, 1))],
            [.conv(48, (1, 1)), .conv(64, (5, 5))],
            [.conv(64, (1, 1)), .conv(96, (3, 3)), .conv(96, (3, 3))],
            [.averagePool, .conv(64, (1, 1))])  // 35x35x320

        for number in 1...10 {
            x = mixed.scaledResidual(
                x, "block35_\(number)", scale: 0.17,
                [.conv(32, (1, 1))],
                [.conv(32, (1, 1)), .conv(32, (3, 3))],
                [.conv(32, (1, 1)), .conv(48, (3, 3)), .conv(64, (3, 3))])  // 35x35x320
        }
        x = mixed.reductionA(x, named: "mixed_6a", k: 256, l: 256, m: 384, n: 384)  // 17x17x1088
        for number in 1...20 {
            x = mixed.scaledResidual(
                x, "block17_\(number)", scale: 0.1,
                [.conv(192, (1, 1))],
                [.conv(128, (1, 1)), .conv(160, (1, 7)), .conv(192, (7, 1))])  // 17x17x1088
        }
        x = mixed.residualReductionB(x, named: "mixed_7a", 384, 288, (288, 320))  // 8x8x2080
        for number in 1...10 {
            x = mixed.scaledResidual(
                x, "block8_\(number)", scale: number < 10 ? 0.2 : 1, activation: number < 10 ? .relu : .linear,
                [.conv(192, (1, 1))],
                [.conv(192, (1, 1)), .conv(224, (1, 3)), .conv(256, (3, 1))])  // 8x8x2080
        }
        conv.suffixes.activation = "_ac"
        x = conv(x, 1536, (1, 1), name: "conv_7b")  // 8x8x1536

        if includeTop {
            x = GlobalAveragePooling2D(name: "avg_pool")(x)  // 1536
            if dropout > 0 { x = Dropout(dropout, name: "dropout")(x) }
            x = module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
        } else if let pooling {
            x = pooling(x)
        }
        return Model(inputs: inputs, outputs: x, name: "inception_resnet_v2")
    }

    /// Builds the network of the paper's figures: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// The figures' 1154 and 2048 linear filters cannot be added to 1152 and 2144 channels; the input of a module decides. The
    /// program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 299 in the paper; at least 75.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: size of the output.
    ///   - dropout: the fraction of features that training drops before the classifier.
    public static func buildAsDrawn(
        width: Int = 299, height: Int = 299, depth: Int = 3, classes: Int = 1000, dropout: Double = 0.2
    ) -> Model {
        let conv = ConvUnit(useBias: false, scale: false, suffixes: .paper)
        let mixed = BranchedModule(conv: conv)

        let inputs = Input(shape: [height, width, depth], name: "input")
        var x = InceptionV4.stem(inputs, conv)  // 35x35x384

        for number in 1...5 {  // Figure 16.
            x = mixed.residual(
                x, "a\(number)", scale: 0.17,
                [.conv(32, (1, 1))],
                [.conv(32, (1, 1)), .conv(32, (3, 3))],
                [.conv(32, (1, 1)), .conv(48, (3, 3)), .conv(64, (3, 3))])  // 35x35x384
        }
        x = mixed.reductionA(x, k: 256, l: 256, m: 384, n: 384)  // 17x17x1152
        for number in 1...10 {  // Figure 17.
            x = mixed.residual(
                x, "b\(number)", scale: 0.1,
                [.conv(192, (1, 1))],
                [.conv(128, (1, 1)), .conv(160, (1, 7)), .conv(192, (7, 1))])  // 17x17x1152
        }
        x = mixed.residualReductionB(x, 384, 288, (288, 320))  // 8x8x2144
        for number in 1...5 {  // Figure 19.
            x = mixed.residual(
                x, "c\(number)", scale: 0.2,
                [.conv(192, (1, 1))],
                [.conv(192, (1, 1)), .conv(224, (1, 3)), .conv(256, (3, 1))])  // 8x8x2144
        }

        x = GlobalAveragePooling2D(name: "avg_pool")(x)  // 2144
        x = Dropout(dropout, name: "dropout")(x)
        x = module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
        return Model(inputs: inputs, outputs: x, name: "inception_resnet_v2")
    }
}

extension BranchedModule {
    /// The residual module with Keras's layers: scaling and adding are one layer.
    func scaledResidual(
        _ x: KerasTensor, _ name: String, scale: Double, activation: ActivationFunction = .relu, _ branches: [Box]...
    ) -> KerasTensor {
        var linear = conv
        (linear.order, linear.activation, linear.useBias) = (.conv, .linear, true)
        linear.suffixes.convolution = "_conv"
        return module(name, .residual) {
            let mixed = Concatenate(name: "\(name)_mixed")(apply(branches, to: x, in: name))
            let up = linear(mixed, x.shape[2], (1, 1), name: name)
            let sum = CustomScaleLayer(scale: scale)([x, up])
            return activation == .linear ? sum : Activation(activation, name: "\(name)_ac")(sum)
        }
    }
}
