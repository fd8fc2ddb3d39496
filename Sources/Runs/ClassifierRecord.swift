import Foundation
import NeuralNetwork
import PyImageSearch
import ScikitLearn
import System

/// How a linear classifier of a network's features was found, and how good it is: chapters 3 and 4 of the book. The numbers
/// of the report's tables come from such records, as those of trained networks come from ``RunRecord``.
public struct ClassifierRecord: Codable, Equatable, Sendable {
    /// The version of the file's layout. Others are refused.
    public static let currentVersion = 1
    public var version = currentVersion
    /// The program.
    public var chapter: String
    /// The data set: `flowers17`.
    public var dataset: String
    public var classes: Int
    public var trainingSamples: Int
    /// Where the features come from.
    public var features: Features
    /// Every value of C that was tried, in order.
    public var grid: [Candidate]
    public var bestC: Double
    /// `lbfgs` or `liblinear`.
    public var solver: String
    /// Seconds of the grid search.
    public var seconds: Double
    public var ended: Date
    public var machine: RunRecord.Machine
    /// On the samples that were not used for training: `accuracy`, and `rank1` and `rank5` once they are known.
    public var test: RunRecord.TestResult

    /// A value of C, and what it reached.
    public struct Candidate: Codable, Equatable, Sendable {
        public var c: Double
        /// Accuracy, mean over the folds, from 0 to 1.
        public var meanTestScore: Double
        public var stdTestScore: Double
    }

    /// Where features come from, as their file says.
    public struct Features: Codable, Equatable, Sendable {
        /// `VGG16, weights of ImageNet`.
        public var body: String
        /// Of a sample.
        public var count: Int
        /// Of reading pictures and computing; `nil` if the file does not say.
        public var imagesPerSecond: Double?
    }

    /// - Parameters:
    ///   - chapter: the program.
    ///   - features: the file of the features.
    ///   - trainingSamples: how many of them the search saw.
    ///   - search: which is finished.
    ///   - seconds: that it took.
    ///   - test: the result on the other samples.
    /// - Throws: ``RunRecordError`` if the search is not finished; `HDF5Error` if the file's attributes cannot be read.
    public init(
        chapter: String, features: FeaturesFile, trainingSamples: Int, search: GridSearchCV, seconds: Double,
        test: RunRecord.TestResult
    ) throws {
        guard let bestC = search.bestC else { throw RunRecordError("a grid search that is not finished has no record") }
        let origin = try features.origin()
        self.chapter = chapter
        dataset = origin.dataset
        classes = features.classNames.count
        self.trainingSamples = trainingSamples
        self.features = Features(
            body: origin.body, count: features.featureCount, imagesPerSecond: origin.imagesPerSecond)
        grid = search.results.map {
            Candidate(c: $0.c, meanTestScore: $0.meanTestScore, stdTestScore: $0.stdTestScore)
        }
        self.bestC = bestC
        solver = search.estimator.solver.rawValue
        self.seconds = seconds
        ended = Date()
        machine = .current(computing: solver, threads: search.jobs)
        self.test = test
    }

    /// Reads a record.
    ///
    /// - Throws: ``RunRecordError`` naming the file and what is wrong with it.
    public init(contentsOf path: String) throws {
        self = try RecordFile.read(path, "the record of a classifier")
        guard version == Self.currentVersion, test.metrics.values.allSatisfy({ (0...1).contains($0) }), bestC > 0 else {
            throw RunRecordError("\(path) is the record of a classifier of another layout, or is damaged")
        }
    }

    /// Writes the record, whole or not at all; the same record always gives the same bytes.
    public func write(to path: String) throws {
        try RecordFile.write(self, to: path)
    }

    /// The name that it is filed under: `flowers17-1020-samples-vgg16-weights-of-imagenet-lbfgs`.
    public var name: String {
        let words = "\(dataset) \(trainingSamples) samples \(features.body) \(solver)".lowercased()
        return words.split { !$0.isLetter && !$0.isNumber }.joined(separator: "-")
    }

    /// Adds results to the record beside a classifier's file, if there is one and they are of its own test samples.
    ///
    /// - Parameters:
    ///   - metrics: from 0 to 1, of the test samples.
    ///   - features: the file of the test samples.
    ///   - classifier: the classifier's file.
    /// - Throws: ``RunRecordError`` if the record is damaged; `FileError` if it cannot be written; `HDF5Error` if the file of
    ///   features cannot be read.
    public static func add(_ metrics: [String: Double], on features: FeaturesFile, of classifier: String) throws {
        let path = path(of: classifier)
        guard FileSystem.exists(path) else { return info("there is no record \(path) to add them to") }
        var record = try ClassifierRecord(contentsOf: path)
        let origin = try features.origin()
        guard
            (origin.dataset, origin.body) == (record.dataset, record.features.body),
            features.labels.count == record.trainingSamples + record.test.images
        else { return info("not added to \(path): the classifier was trained on other features than \(features.path)") }
        record.test.metrics.merge(metrics) { _, new in new }
        try record.write(to: path)
        info("added to \(path)")
    }

    /// The record beside a classifier's file.
    public static func path(of classifier: String) -> String { Path.withoutSuffix(classifier) + suffix }

    /// What the names of all records of classifiers end in.
    public static let suffix = ".record.json"
}
