import NeuralNetwork
import PyImageSearch

extension Experiments {
    /// Chapter 11's three on CIFAR-10. They differ only in the initial learning rate. The README repeats the third, the
    /// walk-through all three.
    public static let bookCIFAR10 = [
        cifar10("1", learningRate: 1e-3, [book(87.95), Published(.walkThrough, "val_acc", 88.15)]),
        cifar10("2", learningRate: 1e-2, [book(91.79), Published(.walkThrough, "val_acc", 92.19)]),
        cifar10(
            "3", learningRate: 5e-3,
            [book(90.81), Published(.walkThrough, "val_acc", 90.79), Published(.readme, "val_acc", 90.30)]),
    ]

    private static func book(_ percent: Double) -> Published { Published(.book(chapter: 11), "val_acc", percent) }

    private static func cifar10(_ name: String, learningRate: Double, _ published: [Published]) -> Experiment {
        Experiment(
            name: name, source: .book(chapter: 11), chapter: "Chapter11MiniGoogLeNet",
            summary: "SGD from \(learningRate), falling linearly", dataset: .cifar10, networkName: "MiniGoogLeNet",
            network: { MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: $0) },
            optimizer: SGD(learningRate: learningRate, momentum: 0.9),
            schedule: { PolynomialDecay(initial: $0.learningRate ?? learningRate, duration: $0.epochs) },
            epochs: 70, batchSize: 64, normalization: .meanImage,
            augmentation: ImageDataGenerator(
                widthShiftRange: 0.1, heightShiftRange: 0.1, horizontalFlip: true, fillMode: .nearest),
            published: published)
    }

    /// Chapter 11's three on Tiny ImageNet, with the stages of its tables 11.1 and 11.2.
    static let bookTinyImageNet = [
        tinyImageNet(
            "book-1", "SGD, without the modules 4a to 4e", SGD(learningRate: 1e-2, momentum: 0.9), modules: .two,
            [(25, 1e-2), (35, 1e-3), (65, 1e-4)], [book(52.25)]),
        tinyImageNet(
            "book-2", "Adam, without the modules 4a to 4e", Adam(learningRate: 1e-3), modules: .two,
            [(20, 1e-3), (30, 1e-4), (40, 1e-5)], [book(54.20)]),
        tinyImageNet(
            "book-3", "Adam, all seven modules", Adam(learningRate: 1e-3), modules: .seven,
            [(40, 1e-3), (60, 1e-4), (70, 1e-5)],
            [
                book(55.77), Published(.book(chapter: 11), "rank1", 54.38),
                Published(.book(chapter: 11), "rank5", 78.96),
            ]),
    ]

    private static func tinyImageNet(
        _ name: String, _ summary: String, _ optimizer: any Optimizer, modules: DeeperGoogLeNet.Modules,
        _ stages: [(through: Int, rate: Double)], _ published: [Published]
    ) -> Experiment {
        Experiment(
            name: name, source: .book(chapter: 11), chapter: "Chapter11Train", summary: summary,
            dataset: .tinyImageNet, networkName: "DeeperGoogLeNet",
            network: {
                DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002, modules: modules)
            },
            optimizer: optimizer, schedule: byHand(stages), epochs: stages[stages.count - 1].through, batchSize: 64,
            normalization: .channelMeans, augmentation: tinyImageNetAugmentation, published: published)
    }

    /// Stages that run one after the other. A rate that a user asks for holds for the whole run.
    static func byHand(
        _ stages: [(through: Int, rate: Double)]
    ) -> @Sendable (Experiment.Span) -> any LearningRateSchedule {
        { span in StepTable(span.learningRate.map { [(span.epochs, $0)] } ?? stages) }
    }

    /// Of all experiments on Tiny ImageNet: train.py's.
    public static let tinyImageNetAugmentation = ImageDataGenerator(
        rotationRange: 18, widthShiftRange: 0.2, heightShiftRange: 0.2,
        // The documents' 0.15 was in radians in their Keras.
        shearRange: 0.15 * 180 / .pi, zoomRange: 0.15, horizontalFlip: true, fillMode: .nearest)
}
