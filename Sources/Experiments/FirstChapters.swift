import NeuralNetwork
import PyImageSearch

// Chapters 2, 5 and 6 of the book.
extension Experiments {
    /// Chapter 2: MiniVGGNet on Flowers-17, with and without augmentation.
    public static let flowers17 = flowers17(
        chapter: "Chapter02MiniVGGNetFlowers17", summary: "SGD, rate 0.05, no augmentation", augmentation: nil, 62.06)
    public static let flowers17Augmented = flowers17(
        chapter: "Chapter02MiniVGGNetFlowers17DataAug", summary: "SGD, rate 0.05, augmented",
        augmentation: flowers17Augmentation, 67.94)

    private static func flowers17(
        chapter: String, summary: String, augmentation: ImageDataGenerator?, _ percent: Double
    ) -> Experiment {
        Experiment(
            name: "1", source: .book(chapter: 2), chapter: chapter, summary: summary, dataset: .flowers17,
            networkName: "MiniVGGNet", network: { MiniVGGNet.build(width: 64, height: 64, depth: 3, classes: $0) },
            optimizer: SGD(learningRate: 0.05), schedule: constant(0.05), epochs: 100, batchSize: 32,
            normalization: .unit, augmentation: augmentation, published: [book(percent, chapter: 2)])
    }

    /// Of chapter 2, and of chapter 5's fine-tuning.
    public static let flowers17Augmentation = ImageDataGenerator(
        rotationRange: 30, widthShiftRange: 0.1, heightShiftRange: 0.1,
        // The book's 0.2 was in radians in its Keras.
        shearRange: 0.2 * 180 / .pi, zoomRange: 0.2, horizontalFlip: true, fillMode: .nearest)

    /// One rate for the whole run.
    private static func constant(_ rate: Double) -> @Sendable (Experiment.Span) -> any LearningRateSchedule {
        byHand([(1, rate)])
    }

    // MARK: - Chapter 5

    /// Fine-tuning of VGG16 on Flowers-17: the book's, and the same with the pixels that the weights were learned with.
    /// Each begins with the model of its ``warmUp(for:)``.
    public static let fineTuning = [
        fineTuning("1", "the book's pixels", .unitBGR, [book(94.12, chapter: 5)]),
        fineTuning("means", "ImageNet's means subtracted", .imageNet, []),
    ]

    private static func fineTuning(
        _ name: String, _ summary: String, _ normalization: ImageNormalization, _ published: [Published]
    ) -> Experiment {
        Experiment(
            name: name, source: published.isEmpty ? .ours : .book(chapter: 5), chapter: "Chapter05FinetuneFlowers17",
            summary: summary, dataset: .flowers17, networkName: "VGG16+FCHeadNet",
            network: headed(VGG16.build(includeTop: false)),
            optimizer: SGD(learningRate: 0.001), schedule: constant(0.001), epochs: 100, batchSize: 32,
            normalization: normalization, augmentation: flowers17Augmentation, published: published)
    }

    /// The first stage of a fine-tuning: the new head learns, and the body is frozen.
    public static func warmUp(for fineTuning: Experiment) -> Experiment {
        Experiment(
            name: "\(fineTuning.name)-warm-up", source: fineTuning.source, chapter: fineTuning.chapter,
            summary: "the head alone, RMSprop, rate 0.001", dataset: fineTuning.dataset,
            networkName: fineTuning.networkName, network: fineTuning.network,
            optimizer: RMSprop(learningRate: 0.001), schedule: constant(0.001), epochs: 25,
            batchSize: fineTuning.batchSize, normalization: fineTuning.normalization,
            augmentation: fineTuning.augmentation,
            published: fineTuning.published.isEmpty ? [] : [book(89.71, chapter: 5)])
    }

    /// A body with the book's new head of 256 units.
    public static func headed(_ body: @autoclosure @escaping @Sendable () -> Model)
        -> @Sendable (_ classes: Int) -> Model
    {
        { classes in
            let body = body()
            return Model(inputs: body.inputs, outputs: [FCHeadNet.build(body, classes: classes, units: 256)])
        }
    }

    // MARK: - Chapter 6

    /// Chapter 6: one of the networks of the ensemble.
    public static let ensembleMember = Experiment(
        name: "1", source: .book(chapter: 6), chapter: "Chapter06TrainModels",
        summary: "SGD from 0.01 with Nesterov's momentum and decay", dataset: .cifar10, networkName: "MiniVGGNet",
        network: { MiniVGGNet.build(width: 32, height: 32, depth: 3, classes: $0) },
        optimizer: SGD(learningRate: 0.01, momentum: 0.9, nesterov: true, decay: 0.01 / 40), schedule: constant(0.01),
        epochs: 40, batchSize: 64, normalization: .unit,
        augmentation: ImageDataGenerator(
            rotationRange: 10, widthShiftRange: 0.1, heightShiftRange: 0.1, horizontalFlip: true, fillMode: .nearest),
        published: [
            book(83, chapter: 6), Published(.book(chapter: 6), "ensemble_accuracy", 84),
        ])
}
