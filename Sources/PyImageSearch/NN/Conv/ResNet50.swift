import ComputeGraph
import NeuralNetwork

/// ResNet-50, after He et al. ("Deep residual learning for image recognition", 2016, table 1, 50 layers), with the layers
/// and names of `keras.applications.ResNet50`.
///
/// Departure from the paper, as in Keras: convolutions have biases, which their normalizations make superfluous. A stage
/// is halved by the first 1x1 convolution of its first module and by the projection. For 224x224x3 and 1000 classes it
/// has 25,636,712 parameters, without its top 23,587,712. The book's own ``ResNet`` is the authors' later network with
/// pre-activation.
///
/// ``ImageNetPreprocessor`` makes its inputs, and ``PublishedWeights`` has weights for it.
public enum ResNet50 {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// Without the top the output is `[height / 32, width / 32, 2048]`, rounded up, or `[2048]` with a pooling. The program
    /// ends with one line if the images are too small for the network.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 224 in the paper; Keras takes no less than 32.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images, 3 for published weights.
    ///   - classes: number of outputs, 1000 for published weights. Without the top it has no effect.
    ///   - includeTop: whether the average pooling and the dense layer are part of the network.
    ///   - pooling: without the top, what follows the last module.
    public static func build(
        width: Int = 224, height: Int = 224, depth: Int = 3, classes: Int = 1000, includeTop: Bool = true,
        pooling: GlobalPooling? = nil
    ) -> Model {
        let conv = ConvUnit(epsilon: 1.001e-5, suffixes: .resNet50)

        /// A row of the paper's table: modules with so many filters, and four times as many in their last convolution.
        func stage(_ x: KerasTensor, _ name: String, _ filters: Int, modules: Int, strides: (Int, Int)) -> KerasTensor {
            (1...modules).reduce(x) { x, number in
                BottleneckModule(conv: conv)(
                    x, "\(name)_block\(number)", filters, strides: number == 1 ? strides : (1, 1),
                    projects: number == 1)
            }
        }

        let inputs = Input(shape: [height, width, depth])
        var x = ZeroPadding2D((3, 3), name: "conv1_pad")(inputs)  // 230x230x3
        x = conv(x, 64, (7, 7), strides: (2, 2), padding: .valid, name: "conv1")  // 112x112x64
        x = ZeroPadding2D((1, 1), name: "pool1_pad")(x)  // 114x114x64
        x = MaxPooling2D((3, 3), strides: (2, 2), name: "pool1_pool")(x)  // 56x56x64

        x = stage(x, "conv2", 64, modules: 3, strides: (1, 1))  // 56x56x256
        x = stage(x, "conv3", 128, modules: 4, strides: (2, 2))  // 28x28x512
        x = stage(x, "conv4", 256, modules: 6, strides: (2, 2))  // 14x14x1024
        x = stage(x, "conv5", 512, modules: 3, strides: (2, 2))  // 7x7x2048

        if includeTop {
            x = GlobalAveragePooling2D(name: "avg_pool")(x)  // 2048
            x = module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
        } else if let pooling {
            x = pooling(x, name: "\(pooling.rawValue)_pool")
        }
        return Model(inputs: inputs, outputs: x, name: "resnet50")
    }
}

/// The module of He et al. (2016), figure 5, right: convolutions 1x1, 3x3 and 1x1, added to their own input or to a
/// projection of it, and then a ReLU.
private struct BottleneckModule {
    /// Its convolutions.
    var conv: ConvUnit

    /// - Parameters:
    ///   - filters: of the first two convolutions; the third has four times as many.
    ///   - strides: of the first convolution and of the projection.
    func callAsFunction(
        _ x: KerasTensor, _ name: String, _ filters: Int, strides: (Int, Int), projects: Bool
    ) -> KerasTensor {
        var linear = conv
        linear.order = [.convolution, .normalization]
        linear.activation = .linear
        return module(name, .residual) {
            let shortcut =
                projects
                ? linear(x, 4 * filters, (1, 1), strides: strides, padding: .valid, name: "\(name)_0") : x
            var y = conv(x, filters, (1, 1), strides: strides, padding: .valid, name: "\(name)_1")
            y = conv(y, filters, (3, 3), name: "\(name)_2")
            y = linear(y, 4 * filters, (1, 1), padding: .valid, name: "\(name)_3")
            return Activation(.relu, name: "\(name)_out")(Add(name: "\(name)_add")([shortcut, y]))
        }
    }
}

extension ConvUnit.Suffixes {
    fileprivate static let resNet50 = Self(convolution: "_conv", normalization: "_bn", activation: "_relu")
}
