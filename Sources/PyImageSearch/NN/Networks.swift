import NeuralNetwork

/// The networks of the package, each as its document builds it: for the benchmark, the report and the test that every
/// network has to pass.
public enum Networks {
    /// A network with the input and the number of classes of its document.
    public struct Entry: Sendable {
        /// The type that builds it: `MiniGoogLeNet`. Behind it stands the data set if there is another entry of the type.
        public let name: String
        /// Where it was published: authors, title and year.
        public let paper: String
        /// Number of scalars in all weights of the network for training.
        public let parameterCount: Int
        fileprivate let builder: @Sendable (_ training: Bool) -> Model

        /// A new network.
        ///
        /// - Parameter training: whether it has what only training needs, such as auxiliary heads.
        public func build(training: Bool = true) -> Model { builder(training) }
    }

    /// All of them, in alphabetical order.
    public static let all = [
        alexNet, deeperGoogLeNet, googLeNet, inceptionResNetV1, inceptionResNetV2, inceptionResNetV2AsDrawn,
        inceptionV1,
        inceptionV2, inceptionV3, inceptionV4, leNet, miniGoogLeNet, miniVGGNet, resNet, resNet50,
        resNetImageNet, resNetTinyImageNet, shallowNet, squeezeNet, vgg16, vgg19,
    ]

    /// For Dogs vs. Cats, as in the book.
    public static let alexNet = Entry(
        name: "AlexNet",
        paper: "Krizhevsky et al., ImageNet classification with deep convolutional neural networks, 2012",
        parameterCount: 58_327_810,
        builder: { _ in AlexNet.build(width: 227, height: 227, depth: 3, classes: 2) })

