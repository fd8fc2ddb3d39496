import ArgumentParser
import CommandLine
import Foundation
import NeuralNetwork
import PyImageSearch
import Runs
import ScikitLearn
import System

/// The flags of a program that ranks the predictions of a model for Tiny ImageNet, and what such programs share.
public struct RankAccuracyOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, help: "The model file (default: the one in --output with the most training).",
        transform: Path.existingFile)
    public var model: String?

    @Option(
        name: .shortAndLong, help: FlagHelp.output(default: "output, where the training chapters keep their models"),
        transform: Path.argument)
    public var output = "output"

    @OptionGroup public var data: TinyImageNetOptions

    @Option(help: "Views of an image whose predictions are averaged: 1 or 10.", allowing: .oneOf(1, 10))
    public var crops = 1

    @Option(
        help: "The record of the training, which gets the result (default: the one in --output of that run).",
        transform: Path.argument)
    public var record: String?

    @Option(help: FlagHelp.batchSize(), allowing: .batchSize)
    public var batchSize = 64

    @OptionGroup public var compute: ComputeOptions

    public init() {}

    /// The file that `--model` names, or else the one in `--output` with the most training.
    ///
    /// - Parameters:
    ///   - checkpoints: the folder in `--output` with the checkpoints of training in stages.
    ///   - decayed: the name in `--output` of the model that was trained with a decay.
    ///   - trainer: a program that trains a model.
    /// - Throws: `ModelFileError` if there is no model.
    public func modelPath(checkpoints: String, decayed: String, trainer: String) throws -> String {
        let trained = EpochCheckpoint.files(in: "\(output)/\(checkpoints)") + ["\(output)/\(decayed)"]
        guard let path = model ?? SavedModel.furthest(of: trained)?.path else {
            throw ModelFileError(
                "there is no model in \(output) yet: train one (swift run \(trainer)), or name it with --model")
        }
        return path
    }

    /// The test set, preprocessed as in training.
    public func testBatches() throws -> HDF5DatasetGenerator {
        try HDF5DatasetGenerator(data.config.testHDF5, batchSize: batchSize, preprocessors: data.preprocessors)
    }

    /// - Throws: `ModelFileError` if the model cannot be read, or does not tell the classes of the test set apart.
    public func load(_ path: String, for test: HDF5DatasetGenerator) throws -> Model {
        info("loading \(path)...")
        let model = try Model.load(path, backend: compute.backend)
        try model.check(path, tellsApart: test.classes, named: test.classNames, of: test.path)
        return model
    }

    /// Predicts the test images, with `--crops 10` also ten views of each, prints the accuracies, and adds them to the
    /// record of the run that trained the model, if there is one and it ended with these weights.
    public func rankPredictions(of model: Model, on test: HDF5DatasetGenerator) throws {
        info("predicting \(counted(test.sampleCount, "test image"))...")
        let predictions = try model.predict(test, verbose: true)
        let (rank1, rank5) = rank5Accuracy(predictions: predictions, labels: test.labels)
        info("rank-1: \(percent(rank1))")
        info("rank-5: \(percent(rank5))")
        try file(["rank1": rank1, "rank5": rank5], of: model, images: test.sampleCount)
        guard crops == 10 else { return }

        info("predicting ten views of each...")
        let views = try model.predict(
            views: CropPreprocessor(width: 56, height: 56), of: test.labeledImages, count: test.sampleCount,
            preprocessor: SimplePreprocessor(width: 64, height: 64, interpolation: .linear), batchSize: batchSize,
            verbose: true)
        let (many1, many5) = rank5Accuracy(predictions: views.predictions, labels: views.labels)
        info("rank-1, ten crops: \(percent(many1)) (\(points(many1 - rank1)))")
        info("rank-5, ten crops: \(percent(many5)) (\(points(many5 - rank5)))")
        try file(["rank1_ten_crops": many1, "rank5_ten_crops": many5], of: model, images: test.sampleCount)
    }

    private func file(_ metrics: [String: Double], of model: Model, images: Int) throws {
        let result = RunRecord.TestResult(images: images, metrics: metrics)
        try RunRecord.add(result, of: model, to: record ?? output)
    }

    private func points(_ difference: Double) -> String { String(format: "%+.2f points", 100 * difference) }
}
