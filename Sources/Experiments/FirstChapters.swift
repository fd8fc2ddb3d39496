import NeuralNetwork
import PyImageSearch

// Chapters 2 to 10 of the book.
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
            networkName: fineTuning.networkName, network: fineTuning.network, networkOptions: fineTuning.networkOptions,
            optimizer: RMSprop(learningRate: 0.001), schedule: constant(0.001), epochs: 25,
            batchSize: fineTuning.batchSize, normalization: fineTuning.normalization,
            augmentation: fineTuning.augmentation,
            published: fineTuning.published.isEmpty ? [] : [book(89.71, chapter: 5)])
    }

    /// A body with the book's new head of 256 units.
    private static func headed(_ body: @autoclosure @escaping @Sendable () -> Model)
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
            rotationRange: 10, widthShiftRange: 0.1, heightShiftRange: 0.1, horizontalFlip: true, fillMode: .nearest,
            // As the book's Keras did.
            interpolationOrder: .nearest),
        published: [
            book(83, chapter: 6), Published(.book(chapter: 6), "ensemble_accuracy_of_5", 84),
        ])
}

// MARK: - Chapter 10

extension Experiments {
    /// AlexNet on Dogs vs. Cats.
    public static let alexNet = Experiment(
        name: "1", source: .book(chapter: 10), chapter: "Chapter10TrainAlexNet", summary: "Adam, rate 0.001",
        dataset: .dogsVsCats, networkName: "AlexNet",
        network: { AlexNet.build(width: 227, height: 227, depth: 3, classes: $0, reg: 0.0002) },
        networkOptions: ["patch": .array([227, 227])], optimizer: Adam(learningRate: 0.001),
        // With one-hot targets of two classes it is the categorical cross-entropy.
        loss: .binaryCrossentropy, schedule: constant(0.001), epochs: 75, batchSize: 128, normalization: .channelMeans,
        augmentation: ImageDataGenerator(
            rotationRange: 20, widthShiftRange: 0.2, heightShiftRange: 0.2,
            // The book's 0.15 was in radians in its Keras.
            shearRange: 0.15 * 180 / .pi, zoomRange: 0.15, horizontalFlip: true, fillMode: .nearest),
        published: [
            book(92.97, chapter: 10), Published(.book(chapter: 10), "rank1", 92.60),
            Published(.book(chapter: 10), "rank1_ten_crops", 94.00),
        ],
        adaptToShapes10: {
            // With few pictures, small batches: a step is what moves the averages of the normalizations. They take a
            // smaller rate; with 0.001 validation is at chance for five epochs.
            ($0.epochs, $0.batchSize, $0.optimizer) = (6, 16, Adam(learningRate: 1e-4))
            ($0.schedule, $0.summary) = (constant(1e-4), "Adam, rate 0.0001")
        })
}

// MARK: - Features

/// What the book reports of a linear classifier of a network's features.
public struct PublishedFeatures: Sendable {
    public let dataset: DatasetName
    /// What is to be run, in this order.
    public var programs = ["Chapter03ExtractFeatures", "Chapter03TrainModel", "Chapter04RankAccuracy"]
    /// The best C of the grid search.
    public let bestC: Double
    /// Rank-1 accuracy on the last quarter of the file, in percent.
    public let rank1: Double
    /// `nil` if the book does not report it.
    public let rank5: Double?
    /// Pictures per second of the extraction, on a Titan X.
    public let imagesPerSecond: Double
}

extension Experiments {
    /// Chapters 3 and 4, of VGG16, and chapter 10, of ResNet50. Of Animals the book has the rounded report only.
    public static let features = [
        PublishedFeatures(dataset: .animals, bestC: 0.1, rank1: 98, rank5: nil, imagesPerSecond: 3_000 / 35),
        PublishedFeatures(dataset: .caltech101, bestC: 1_000, rank1: 95.58, rank5: 99.45, imagesPerSecond: 8_677 / 87),
        PublishedFeatures(dataset: .flowers17, bestC: 0.1, rank1: 92.06, rank5: 99.41, imagesPerSecond: 1_360 / 19),
        PublishedFeatures(
            dataset: .dogsVsCats, programs: ["Chapter10ExtractFeatures", "Chapter10TrainModel"], bestC: 0.001,
            rank1: 98.69, rank5: nil, imagesPerSecond: 25_000 / 378),
    ]
}

// MARK: - Ranks

extension Experiments {
    /// The book's table 4.1: the probabilities, in percent, that a network gives to two pictures of CIFAR-10, class by class in
    /// alphabetical order. The first shows a frog, the second an automobile.
    public static let rankedPictures: [(truth: String, percents: [Double])] = [
        ("frog", [0, 0, 2.1, 0.03, 0.01, 0.56, 97.3, 0, 0, 0]),
        ("automobile", [1.1, 38.7, 0, 0.5, 0, 0.4, 0.11, 1.4, 2.39, 55.4]),
    ]
}
