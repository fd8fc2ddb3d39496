import Foundation
import HDF5
import PyImageSearch
import Runs
import ScikitLearn
import Testing

/// The records of classifiers of features.
@Suite final class ClassifierRecordTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private var classifier: String { "\(folder)/classifier.hdf5" }

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// Features of twelve samples of two classes.
    private func featuresFile(body: String = "VGG16, weights of ImageNet", samples: Int = 12) throws -> FeaturesFile {
        let features = "\(folder)/features.hdf5"
        let writer = try HDF5DatasetWriter(
            dims: [samples, 2], outputPath: features, dataKey: FeaturesFile.dataKey, elementType: .float32,
            overwrite: true)
        let labels = (0..<samples).map { $0 % 2 }
        let scalars = labels.enumerated().flatMap { row, label in [Float(label) * 2 - 1, Float(row) / 12] }
        try writer.add(floats: scalars, labels: labels)
        try writer.storeClassLabels(["a", "b"])
        try writer.storeOrigin(.init(dataset: "flowers17", body: body, imagesPerSecond: 5))
        try writer.close()
        return try FeaturesFile(features)
    }

    /// Nine of the samples are for training.
    private func record() throws -> ClassifierRecord {
        let file = try featuresFile()
        var search = GridSearchCV(LogisticRegression(), c: [10, 100], cv: StratifiedKFold(nSplits: 3))
        try search.fit(file.features(rows: 0..<9), Array(file.labels[..<9]))
        let test = try RunRecord.TestResult(
            predictions: search.predict(file.features(rows: 9..<12)), truth: Array(file.labels[9...]),
            classNames: ["a", "b"])
        return try ClassifierRecord(
            chapter: "Chapter03TrainModel", features: file, trainingSamples: 9, search: search, seconds: 1.5, test: test
        )
    }

    @Test func aRecordReadIsTheRecordWritten() throws {
        var record = try record()
        record.ended = Date(timeIntervalSince1970: 1e9)
        let path = ClassifierRecord.path(of: classifier)
        try record.write(to: path)
        #expect(try ClassifierRecord(contentsOf: path) == record)
        #expect(record.grid.map(\.c) == [10, 100] && record.grid.allSatisfy { $0.meanTestScore == 1 })
        #expect(record.bestC == 10 && record.solver == "lbfgs" && record.test.metrics == ["accuracy": 1])
        #expect(record.dataset == "flowers17" && record.classes == 2 && record.features.imagesPerSecond == 5)
    }

    /// Some of the pictures only are filed under another name.
    @Test func theNameTellsTheNumberOfSamples() throws {
        var record = try record()
        #expect(record.name == "flowers17-9-samples-vgg16-weights-of-imagenet-lbfgs")
        record.trainingSamples = 1_020
        #expect(record.name == "flowers17-1020-samples-vgg16-weights-of-imagenet-lbfgs")
    }

    @Test func ranksAreAddedToTheRecordBesideTheClassifier() throws {
        let features = try featuresFile()
        try ClassifierRecord.add(["rank1": 1], on: features, of: classifier)
        let path = ClassifierRecord.path(of: classifier)
        #expect(!FileManager.default.fileExists(atPath: path))
        try record().write(to: path)
        try ClassifierRecord.add(["rank1": 1, "rank5": 1], on: features, of: classifier)
        #expect(try ClassifierRecord(contentsOf: path).test.metrics == ["accuracy": 1, "rank1": 1, "rank5": 1])
    }

    @Test func ranksOfOtherFeaturesAreNotAdded() throws {
        let path = ClassifierRecord.path(of: classifier)
        try record().write(to: path)
        for others in [try featuresFile(body: "VGG19"), try featuresFile(samples: 16)] {
            try ClassifierRecord.add(["rank1": 0.5], on: others, of: classifier)
            #expect(try ClassifierRecord(contentsOf: path).test.metrics == ["accuracy": 1])
        }
    }

    @Test func damagedRecordsAreRefusedByName() throws {
        let path = ClassifierRecord.path(of: classifier)
        var later = try record(), impossible = later
        later.version = 2
        impossible.test.metrics["rank1"] = 1.5
        for record in [later, impossible] {
            try record.write(to: path)
            #expect { try ClassifierRecord(contentsOf: path) } throws: { "\($0)".hasPrefix(path) }
        }
        try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
        #expect { try ClassifierRecord(contentsOf: path) } throws: { "\($0)".hasPrefix(path) }
    }
}