    /// For Tiny ImageNet, as in the book.
    public static let deeperGoogLeNet = Entry(
        name: "DeeperGoogLeNet", paper: "Szegedy et al., Going deeper with convolutions, 2015",
        parameterCount: 3_667_976,
        builder: { _ in DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200) })

    /// For Tiny ImageNet, with all of the paper's modules.
    public static let googLeNet = Entry(
        name: "GoogLeNet", paper: "Szegedy et al., Going deeper with convolutions, 2015", parameterCount: 6_203_064,
        builder: { _ in GoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200) })

    private static let impactOfResiduals =
        "Szegedy et al., Inception-v4, Inception-ResNet and the impact of residual connections on learning, 2017"

    /// For ImageNet.
    public static let inceptionResNetV1 = Entry(
        name: "InceptionResNetV1", paper: impactOfResiduals, parameterCount: 22_769_848,
        builder: { _ in InceptionResNetV1.build() })

    /// For ImageNet, as in Keras.
    public static let inceptionResNetV2 = Entry(
        name: "InceptionResNetV2", paper: impactOfResiduals, parameterCount: 55_873_736,
        builder: { _ in InceptionResNetV2.build() })

    /// For ImageNet, as the paper's figures have it.
    public static let inceptionResNetV2AsDrawn = Entry(
        name: "InceptionResNetV2AsDrawn", paper: impactOfResiduals, parameterCount: 32_450_360,
        builder: { _ in InceptionResNetV2.buildAsDrawn() })

    /// For CIFAR-10 scaled up, as in the Keras tutorial.
    public static let inceptionV1 = Entry(
        name: "InceptionV1", paper: "Szegedy et al., Going deeper with convolutions, 2015",
        parameterCount: 10_334_030,
        builder: { InceptionV1.build(width: 224, height: 224, depth: 3, classes: 10, auxiliaryHeads: $0) })

    /// For ImageNet.
    public static let inceptionV2 = Entry(
        name: "InceptionV2",
        paper:
            "Ioffe and Szegedy, Batch normalization: accelerating deep network training by reducing internal covariate "
            + "shift, 2015", parameterCount: 11_305_256, builder: { _ in InceptionV2.build() })

    /// For ImageNet, as in Keras, with the paper's auxiliary head.
    public static let inceptionV3 = Entry(
        name: "InceptionV3",
        paper: "Szegedy et al., Rethinking the Inception architecture for computer vision, 2016",
        parameterCount: 27_179_376, builder: { InceptionV3.build(auxiliaryHead: $0) })

    /// For ImageNet.
    public static let inceptionV4 = Entry(
        name: "InceptionV4", paper: impactOfResiduals, parameterCount: 42_711_400,
        builder: { _ in InceptionV4.build() })

    /// For MNIST's digits, as in the book.
    public static let leNet = Entry(
        name: "LeNet", paper: "LeCun et al., Gradient-based learning applied to document recognition, 1998",
        parameterCount: 1_256_080,
        builder: { _ in LeNet.build(width: 28, height: 28, depth: 1, classes: 10) })

    /// For CIFAR-10, as in the book.
    public static let miniGoogLeNet = Entry(
        name: "MiniGoogLeNet",
        paper: "Zhang et al., Understanding deep learning requires rethinking generalization, 2017",
        parameterCount: 1_656_250,
        builder: { _ in MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10) })

    /// For CIFAR-10, as in the book.
    public static let miniVGGNet = Entry(
        name: "MiniVGGNet", paper: veryDeep, parameterCount: 2_171_178,
        builder: { _ in MiniVGGNet.build(width: 32, height: 32, depth: 3, classes: 10) })

    private static let identityMappings = "He et al., Identity mappings in deep residual networks, 2016"

    /// For CIFAR-10, as in the book's experiments 3 and 4.
    public static let resNet = Entry(
        name: "ResNet", paper: identityMappings, parameterCount: 886_102,
        builder: { _ in
            ResNet.build(
                width: 32, height: 32, depth: 3, classes: 10, stages: [9, 9, 9], filters: [64, 64, 128, 256],
                reg: 0.0005, moduleReg: 0.0001)
        })

    /// For ImageNet, as in Keras.
    public static let resNet50 = Entry(
        name: "ResNet50", paper: "He et al., Deep residual learning for image recognition, 2016",
        parameterCount: 25_636_712, builder: { _ in ResNet50.build() })

    /// For ImageNet, with 50 layers.
    public static let resNetImageNet = Entry(
        name: "ResNetImageNet", paper: identityMappings, parameterCount: 25_595_060,
        builder: { _ in
            ResNet.build(
                width: 224, height: 224, depth: 3, classes: 1000, stages: [3, 4, 6, 3],
                filters: [64, 256, 512, 1024, 2048], stem: .imageNet)
        })

    /// For Tiny ImageNet, as in the book.
    public static let resNetTinyImageNet = Entry(
        name: "ResNetTinyImageNet", paper: identityMappings, parameterCount: 2_265_748,
        builder: { _ in
            ResNet.build(
                width: 64, height: 64, depth: 3, classes: 200, stages: [3, 4, 6], filters: [64, 128, 256, 512],
                stem: .tinyImageNet, reg: 0.0005, moduleReg: 0.0001)
        })

    /// For CIFAR-10, as in the book.
    public static let shallowNet = Entry(
        name: "ShallowNet", paper: "Rosebrock, Deep learning for computer vision with Python, volume 1, 2017",
        parameterCount: 328_586,
        builder: { _ in ShallowNet.build(width: 32, height: 32, depth: 3, classes: 10) })

    /// For ImageNet, version 1.1.
    public static let squeezeNet = Entry(
        name: "SqueezeNet",
        paper: "Iandola et al., SqueezeNet: AlexNet-level accuracy with 50x fewer parameters, 2016",
        parameterCount: 1_235_496, builder: { _ in SqueezeNet.build() })

    private static let veryDeep =
        "Simonyan and Zisserman, Very deep convolutional networks for large-scale image recognition, 2015"

    /// For ImageNet, with 16 layers.
    public static let vgg16 = Entry(
        name: "VGG16", paper: veryDeep, parameterCount: 138_357_544, builder: { _ in VGG16.build() })

    /// For ImageNet, with 19 layers.
    public static let vgg19 = Entry(
        name: "VGG19", paper: veryDeep, parameterCount: 143_667_240, builder: { _ in VGG19.build() })
}
