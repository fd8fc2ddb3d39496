import ComputeGraph
import NeuralNetwork

/// The second Inception network, with batch normalization (Ioffe and Szegedy, "Batch normalization: accelerating deep network
/// training by reducing internal covariate shift", 2015, figure 5), also called BN-Inception.
///
/// A 5x5 convolution of ``InceptionV1`` has become two of 3x3, every convolution is normalized, and there are neither dropout
/// nor auxiliary heads. Departure from the figure: the pool projections of 4c and 4d have the 128 filters of its filter columns,
/// which give 608 channels, where its output column says 576. For 224x224x3 and 1000 classes it has 11,305,256 parameters.
public enum InceptionV2 {
    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels, 224 in the paper; any size is possible.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: size of the output.
    ///   - projection4cd: filters of the pool projections of 4c and 4d. With 96 the output column of the figure is right.
    ///   - separable: whether the first convolution is separable with a depth multiplier of 8, as in the paper.
    public static func build(
        width: Int = 224, height: Int = 224, depth: Int = 3, classes: Int = 1000, projection4cd: Int = 128,
        separable: Bool = false
    ) -> Model {
        let conv = ConvUnit(useBias: false, suffixes: .paper)
        let inception = NormalizedInceptionModule(conv: conv)

        let inputs = Input(shape: [height, width, depth], name: "input")
        // 112x112x64.
        var x = separable ? separableConv(inputs) : conv(inputs, 64, (7, 7), strides: (2, 2), name: "conv1")
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool1")(x)  // 56x56x64
        x = conv(x, 64, (1, 1), name: "conv2_reduce")  // 56x56x64
        x = conv(x, 192, (3, 3), name: "conv2")  // 56x56x192
        x = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "pool2")(x)  // 28x28x192

        // Filters: 1x1; 3x3 reduce, 3x3; double 3x3 reduce, double 3x3; pool and its projection.
        x = inception(x, "3a", 64, (64, 64), (64, 96), .average(32))  // 28x28x256
        x = inception(x, "3b", 64, (64, 96), (64, 96), .average(64))  // 28x28x320
        x = inception.downsample(x, "3c", (128, 160), (64, 96))  // 14x14x576

        x = inception(x, "4a", 224, (64, 96), (96, 128), .average(128))  // 14x14x576
        x = inception(x, "4b", 192, (96, 128), (96, 128), .average(128))  // 14x14x576
        x = inception(x, "4c", 160, (128, 160), (128, 160), .average(projection4cd))  // 14x14x608
        x = inception(x, "4d", 96, (128, 192), (160, 192), .average(projection4cd))  // 14x14x608
        x = inception.downsample(x, "4e", (128, 192), (192, 256))  // 7x7x1056

        x = inception(x, "5a", 352, (192, 320), (160, 224), .average(128))  // 7x7x1024
        x = inception(x, "5b", 352, (192, 320), (192, 224), .max(128))  // 7x7x1024

        x = GlobalAveragePooling2D(name: "avg_pool")(x)  // 1024
        x = module("predictions", .dense) { Dense(classes, activation: .softmax, name: "predictions")(x) }
        return Model(inputs: inputs, outputs: x, name: "bn_inception")
    }

    /// The paper's first convolution: eight 7x7 filters on every channel, then 1x1, both without bias.
    private static func separableConv(_ inputs: KerasTensor) -> KerasTensor {
        module("conv1", .convolution) {
            var x = SeparableConv2D(
                64, kernelSize: (7, 7), strides: (2, 2), padding: .same, depthMultiplier: 8, useBias: false,
                name: "conv1")(inputs)
            x = BatchNormalization(name: "conv1_bn")(x)
            return Activation(.relu, name: "conv1_relu")(x)
        }
    }
}

/// The modules of Ioffe and Szegedy (2015), figure 5: like those of ``InceptionV1``, with two 3x3 convolutions in place of a
/// 5x5.
struct NormalizedInceptionModule {
    /// The pooling of the last branch, and the filters of the 1x1 convolution after it.
    enum Pooling {
        case average(Int)
        case max(Int)
    }
    typealias Filters = (reduce: Int, filters: Int)

    /// The unit that the branches consist of.
    var conv: ConvUnit

    /// A module that keeps the image's size. The numbers are a row of the figure's table.
    func callAsFunction(
        _ x: KerasTensor, _ name: String, _ conv1x1: Int, _ conv3x3: Filters, _ double3x3: Filters, _ pooling: Pooling
    ) -> KerasTensor {
        module(name, .inception) {
            let first = conv(x, conv1x1, (1, 1), name: "\(name)_1x1")
            let second = branch3x3(x, name, conv3x3)
            let third = branchDouble3x3(x, name, double3x3)

            let pooled: KerasTensor
            let projection: Int
            switch pooling {
            case .average(let filters):
                pooled = AveragePooling2D((3, 3), strides: (1, 1), padding: .same, name: "\(name)_pool")(x)
                projection = filters
            case .max(let filters):
                pooled = MaxPooling2D((3, 3), strides: (1, 1), padding: .same, name: "\(name)_pool")(x)
                projection = filters
            }
            let fourth = conv(pooled, projection, (1, 1), name: "\(name)_pool_proj")
            return Concatenate(name: name)([first, second, third, fourth])
        }
    }

    /// A module that halves the image: it has no 1x1 branch, and what is pooled passes through.
    func downsample(_ x: KerasTensor, _ name: String, _ conv3x3: Filters, _ double3x3: Filters) -> KerasTensor {
        module(name, .downsample) {
            let first = branch3x3(x, name, conv3x3, strides: (2, 2))
            let second = branchDouble3x3(x, name, double3x3, strides: (2, 2))
            let third = MaxPooling2D((3, 3), strides: (2, 2), padding: .same, name: "\(name)_pool")(x)
            return Concatenate(name: name)([first, second, third])
        }
    }

    private func branch3x3(
        _ x: KerasTensor, _ name: String, _ filters: Filters, strides: (Int, Int) = (1, 1)
    ) -> KerasTensor {
        let x = conv(x, filters.reduce, (1, 1), name: "\(name)_3x3_reduce")
        return conv(x, filters.filters, (3, 3), strides: strides, name: "\(name)_3x3")
    }

    private func branchDouble3x3(
        _ x: KerasTensor, _ name: String, _ filters: Filters, strides: (Int, Int) = (1, 1)
    ) -> KerasTensor {
        var x = conv(x, filters.reduce, (1, 1), name: "\(name)_double3x3_reduce")
        x = conv(x, filters.filters, (3, 3), name: "\(name)_double3x3_1")
        return conv(x, filters.filters, (3, 3), strides: strides, name: "\(name)_double3x3_2")
    }
}
