import ComputeGraph
import NeuralNetwork

/// LeNet, after LeCun et al. ("Gradient-based learning applied to document recognition", 1998, figure 2), as the book
/// builds it (volume 1).
///
/// Departures from the paper: ReLU in place of tanh; max pooling in place of averages with weights; 20 and 50 filters
/// in place of 6 and 16, each connected with all channels; one hidden dense layer, with 500 units; a softmax. For
/// 28x28x1 and 10 classes it has 1,256,080 parameters.
public enum LeNet {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// The program ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 28 in the book; at least 4.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    public static func build(width: Int, height: Int, depth: Int, classes: Int) -> Model {
        let conv = ConvUnit(order: .convReLU)
        let inputs = Input(shape: [height, width, depth])
        var x = conv(inputs, 20, (5, 5))  // 28x28x20
        x = MaxPooling2D((2, 2), strides: (2, 2))(x)  // 14x14x20
        x = conv(x, 50, (5, 5))  // 14x14x50
        x = MaxPooling2D((2, 2), strides: (2, 2))(x)  // 7x7x50

        x = Flatten()(x)  // 2450
        x = module("hidden", .dense) { Activation(.relu)(Dense(500)(x)) }
        x = module("classifier", .dense) { Activation(.softmax)(Dense(classes)(x)) }
        return Model(inputs: inputs, outputs: x, name: "sequential")
    }
}
