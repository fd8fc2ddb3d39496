import NeuralNetwork
import PyImageSearch

/// One of the experiments with MiniGoogLeNet on CIFAR-10: everything that made it what it was, and what came out.
public struct CIFAR10Experiment: Sendable {
    /// What is done to the images before anything else.
    public enum Normalization: String, Sendable {
        /// The mean of all training images, pixel by pixel, is subtracted.
        case meanImage
        /// Every channel is brought to mean 0 and standard deviation 1 over all training images.
        case channels
    }

    /// As on the command line: 1, 2 and 3 are the book's, `fast` is ours.
    public enum Name: String, CaseIterable, Sendable {
        case one = "1"
        case two = "2"
        case three = "3"
        case fast
    }

    public let name: Name
    /// What is special about it, in a line.
    public let summary: String
    public let epochs: Int
    public let batchSize: Int
    /// The highest learning rate: the first, or that of the cycle's top.
    public let learningRate: Double
    /// Validation accuracy in percent, where the book has one.
    public let published: Double?
    public let normalization: Normalization
    public let augmentation: ImageDataGenerator
    public let loss: Loss
    public let optimizer: @Sendable (_ learningRate: Double) -> any Optimizer
    /// The learning rate over training that lasts so many epochs of so many steps.
    public let schedule: @Sendable (_ learningRate: Double, _ epochs: Int, _ steps: Int) -> any LearningRateSchedule
    /// What the schedule counts.
    public let unit: LearningRateScheduler.Unit
    public let network: @Sendable (_ classes: Int) -> Model

    /// The book's three times the same, from another learning rate.
    private static func book(_ name: Name, learningRate: Double, published: Double) -> CIFAR10Experiment {
        CIFAR10Experiment(
            name: name, summary: "SGD from \(learningRate), falling in a line", epochs: 70, batchSize: 64,
            learningRate: learningRate, published: published, normalization: .meanImage,
            augmentation: ImageDataGenerator(
                widthShiftRange: 0.1, heightShiftRange: 0.1, horizontalFlip: true, fillMode: .nearest),
            loss: .categoricalCrossentropy, optimizer: { SGD(learningRate: $0, momentum: 0.9) },
            schedule: { rate, epochs, _ in PolynomialDecay(initial: rate, duration: epochs, power: 1) }, unit: .epoch,
            network: { MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: $0) })
    }

    /// 90 % in an hour instead of a night, from what has been learned since 2014.
    private static let fast = CIFAR10Experiment(
        name: .fast, summary: "one cycle of the learning rate, 90 % in eleven epochs", epochs: 11, batchSize: 128,
        learningRate: 0.15, published: nil, normalization: .channels,
        augmentation: ImageDataGenerator(
            widthShiftRange: 4, heightShiftRange: 4, shiftsByWholePixels: true, horizontalFlip: true, fillMode: .reflect
        ),
        loss: .categoricalCrossentropy(labelSmoothing: 0.1),
        optimizer: { SGD(learningRate: $0, momentum: 0.9, nesterov: true) },
        schedule: { rate, epochs, steps in
            WarmupLinearDecay(peak: rate, warmup: epochs * steps / 4, duration: epochs * steps)
        }, unit: .step,
        network: {
            // A penalty of 2.5e-4 w^2 has the slope 5e-4 w, the weight decay of the recipe.
            MiniGoogLeNet.build(
                width: 32, height: 32, depth: 3, classes: $0, reg: 2.5e-4, kernelInitializer: .heNormal, dropout: 0)
        })

    public static func named(_ name: Name) -> CIFAR10Experiment {
        switch name {
        case .one: book(.one, learningRate: 1e-3, published: 87.95)
        case .two: book(.two, learningRate: 1e-2, published: 91.79)
        case .three: book(.three, learningRate: 5e-3, published: 90.81)
        case .fast: fast
        }
    }
}
