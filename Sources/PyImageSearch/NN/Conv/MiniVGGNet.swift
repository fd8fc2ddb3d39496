import ComputeGraph
import NeuralNetwork

/// MiniVGGNet, a small network in the manner of Simonyan and Zisserman ("Very deep convolutional networks for
/// large-scale image recognition", 2015), as the book builds it (volume 1).
///
/// Departures from the paper: four convolutions instead of eight or more, and one hidden dense layer instead of two;
/// every ReLU is followed by batch normalization; pooling is followed by dropout. For 32x32x3 and 10 classes it has
/// 2,171,178 parameters.
public enum MiniVGGNet {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 32 or 64 in the book; at least 4.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    ///   - dropout: whether training drops features. Without it the dropout layers stay, with a rate of 0.
    public static func build(width: Int, height: Int, depth: Int, classes: Int, dropout: Bool = true) -> Model {
        let conv = ConvUnit(order: .convReLUBN)
        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 32, (3, 3))  // 32x32x32
        x = conv(x, 32, (3, 3))  // 32x32x32
        x = MaxPooling2D((2, 2), strides: (2, 2))(x)  // 16x16x32
        x = Dropout(dropout ? 0.25 : 0)(x)

        x = conv(x, 64, (3, 3))  // 16x16x64
        x = conv(x, 64, (3, 3))  // 16x16x64
        x = MaxPooling2D((2, 2), strides: (2, 2))(x)  // 8x8x64
        x = Dropout(dropout ? 0.25 : 0)(x)

        x = Flatten()(x)  // 4096
        x = module("hidden", .dense) { BatchNormalization()(Activation(.relu)(Dense(512)(x))) }
        x = Dropout(dropout ? 0.5 : 0)(x)
        x = module("classifier", .dense) { Activation(.softmax)(Dense(classes)(x)) }
        return Model(inputs: inputs, outputs: x, name: "sequential")
    }
}
