import ComputeGraph
import NeuralNetwork

/// SqueezeNet 1.1, the smaller of the two networks that Iandola et al. published ("SqueezeNet: AlexNet-level accuracy with
/// 50x fewer parameters and <0.5MB model size", 2016), with the layers and names of Malli's package `keras_squeezenet`.
///
/// Departures from the paper's table 1, as in the authors' version 1.1: the first convolution has 64 filters of 3x3, and
/// pooling comes after the first convolution and after modules 3 and 5. For 227x227x3 and 1000 classes it has 1,235,496
/// parameters, without its top 722,496.
///
/// ``ImageNetPreprocessor`` makes its inputs, and ``PublishedWeights`` has the weights of that package. Keras 3 allows no `/`
/// in the name of a layer, so it opens no model file of this network.
public enum SqueezeNet {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// Without the top the output is `[h, w, 512]`, 13x13x512 for 227x227 pixels, or `[512]` with a pooling. The program
    /// ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 227 in the paper; at least 31.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images, 3 for published weights.
    ///   - classes: number of outputs, 1000 for published weights. Without the top it has no effect.
    ///   - includeTop: whether the dropout, the last convolution and the average over its outputs are part of the network.
    ///   - pooling: without the top, what follows the last module.
    public static func build(
        width: Int = 227, height: Int = 227, depth: Int = 3, classes: Int = 1000, includeTop: Bool = true,
        pooling: GlobalPooling? = nil
    ) -> Model {
        let fire = FireModule()
        let inputs = Input(shape: [height, width, depth], name: "input_1")
        var x = convReLU(inputs, 64, (3, 3), strides: (2, 2), padding: .valid, name: "conv1")  // 113x113x64
        x = MaxPooling2D((3, 3), strides: (2, 2), name: "pool1")(x)  // 56x56x64

        // Filters: 1x1 that squeeze; 1x1 and 3x3 that expand.
        x = fire(x, "fire2", 16, (64, 64))  // 56x56x128
        x = fire(x, "fire3", 16, (64, 64))  // 56x56x128
        x = MaxPooling2D((3, 3), strides: (2, 2), name: "pool3")(x)  // 27x27x128

        x = fire(x, "fire4", 32, (128, 128))  // 27x27x256
        x = fire(x, "fire5", 32, (128, 128))  // 27x27x256
        x = MaxPooling2D((3, 3), strides: (2, 2), name: "pool5")(x)  // 13x13x256

        x = fire(x, "fire6", 48, (192, 192))  // 13x13x384
        x = fire(x, "fire7", 48, (192, 192))  // 13x13x384
        x = fire(x, "fire8", 64, (256, 256))  // 13x13x512
        x = fire(x, "fire9", 64, (256, 256))  // 13x13x512

        if includeTop {
            x = Dropout(0.5, name: "drop9")(x)
            x = convReLU(x, classes, (1, 1), padding: .valid, name: "conv10")  // 13x13x1000
            x = GlobalAveragePooling2D(name: "globalaveragepooling2d_1")(x)  // 1000
            x = Activation(.softmax, name: "loss")(x)
        } else if let pooling {
            x = pooling(x)
        }
        return Model(inputs: inputs, outputs: x, name: "squeezenet")
    }
}

/// The fire module of Iandola et al. (2016), figure 1: few 1x1 filters, then 1x1 and 3x3 filters side by side,
/// concatenated.
private struct FireModule {
    func callAsFunction(_ x: KerasTensor, _ name: String, _ squeeze: Int, _ expand: (Int, Int)) -> KerasTensor {
        module(name, .fire) {
            let squeezed = convReLU(x, squeeze, (1, 1), in: "\(name)/", name: "squeeze1x1")
            return Concatenate(name: "\(name)/concat")([
                convReLU(squeezed, expand.0, (1, 1), in: "\(name)/", name: "expand1x1"),
                convReLU(squeezed, expand.1, (3, 3), in: "\(name)/", name: "expand3x3"),
            ])
        }
    }
}

/// A convolution and a ReLU. Its name begins with `relu_`, which the suffixes of a ``ConvUnit`` cannot say.
private func convReLU(
    _ x: KerasTensor, _ filters: Int, _ kernel: (Int, Int), strides: (Int, Int) = (1, 1), padding: Padding = .same,
    in prefix: String = "", name: String
) -> KerasTensor {
    module(name, .convolution) {
        Activation(.relu, name: "\(prefix)relu_\(name)")(
            Conv2D(filters, kernelSize: kernel, strides: strides, padding: padding, name: prefix + name)(x))
    }
}

extension Module.Kind {
    /// A bottleneck of 1x1 filters and branches of its output, concatenated (Iandola et al., 2016).
    public static let fire = Self("fire")
}
