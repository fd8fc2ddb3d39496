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

    static func book(_ percent: Double, chapter: Int = 11) -> Published {
        Published(.book(chapter: chapter), "val_acc", percent)
    }

    private static func cifar10(_ name: String, learningRate: Double, _ published: [Published]) -> Experiment {
        Experiment(
            name: name, source: .book(chapter: 11), chapter: "Chapter11MiniGoogLeNet",
            summary: "SGD from \(learningRate), falling linearly", dataset: .cifar10, networkName: "MiniGoogLeNet",
            network: { MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: $0) },
            optimizer: SGD(learningRate: learningRate, momentum: 0.9),
            schedule: { PolynomialDecay(initialLearningRate: $0.learningRate ?? learningRate, decaySteps: $0.epochs) },
            epochs: 70, batchSize: 64, normalization: .meanImage,
            augmentation: cifar10Augmentation, published: published)
    }

    /// Of all the book's experiments on CIFAR-10.
    private static let cifar10Augmentation = ImageDataGenerator(
        widthShiftRange: 0.1, heightShiftRange: 0.1, horizontalFlip: true, fillMode: .nearest)

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

    // MARK: - Chapter 12

    /// Chapter 12's first three on CIFAR-10: more filters, then a larger penalty.
    static let bookResNetCIFAR10 = [
        chapter12CIFAR10(
            "1", [16, 16, 32, 64], reg: 0.0001, stages: [(50, 1e-1), (75, 1e-2), (85, 1e-3)], 89.06),
        chapter12CIFAR10(
            "2", [16, 64, 128, 256], reg: 0.0001, stages: [(40, 1e-1), (45, 1e-2), (50, 1e-3)], 90.10),
        chapter12CIFAR10(
            "3", [64, 64, 128, 256], reg: 0.0005, stages: [(80, 1e-1), (90, 1e-2), (100, 1e-3)], 91.83),
    ]

    /// Chapter 12's fourth: the third, with a linear decay in place of stages. The printed code has ten epochs, left
    /// from an earlier experiment; its text and its curve have 100.
    static let bookResNetCIFAR10Decay = chapter12CIFAR10(
        "4", [64, 64, 128, 256], reg: 0.0005, chapter: "Chapter12ResNetCIFAR10Decay",
        summary: "the network of 3 with a linear decay", linear, onShapes10: linear, epochs: 100, 93.58)

    private static func chapter12CIFAR10(
        _ name: String, _ filters: [Int], reg: Double, stages: [(through: Int, rate: Double)], _ percent: Double
    ) -> Experiment {
        chapter12CIFAR10(
            name, filters, reg: reg, chapter: "Chapter12ResNetCIFAR10",
            summary: "filters \(filters.map(String.init).joined(separator: ", ")), penalty \(reg)"
                + (reg == 0.0001 ? "" : " outside the modules"), byHand(stages),
            onShapes10: byHand([(5, 1e-1), (7, 1e-2), (8, 1e-3)]), epochs: stages[stages.count - 1].through, percent)
    }

    /// The penalty of the modules' kernels is that of the printed code, which does not pass `reg` on to them.
    private static func chapter12CIFAR10(
        _ name: String, _ filters: [Int], reg: Double, chapter: String, summary: String,
        _ schedule: @escaping @Sendable (Experiment.Span) -> any LearningRateSchedule,
        onShapes10 shortSchedule: @escaping @Sendable (Experiment.Span) -> any LearningRateSchedule, epochs: Int,
        _ percent: Double
    ) -> Experiment {
        @Sendable func network(modules: Int) -> @Sendable (Int) -> Model {
            {
                ResNet.build(
                    width: 32, height: 32, depth: 3, classes: $0, stages: [modules, modules, modules],
                    filters: filters, reg: reg, moduleReg: 0.0001)
            }
        }
        return Experiment(
            name: name, source: .book(chapter: 12), chapter: chapter, summary: summary, dataset: .cifar10,
            networkName: "ResNet", network: network(modules: 9),
            // The printed code has no momentum; the text has, in all experiments.
            optimizer: SGD(learningRate: 1e-1, momentum: 0.9), schedule: schedule, epochs: epochs, batchSize: 128,
            normalization: .meanImage, augmentation: cifar10Augmentation, published: [book(percent, chapter: 12)],
            adaptToShapes10: { ($0.network, $0.schedule) = (network(modules: 2), shortSchedule) })
    }

    /// Chapter 12's two on Tiny ImageNet.
    static let bookResNetTinyImageNet = chapter12TinyImageNet(
        "1", chapter: "Chapter12Train", "SGD from 0.1 in three stages", byHand([(25, 1e-1), (35, 1e-2), (40, 1e-3)]),
        epochs: 40, val: 53.14, rank1: 53.10, rank5: 75.43)
    static let bookResNetTinyImageNetDecay = chapter12TinyImageNet(
        "2", chapter: "Chapter12TrainDecay", "SGD from 0.1, falling linearly", linear, epochs: 75, val: 58.32,
        rank1: 58.03, rank5: 80.46)

    private static func chapter12TinyImageNet(
        _ name: String, chapter: String, _ summary: String,
        _ schedule: @escaping @Sendable (Experiment.Span) -> any LearningRateSchedule, epochs: Int, val: Double,
        rank1: Double, rank5: Double
    ) -> Experiment {
        Experiment(
            name: name, source: .book(chapter: 12), chapter: chapter, summary: summary, dataset: .tinyImageNet,
            networkName: "ResNet",
            network: {
                ResNet.build(
                    width: 64, height: 64, depth: 3, classes: $0, stages: [3, 4, 6], filters: [64, 128, 256, 512],
                    stem: .tinyImageNet, reg: 0.0005, moduleReg: 0.0001)
            },
            optimizer: SGD(learningRate: 1e-1, momentum: 0.9), schedule: schedule, epochs: epochs, batchSize: 64,
            normalization: .channelMeans, augmentation: tinyImageNetAugmentation,
            published: [
                book(val, chapter: 12), Published(.book(chapter: 12), "rank1", rank1),
                Published(.book(chapter: 12), "rank5", rank5),
            ])
    }

    /// From 0.1 to zero, by the same amount in every epoch.
    private static func linear(_ span: Experiment.Span) -> any LearningRateSchedule {
        PolynomialDecay(initialLearningRate: span.learningRate ?? 1e-1, decaySteps: span.epochs)
    }

    // MARK: - What experiments share

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
