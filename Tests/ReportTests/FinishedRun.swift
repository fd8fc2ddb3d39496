import Experiments
import Foundation
import Imaging
import NeuralNetwork
import PyImageSearch
import Runs
import Tensors
@testable import Report

/// A folder with made-up records.
func withReport(_ body: (ReportFolder) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: "\(root)/report", withIntermediateDirectories: true)
    try body(ReportFolder(root: root))
}

/// The experiment; within a record this name means another type.
typealias DocumentedExperiment = Experiment

extension Experiment {
    static let one = Experiments.bookCIFAR10[0]
    static let two = Experiments.bookCIFAR10[1]
    static let three = Experiments.bookCIFAR10[2]
    static let fast = Experiments.fast
}

extension RunRecord {
    /// A complete run of one of the chapter's experiments, with made-up numbers.
    static func finished(
        _ recipe: DocumentedExperiment, dataset: String = "cifar10", images: Int = 50_000, seed: UInt64 = 1,
        right: Int = 900, epochs: Int? = nil
    ) -> RunRecord {
        let steps = (images + recipe.batchSize - 1) / recipe.batchSize
        let now = Date(timeIntervalSince1970: 1e9)
        let count = epochs ?? recipe.epochs
        // Every tenth image of a class is predicted as the next class.
        let matrix = (0..<10).map { truth in
            (0..<10).map { $0 == truth ? right : $0 == (truth + 1) % 10 ? 1000 - right : 0 }
        }
        return RunRecord(
            chapter: "Chapter11MiniGoogLeNet",
            experiment: Experiment(
                name: recipe.name, epochs: recipe.epochs, batchSize: recipe.batchSize,
                settings: recipe.settings(.init(epochs: recipe.epochs, stepsPerEpoch: steps))),
            network: Network(name: "MiniGoogLeNet", parameters: 1_656_250, trainableParameters: 1_652_826),
            dataset: Dataset(
                name: dataset, classes: 10, trainingImages: images, validationImages: 10_000, checksum: nil),
            seed: seed,
            stages: [
                Stage(
                    commandLine: "", initialEpoch: 0, reachedEpoch: count, started: now, ended: now,
                    machine: Machine(
                        backend: "b", threads: 2, processor: "p", operatingSystem: "o", compiler: "c", gitCommit: nil,
                        isTreeClean: nil), peakMemory: nil)
            ],
            epochs: (1...count).map {
                Epoch(
                    number: $0, seconds: 600, imagesPerSecond: 150,
                    metrics: ["loss": 2 / Double($0), "acc": 0.5, "val_loss": 2, "val_acc": 0.25, "lr": 0.1])
            },
            test: count == recipe.epochs
                ? TestResult(
                    images: 10_000, metrics: ["accuracy": Double(right) / 1000, "mirrored_accuracy": 0.95],
                    classNames: (0..<10).map { "class \($0)" }, confusionMatrix: matrix,
                    classificationReport: "  a\n\n  b\n") : nil)
    }

    func file(in folder: ReportFolder, samples: RunSamples? = nil) throws {
        try write(to: folder.recordPath(runName))
        try samples?.write(to: folder.samplesPath(runName))
    }
}

extension RunSamples {
    /// Gray images and kernels without meaning.
    static var madeUp: RunSamples {
        let images = ByteImages(
            shape: [16, 32, 32, 3], bytes: [UInt8](repeating: 128, count: 16 * 3072))
        let labels = (0..<16).map { $0 % 10 }
        return RunSamples(
            firstLayerKernel: Tensor(repeating: 0.5, shape: [3, 3, 3, 96]),
            mistakes: Mistakes(
                images: images, truth: labels, predicted: labels.map { 9 - $0 },
                probability: [Float](repeating: 0.75, count: 16)),
            batch: (images, labels))
    }
}
