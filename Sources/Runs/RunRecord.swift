import Foundation
import NeuralNetwork

/// What a training run was and what came of it: every number of the report is taken from one of these.
///
/// A chapter keeps one beside its history, `<name>.run.json`, and writes it anew after every epoch; a run that was
/// stopped and resumed has a stage for each part. `report/runs/schema.json` describes the file.
public struct RunRecord: Codable, Equatable, Sendable {
    /// Of the file's layout. Files of version 1, whose settings are words, are read; files of later ones are refused.
    public static let currentVersion = 2
    public var version = currentVersion

    /// The program: `Chapter11MiniGoogLeNet`.
    public var chapter: String
    public var experiment: Experiment
    public var network: Network
    public var dataset: Dataset
    public var seed: UInt64
    /// In the order they were run; more than one where the run was stopped and resumed.
    public var stages: [Stage]
    /// One for every epoch from the first, in order.
    public var epochs: [Epoch]
    /// What the finished model reaches on data that took no part in training; `nil` while there is none.
    public var test: TestResult?
    /// The fingerprint of the weights that training ended with: which model file the record belongs to.
    public var weights: String?
    /// Where the record is not what the program wrote by itself: how it came about.
    public var note: String?

    public init(
        chapter: String, experiment: Experiment, network: Network, dataset: Dataset, seed: UInt64,
        stages: [Stage] = [], epochs: [Epoch] = [], test: TestResult? = nil, note: String? = nil
    ) {
        self.chapter = chapter
        self.experiment = experiment
        self.network = network
        self.dataset = dataset
        self.seed = seed
        self.stages = stages
        self.epochs = epochs
        self.test = test
        self.note = note
    }

    /// What was tried.
    public struct Experiment: Codable, Equatable, Sendable {
        /// As in `--experiment`: "3", "fast", "readme-3".
        public var name: String
        public var epochs: Int
        public var batchSize: Int
        /// Everything else, by name: optimizer, schedule, augmentation, initialization. A class is its name and its config.
        public var settings: [String: JSON]

        public init(name: String, epochs: Int, batchSize: Int, settings: [String: JSON]) {
            self.name = name
            self.epochs = epochs
            self.batchSize = batchSize
            self.settings = settings
        }
    }

    public struct Network: Codable, Equatable, Sendable {
        public var name: String
        public var parameters: Int
        public var trainableParameters: Int

        public init(name: String, parameters: Int, trainableParameters: Int) {
            self.name = name
            self.parameters = parameters
            self.trainableParameters = trainableParameters
        }
    }

    public struct Dataset: Codable, Equatable, Sendable {
        /// "cifar10", "shapes10", "tiny-imagenet-200".
        public var name: String
        public var classes: Int
        public var trainingImages: Int
        public var validationImages: Int
        /// MD5 of the training images and labels as they were trained on; `nil` where it was not taken.
        public var checksum: String?

        public init(name: String, classes: Int, trainingImages: Int, validationImages: Int, checksum: String?) {
            self.name = name
            self.classes = classes
            self.trainingImages = trainingImages
            self.validationImages = validationImages
            self.checksum = checksum
        }
    }

    /// One uninterrupted part of a run, on one machine.
    public struct Stage: Codable, Equatable, Sendable {
        public var commandLine: String
        /// Epochs that were trained before it, and how many it has brought the model to.
        public var initialEpoch: Int
        public var reachedEpoch: Int
        public var started: Date
        public var ended: Date
        public var machine: Machine
        /// In megabytes (10^6 bytes), of the whole process so far; `nil` where it was not taken.
        public var peakMemory: Double?
        /// Spent on an epoch that this stage did not bring to its end; the next stage's first epoch adds them.
        public var secondsIntoEpoch: Double?

        public init(
            commandLine: String, initialEpoch: Int, reachedEpoch: Int, started: Date, ended: Date, machine: Machine,
            peakMemory: Double?
        ) {
            self.commandLine = commandLine
            self.initialEpoch = initialEpoch
            self.reachedEpoch = reachedEpoch
            self.started = started
            self.ended = ended
            self.machine = machine
            self.peakMemory = peakMemory
        }
    }

    /// What computed, and from which code.
    public struct Machine: Codable, Equatable, Sendable {
        /// "oneDNN 2.6.3".
        public var backend: String
        public var threads: Int
        public var processor: String
        public var operatingSystem: String
        public var compiler: String
        /// The commit, and whether nothing else lay in the tree; `nil` outside a checkout.
        public var gitCommit: String?
        public var isTreeClean: Bool?

        public init(
            backend: String, threads: Int, processor: String, operatingSystem: String, compiler: String,
            gitCommit: String?, isTreeClean: Bool?
        ) {
            self.backend = backend
            self.threads = threads
            self.processor = processor
            self.operatingSystem = operatingSystem
            self.compiler = compiler
            self.gitCommit = gitCommit
            self.isTreeClean = isTreeClean
        }
    }

    public struct Epoch: Codable, Equatable, Sendable {
        /// Counted from 1.
        public var number: Int
        /// Of training and validation together.
        public var seconds: Double
        /// Training images per second of training, without the validation; `nil` where it was not taken.
        public var imagesPerSecond: Double?
        /// Keras's names: `loss`, `acc`, `val_loss`, `val_acc`, and `lr`. What was not finite is left out.
        public var metrics: [String: Double]

        public init(number: Int, seconds: Double, imagesPerSecond: Double?, metrics: [String: Double]) {
            self.number = number
            self.seconds = seconds
            self.imagesPerSecond = imagesPerSecond
            self.metrics = metrics
        }
    }

    public struct TestResult: Codable, Equatable, Sendable {
        public var images: Int
        /// From 0 to 1: `accuracy`, or `rank1` and `rank5`, and what else was counted, such as `mirrored_accuracy`
        /// (the image and its mirror image averaged) or `rank1_ten_crops`.
        public var metrics: [String: Double]
        public var classNames: [String]?
        /// Rows are the truth, columns what was predicted.
        public var confusionMatrix: [[Int]]?
        /// As scikit-learn prints it.
        public var classificationReport: String?

        public init(
            images: Int, metrics: [String: Double], classNames: [String]? = nil, confusionMatrix: [[Int]]? = nil,
            classificationReport: String? = nil
        ) {
            self.images = images
            self.metrics = metrics
            self.classNames = classNames
            self.confusionMatrix = confusionMatrix
            self.classificationReport = classificationReport
        }
    }
}

extension RunRecord {
    /// The last epoch's value of a metric.
    public func final(_ metric: String) -> Double? { epochs.last?.metrics[metric] }

    /// The highest value of a metric in any epoch.
    public func best(_ metric: String) -> Double? { epochs.compactMap { $0.metrics[metric] }.max() }

    /// Whether every epoch that the experiment wanted was trained.
    public var isComplete: Bool { epochs.count == experiment.epochs }

    /// Seconds of all epochs.
    public var trainingTime: Double { epochs.reduce(0) { $0 + $1.seconds } }
}
