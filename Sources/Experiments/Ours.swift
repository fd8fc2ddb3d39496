import NeuralNetwork
import PyImageSearch

extension Experiments {
    /// 90 % on CIFAR-10 in an hour instead of a night, with techniques published since 2014.
    public static let fast = Experiment(
        name: "fast", source: .ours, chapter: "Chapter11MiniGoogLeNet",
        summary: "one cycle of the learning rate, 90 % in eleven epochs", dataset: .cifar10,
        networkName: "MiniGoogLeNet",
        network: {
            // A penalty of 2.5e-4 w^2 has the slope 5e-4 w, the weight decay of the recipe.
            MiniGoogLeNet.build(
                width: 32, height: 32, depth: 3, classes: $0, reg: 2.5e-4, kernelInitializer: .heNormal, dropout: 0)
        },
        optimizer: SGD(learningRate: 0.15, momentum: 0.9, nesterov: true),
        loss: .categoricalCrossentropy(labelSmoothing: 0.1),
        schedule: oneCycle(peak: 0.15),
        unit: .step, epochs: 11, batchSize: 128, normalization: .channels,
        augmentation: fastAugmentation)

    private static let fastAugmentation = ImageDataGenerator(
        widthShiftRange: 4, heightShiftRange: 4, shiftsByWholePixels: true, horizontalFlip: true, fillMode: .reflect)

    /// What MiniGoogLeNet learns of CIFAR-10 in a night on two processor cores: ``fast`` for longer, with a
    /// square cut out of every image, so that the network cannot learn the images by heart.
    public static let best: Experiment = {
        var best = fast
        (best.name, best.summary) = ("best", "the recipe of fast for longer, with a square cut out of each image")
        best.epochs = 80
        best.augmentation?.cutout = 8
        return best
    }()

    /// Tiny ImageNet in a night instead of two days: the techniques of ``fast`` for the network of the README.
    static let fastTinyImageNet = Experiment(
        name: "fast", source: .ours, chapter: "Chapter11TrainDecay",
        summary: "one cycle of the learning rate, SGD, nine modules, CONV => BN => RELU", dataset: .tinyImageNet,
        networkName: "GoogLeNet",
        network: { GoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 2.5e-4, dropout: 0.2) },
        optimizer: SGD(learningRate: 0.1, momentum: 0.9, nesterov: true),
        loss: .categoricalCrossentropy(labelSmoothing: 0.1), schedule: oneCycle(peak: 0.1), unit: .step, epochs: 20,
        batchSize: 128, normalization: .channelMeans,
        augmentation: ImageDataGenerator(
            widthShiftRange: 8, heightShiftRange: 8, shiftsByWholePixels: true, horizontalFlip: true,
            fillMode: .reflect))

    /// The same recipe for a residual network of one wide module a stage, in place of nine narrow ones. Wide layers use
    /// a processor better than many thin ones do, and learn faster (Zagoruyko and Komodakis, 2016).
    public static let fastResNet = Experiment(
        name: "fast", source: .ours, chapter: "Chapter12ResNetCIFAR10Decay",
        summary: "one cycle of the learning rate, one wide module a stage", dataset: .cifar10, networkName: "ResNet",
        network: {
            ResNet.build(
                width: 32, height: 32, depth: 3, classes: $0, stages: [1, 1, 1], filters: [16, 64, 128, 256],
                modules: .basic, reg: 2.5e-4, kernelInitializer: .heNormal)
        },
        optimizer: SGD(learningRate: 0.2, momentum: 0.9, nesterov: true),
        loss: .categoricalCrossentropy(labelSmoothing: 0.1), schedule: oneCycle(peak: 0.2), unit: .step, epochs: 14,
        batchSize: 128, normalization: .channels, augmentation: fastAugmentation)

    /// Up to the peak over the first quarter of all steps, and down to zero over the rest.
    private static func oneCycle(peak: Double) -> @Sendable (Experiment.Span) -> any LearningRateSchedule {
        { span in
            let steps = span.epochs * span.stepsPerEpoch
            return WarmupLinearDecay(peak: span.learningRate ?? peak, warmup: steps / 4, duration: steps)
        }
    }
}
