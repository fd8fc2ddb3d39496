import ComputeGraph
import NeuralNetwork

/// ShallowNet, the smallest network of the book (volume 1): one convolution, then the classifier.
///
/// For 32x32x3 and 10 classes it has 328,586 parameters.
public enum ShallowNet {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels.
    ///   - height: of the images in pixels.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    public static func build(width: Int, height: Int, depth: Int, classes: Int) -> Model {
        let conv = ConvUnit(order: .convReLU)
        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 32, (3, 3))  // 32x32x32
        x = Flatten()(x)  // 32768
        x = module("classifier", .dense) { Activation(.softmax)(Dense(classes)(x)) }
        return Model(inputs: inputs, outputs: x, name: "sequential")
    }
}
