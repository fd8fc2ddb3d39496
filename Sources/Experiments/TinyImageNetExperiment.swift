import NeuralNetwork
import PyImageSearch

/// One of the documents' experiments on Tiny ImageNet: everything that made it what it was, and what came out.
public struct TinyImageNetExperiment: Sendable {
    /// As on the command line: `book-1`, `readme-3`.
    public let name: String
    /// What is special about it, in a line.
    public let summary: String
    public let epochs: Int
    /// The learning rate of every epoch, for training that lasts so many.
    public let schedule: @Sendable (_ epochs: Int) -> any LearningRateSchedule
    public let published: Published
    /// SGD with momentum 0.9 in the first experiment, Adam in all others.
    public let optimizer: @Sendable () -> any Optimizer
    public let network: @Sendable (_ classes: Int) -> Model

    /// Accuracies in percent, where the document has them.
    public struct Published: Sendable, Equatable {
        public var validation: Double?
        public var rank1: Double?
        public var rank5: Double?
    }

    /// Of all of them: train.py's.
    public static let augmentation = ImageDataGenerator(
        rotationRange: 18, widthShiftRange: 0.2, heightShiftRange: 0.2,
        // The documents' 0.15 was in radians in their Keras.
        shearRange: 0.15 * 180 / .pi, zoomRange: 0.15, horizontalFlip: true, fillMode: .nearest)
    public static let batchSize = 64

    public static let all: [TinyImageNetExperiment] = [
        TinyImageNetExperiment(
            name: "book-1", summary: "SGD, without the modules 4a to 4e", epochs: 65,
            schedule: { _ in StepTable([(25, 1e-2), (35, 1e-3), (65, 1e-4)]) }, published: Published(validation: 52.25),
            optimizer: { SGD(learningRate: 1e-2, momentum: 0.9) },
            network: { DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002, shallow: true) }
        ),
        TinyImageNetExperiment(
            name: "book-2", summary: "Adam, without the modules 4a to 4e", epochs: 40,
            schedule: { _ in StepTable([(20, 1e-3), (30, 1e-4), (40, 1e-5)]) }, published: Published(validation: 54.20),
            optimizer: { Adam(learningRate: 1e-3) },
            network: { DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002, shallow: true) }
        ),
        TinyImageNetExperiment(
            name: "book-3", summary: "Adam, all seven modules", epochs: 70,
            schedule: { _ in StepTable([(40, 1e-3), (60, 1e-4), (70, 1e-5)]) },
            published: Published(validation: 55.77, rank1: 54.38, rank5: 78.96),
            optimizer: { Adam(learningRate: 1e-3) },
            network: { DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002) }),
        TinyImageNetExperiment(
            name: "readme-1", summary: "Adam, nine modules, CONV => BN => RELU", epochs: 70,
            schedule: { _ in StepTable([(40, 1e-3), (60, 1e-4), (70, 1e-5)]) },
            published: Published(rank1: 55.05, rank5: 79.64), optimizer: { Adam(learningRate: 1e-3) },
            network: { GoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002) }),
        TinyImageNetExperiment(
            name: "readme-2", summary: "Adam, nine modules, CONV => RELU => BN", epochs: 70,
            schedule: { _ in StepTable([(40, 1e-3), (60, 1e-4), (70, 1e-5)]) },
            published: Published(rank1: 55.41, rank5: 80.68), optimizer: { Adam(learningRate: 1e-3) },
            network: { GoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002, order: .reluBN) }),
        TinyImageNetExperiment(
            // The document's text has 70 epochs, its code and its published curves 75.
            name: "readme-3", summary: "Adam with a linear decay, nine modules, CONV => RELU => BN", epochs: 75,
            schedule: { PolynomialDecay(initial: 1e-3, duration: $0) },
            published: Published(rank1: 57.34, rank5: 81.25), optimizer: { Adam(learningRate: 1e-3) },
            network: { GoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002, order: .reluBN) }),
    ]

    /// - Throws: ``DatasetError`` where there is none of that name.
    public static func named(_ name: String) throws -> TinyImageNetExperiment {
        guard let experiment = all.first(where: { $0.name == name }) else {
            throw DatasetError(
                "there is no experiment \"\(name)\"; there are \(all.map(\.name).joined(separator: ", "))")
        }
        return experiment
    }
}
