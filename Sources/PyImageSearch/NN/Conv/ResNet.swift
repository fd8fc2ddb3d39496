import NeuralNetwork
import System

/// ResNet with pre-activation, after He et al. ("Identity mappings in deep residual networks", 2016), as chapter 12 of
/// the book builds it for small images.
///
/// Departures from the paper: the input is batch-normalized too; the stem for Tiny ImageNet is a 5x5 convolution that
/// keeps the size. In the first module of a stage, the
/// shortcut is a projection of the input after its normalization and ReLU. In the other modules it is the input itself.
///
/// With stages of 9, 9 and 9 modules for 32x32x3 and 10 classes it has 60,790 parameters with 16, 16, 32 and 64 filters,
/// 880,774 with 16, 64, 128 and 256, and 886,102 with 64, 64, 128 and 256. For Tiny ImageNet (64x64x3, 200 classes; 3, 4
/// and 6 modules; 64, 128, 256 and 512 filters) it has 2,265,748, and for ImageNet (224x224x3, 1000 classes; 3, 4, 6 and
/// 3 modules; 64, 256, 512, 1024 and 2048 filters) 25,595,060.
public enum ResNet {
    /// What stands between the images and the first module.
    public enum Stem: String, Sendable {
        /// A 3x3 convolution, for images of 32x32 pixels.
        case cifar
        /// A 5x5 convolution and a max pooling, which halves 64x64 pixels.
        case tinyImageNet = "tiny_imagenet"
        /// The paper's 7x7 convolution and max pooling, which both halve 224x224 pixels.
        case imageNet = "imagenet"
    }

    /// The convolutions of a residual module.
    public enum Modules: Sendable {
        /// 1x1, 3x3 and 1x1. The first two have a quarter of the filters.
        case bottleneck
        /// 3x3 and 3x3, all with the same filters: the paper's shallower networks and, with many filters, the wide
        /// ones of Zagoruyko and Komodakis ("Wide residual networks", 2016).
        case basic
    }

    /// Builds the network: input `[height, width, depth]`, output `[classes]` after a softmax.
    ///
    /// The program ends with one line if the images are too small for the network, or if there are not as many numbers
    /// of filters as stages and one more.
    ///
    /// - Parameters:
    ///   - width: of the images in pixels. The network ends in an average pooling over 8x8 positions, with ImageNet's
    ///     stem over 7x7: with three stages all positions of 32x32 pixels, or 64x64 with Tiny ImageNet's stem.
    ///   - height: of the images, like `width`.
    ///   - depth: channels of the images.
    ///   - classes: number of outputs.
    ///   - stages: the number of modules in each stage. Every stage but the first begins by halving the image.
    ///   - filters: of the stem's convolution, then of each stage's modules.
    ///   - stem: what stands before the first stage.
    ///   - modules: the convolutions of a module.
    ///   - reg: the factor of the L2 penalty on every kernel; 0 for none.
    ///   - moduleReg: the same for the kernels within modules; `nil` for `reg`. The book's code does not pass its `reg`
    ///     on to the modules, which always have 0.0001.
    ///   - bnEps: what batch normalization adds to the variance.
    ///   - bnMom: how much of its moving averages batch normalization keeps in a step.
    ///   - kernelInitializer: initial values of every kernel.
    public static func build(
        width: Int, height: Int, depth: Int, classes: Int, stages: [Int], filters: [Int], stem: Stem = .cifar,
        modules: Modules = .bottleneck, reg: Double = 0.0001, moduleReg: Double? = nil, bnEps: Double = 2e-5,
        bnMom: Double = 0.9, kernelInitializer: Initializer = .glorotUniform
    ) -> Model {
        guard filters.count == stages.count + 1, !stages.isEmpty, stages.allSatisfy({ $0 > 0 }) else {
            stop("ResNet: \(filters) are not the filters of a stem and of stages with \(stages) modules")
        }
        let moduleReg = moduleReg ?? reg

        func batchNormalization(_ x: KerasTensor) -> KerasTensor {
            BatchNormalization(momentum: bnMom, epsilon: bnEps)(x)
        }
        func bnReLU(_ x: KerasTensor) -> KerasTensor { Activation(.relu)(batchNormalization(x)) }
        func penalty(_ reg: Double) -> Regularizer? { reg == 0 ? nil : L2(reg) }
        func conv(_ order: ConvUnit.Order, reg: Double) -> ConvUnit {
            ConvUnit(
                order: order, activation: order == .conv ? .linear : .relu, kernelInitializer: kernelInitializer,
                useBias: false, kernelRegularizer: penalty(reg), epsilon: bnEps, momentum: bnMom)
        }

        /// Adds what its convolutions make of its input to the input, or to a projection that has their size.
        func residualModule(
            _ x: KerasTensor, _ name: String, _ filters: Int, strides: (Int, Int), projects: Bool
        ) -> KerasTensor {
            module(name, .residual) {
                let (conv, bnReLUConv) = (conv(.conv, reg: moduleReg), conv(.bnReLUConv, reg: moduleReg))
                let activated = bnReLU(x)
                var y: KerasTensor
                switch modules {
                case .bottleneck:
                    y = conv(activated, filters / 4, (1, 1), padding: .valid)
                    y = bnReLUConv(y, filters / 4, (3, 3), strides: strides)
                    y = bnReLUConv(y, filters, (1, 1), padding: .valid)
                case .basic:
                    y = conv(activated, filters, (3, 3), strides: strides)
                    y = bnReLUConv(y, filters, (3, 3))
                }
                let shortcut = projects ? conv(activated, filters, (1, 1), strides: strides, padding: .valid) : x
                return Add()([y, shortcut])
            }
        }

        let inputs = Input(shape: [height, width, depth])
        var x = batchNormalization(inputs)
        switch stem {
        case .cifar:
            x = conv(.conv, reg: reg)(x, filters[0], (3, 3))  // 32x32
        case .tinyImageNet:
            x = conv(.convBNReLU, reg: reg)(x, filters[0], (5, 5))  // 64x64
            x = MaxPooling2D((3, 3), strides: (2, 2))(ZeroPadding2D((1, 1))(x))  // 32x32
        case .imageNet:
            x = conv(.convBNReLU, reg: reg)(x, filters[0], (7, 7), strides: (2, 2))  // 112x112
            x = MaxPooling2D((3, 3), strides: (2, 2))(ZeroPadding2D((1, 1))(x))  // 56x56
        }

        // Each stage has half the size of the one before: 32x32, 16x16, 8x8, or 56x56, 28x28, 14x14, 7x7.
        for (stage, (count, filters)) in zip(stages, filters.dropFirst()).enumerated() {
            for number in 1...count {
                x = residualModule(
                    x, "\(stage + 1).\(number)", filters, strides: stage > 0 && number == 1 ? (2, 2) : (1, 1),
                    projects: number == 1)
            }
        }
        x = bnReLU(x)
        x = AveragePooling2D(stem == .imageNet ? (7, 7) : (8, 8))(x)  // 1x1

        x = Flatten()(x)
        x = module("classifier", .dense) {
            Activation(.softmax)(
                Dense(classes, kernelInitializer: kernelInitializer, kernelRegularizer: penalty(reg))(x))
        }
        return Model(inputs: inputs, outputs: x, name: "resnet")
    }
}
