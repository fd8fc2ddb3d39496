import NeuralNetwork
import PyImageSearch

/// One training of the documents: its recipe and its published results.
///
/// ``Experiments`` lists them. `--experiment`, the report's tables and figures and the catalog of runs read these lists.
public struct Experiment: Sendable {
    /// As in `--experiment`: `3`, `fast`, `book-3`.
    public var name: String
    /// The document that describes it.
    public let source: Source
    /// The program that runs it: `Chapter11Train`.
    public let chapter: String
    /// What is special about it, in one line. It is for readers and takes no part in any comparison.
    public var summary: String
    public var dataset: DatasetName
    /// The network's type, as in the package: `GoogLeNet`.
    public var networkName: String
    /// Describes the network, for this many classes.
    public var network: @Sendable (_ classes: Int) -> Model
    /// Other arguments of the network, which its layers do not show, as run records store them.
    public var networkOptions: [String: JSON] = [:]
    /// With the experiment's learning rate: the first one, or the highest.
    public var optimizer: any Optimizer
    public var loss = Loss.categoricalCrossentropy
    /// The weight of each output's loss; 1 each if `nil`.
    public var lossWeights: [Double]?
    /// What happens to gradients before an update.
    public var gradientSteps: [any GradientStep] = []
    /// The learning rate during a training of this length.
    public var schedule: @Sendable (Span) -> any LearningRateSchedule
    /// Whether the schedule counts epochs or steps.
    public var unit = LearningRateScheduler.Unit.epoch
    public var epochs: Int
    /// Samples in a step.
    public var batchSize: Int
    /// How pixels are normalized before anything else; `nil` if the batches divide them by 255.
    public var normalization: ImageNormalization?
    /// Random changes to training images, if there are any.
    public var augmentation: ImageDataGenerator?
    /// Random crops of training images, if the network sees crops.
    public var randomCrop: RandomResizedCropPreprocessor?
    /// The results that the documents report.
    public var published: [Published] = []
    /// What else changes if the drawn shapes take the place of the data set, because it would take too long.
    public var adaptToShapes10: @Sendable (inout Experiment) -> Void = { _ in }

    /// How long training lasts.
    public struct Span: Sendable {
        public let epochs: Int
        public let stepsPerEpoch: Int
        /// The rate that a user asks for; `nil` for the experiment's.
        public let learningRate: Double?

        public init(epochs: Int, stepsPerEpoch: Int, learningRate: Double? = nil) {
            self.epochs = epochs
            self.stepsPerEpoch = stepsPerEpoch
            self.learningRate = learningRate
        }
    }

    /// The first learning rate, or the highest.
    public var learningRate: Double { optimizer.learningRate }

    /// Outputs of the network, auxiliary heads included: as many as there are losses.
    public var outputs: Int { lossWeights?.count ?? 1 }

    /// What the weights depend on, besides the data, by name. Run records and checkpoints store it, and a resumed run
    /// compares it.
    public func settings(_ span: Span) -> [String: JSON] {
        var optimizer = optimizer
        optimizer.learningRate = span.learningRate ?? learningRate
        var settings = networkOptions
        settings["optimizer"] = optimizer.described
        settings["schedule"] = schedule(span).described
        settings["schedule_unit"] = .string("\(unit)")
        settings["loss"] = loss.described
        settings["loss_weights"] = lossWeights.map { JSON($0) }
        settings["gradient_steps"] = gradientSteps.isEmpty ? nil : .array(gradientSteps.map(\.described))
        settings["normalization"] = normalization?.described
        settings["augmentation"] = augmentation?.described ?? randomCrop?.described
        return settings
    }

    /// The span of a whole run on all of its training images.
    public var wholeSpan: Span {
        Span(epochs: epochs, stepsPerEpoch: (dataset.trainingImages + batchSize - 1) / batchSize)
    }
}

/// The data sets of the documents.
public enum DatasetName: String, Sendable {
    case cifar10
    /// Ten kinds of drawn shapes, in place of CIFAR-10.
    case shapes10
    case tinyImageNet = "tiny-imagenet-200"
    case imageNet = "imagenet"
    case flowers17, animals, caltech101
    case dogsVsCats = "dogs-vs-cats"
    /// Drawn shapes as pictures of any size, in place of pictures in files.
    case shapes
    /// A user's folder, with a folder of pictures for each class.
    case pictures

    /// In the documents' split; for the drawn shapes, as many as are drawn. 0 for a user's pictures, whose number is not known.
    public var trainingImages: Int {
        switch self {
        case .cifar10: 50_000
        case .shapes10: 4_000
        case .tinyImageNet: 90_000
        case .imageNet: 1_281_167
        case .flowers17: 1_020
        case .animals: 2_250
        case .caltech101: 6_507
        case .dogsVsCats: 20_000
        case .shapes: 750
        case .pictures: 0
        }
    }

    public var classes: Int {
        switch self {
        case .cifar10, .shapes10, .shapes: 10
        case .flowers17: 17
        case .animals: 3
        case .dogsVsCats: 2
        case .caltech101: 101
        case .pictures: 0
        case .tinyImageNet: 200
        case .imageNet: 1000
        }
    }

    /// The name for readers.
    public var title: String {
        switch self {
        case .cifar10: "CIFAR-10"
        case .shapes10: "shapes10"
        case .tinyImageNet: "Tiny ImageNet"
        case .imageNet: "ImageNet"
        case .flowers17: "Flowers-17"
        case .animals: "Animals"
        case .caltech101: "CALTECH-101"
        case .dogsVsCats: "Dogs vs. Cats"
        case .shapes: "drawn shapes"
        case .pictures: "the user's pictures"
        }
    }
}
