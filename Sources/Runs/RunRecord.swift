import Foundation
import NeuralNetwork
import System

/// What was trained, how, and with which result. Every number of the report comes from such a record.
///
/// A chapter writes one beside its history, `<name>.run.json`, again after every epoch. A run that was stopped and
/// resumed has a stage for each part. `report/runs/schema.json` describes the file.
public struct RunRecord: Codable, Equatable, Sendable {
    /// The version of the file's layout. Files of version 1, whose settings are words, are read; files of later
    /// versions are refused.
    public static let currentVersion = 2
    public var version = currentVersion

    /// The program: `Chapter11MiniGoogLeNet`.
    public var chapter: String
    public var experiment: Experiment
    public var network: Network
    public var dataset: Dataset
    public var seed: UInt64
    /// In order; more than one if the run was stopped and resumed.
    public var stages: [Stage]
    /// One for every epoch from the first, in order.
    public var epochs: [Epoch]
    /// Results of the finished model on data that was not used for training; `nil` until there are any.
    public var test: TestResult?
    /// The fingerprint of the final weights. It tells which model file the record belongs to.
    public var weights: String?
    /// How the record came about, if the program did not write it by itself.
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

    /// What was trained.
    public struct Experiment: Codable, Equatable, Sendable {
        /// As in `--experiment`: "3", "fast", "readme-3".
        public var name: String
        public var epochs: Int
        public var batchSize: Int
        /// Everything else, by name: optimizer, schedule, augmentation, initialization. A class is stored as its name
        /// and its config.
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
        /// MD5 of the training images and labels; `nil` if it was not computed.
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
        /// Epochs that the model had been trained before this stage, and after it.
        public var initialEpoch: Int
        public var reachedEpoch: Int
        public var started: Date
        public var ended: Date
        public var machine: Machine
        /// Of the whole process so far, in megabytes (10^6 bytes); `nil` if it was not measured.
        public var peakMemory: Double?
        /// Seconds spent on an epoch that this stage did not finish; the first epoch of the next stage adds them.
        public var secondsIntoEpoch: Double?
        /// What the program showed; `nil` for runs before version 0.13.
        public var transcript: Transcript?

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

    /// The machine, and the code that ran.
    public struct Machine: Codable, Equatable, Sendable {
        /// "oneDNN 2.6.3".
        public var backend: String
        public var threads: Int
        public var processor: String
        public var operatingSystem: String
        public var compiler: String
        /// The commit, and whether the working tree was clean; `nil` outside a checkout.
        public var gitCommit: String?
        public var isTreeClean: Bool?
        /// The processes that trained together; `nil` for one alone.
        public var processes: Processes?

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

        /// What the last digits of the results depend on: `oneDNN 2.6.3, 2 threads`.
        var computing: String {
            let each = "\(backend), \(counted(threads, "thread"))"
            return processes.map { "\(counted($0.hosts.count, "process")), each with \(each)" } ?? each
        }
    }

    /// Processes that train one model together.
    public struct Processes: Codable, Equatable, Sendable {
        /// What connects them: "Open MPI 4.1.4".
        public var library: String
        /// The machine of each process, in the order of their ranks.
        public var hosts: [String]
        /// The processor threads of each.
        public var threads: [Int]
        /// The numbers in which gradients travel: "float32", "bfloat16".
        public var gradientFormat: String

        public init(library: String, hosts: [String], threads: [Int], gradientFormat: String) {
            self.library = library
            self.hosts = hosts
            self.threads = threads
            self.gradientFormat = gradientFormat
        }

        public init(_ parallelism: DataParallelism) {
            let communicator = parallelism.communicator
            self.init(
                library: communicator.library, hosts: communicator.hosts, threads: communicator.threads,
                gradientFormat: parallelism.gradientFormat.rawValue)
        }
    }

    public struct Epoch: Codable, Equatable, Sendable {
        /// Counted from 1.
        public var number: Int
        /// Of training and validation together.
        public var seconds: Double
        /// Training images per second of training, without validation; `nil` if it was not measured.
        public var imagesPerSecond: Double?
        /// Under Keras's names: `loss`, `acc`, `val_loss`, `val_acc`, and `lr`. Numbers that are not finite are left
        /// out.
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
        /// From 0 to 1: `accuracy`, or `rank1` and `rank5`, and others such as `mirrored_accuracy` (the mean prediction
        /// for the image and its mirror image) or `rank1_ten_crops`.
        public var metrics: [String: Double]
        public var classNames: [String]?
        /// Rows are true classes, columns are predicted ones.
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
    /// The value of a metric after the last epoch.
    public func final(_ metric: String) -> Double? { epochs.last?.metrics[metric] }

    /// The highest value of a metric in any epoch.
    public func best(_ metric: String) -> Double? { epochs.compactMap { $0.metrics[metric] }.max() }

    /// Whether all epochs of the experiment were trained.
    public var isComplete: Bool { epochs.count == experiment.epochs }

    /// Seconds of all epochs.
    public var trainingTime: Double { epochs.reduce(0) { $0 + $1.seconds } }
}
