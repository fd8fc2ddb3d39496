import FixtureSupport
import Foundation
import HDF5
import Tensors
import Testing
@testable import NeuralNetwork

/// A warning names the parts of a model file that are left out. The model predicts anyway; only resuming its training
/// needs them.
@Suite struct LeftOutTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"
    private let path = temporaryPath()

    /// A file of Keras with another text in one of its configurations.
    private func write(_ fixture: String, _ attribute: String, _ changes: [(String, String)]) throws {
        try? FileManager.default.removeItem(atPath: path)
        try FileManager.default.copyItem(atPath: "\(Self.fixtures)/\(fixture).hdf5", toPath: path)
        let file = try HDF5File(updating: path)
        var text = try #require(try file.root.attributes.string(attribute))
        for (old, new) in changes {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        try file.root.attributes.set(attribute, text)
        try file.close()
    }

    /// The model, and its warnings without the file's name.
    private func load() throws -> (model: Model, warnings: [String]) {
        defer { try? FileManager.default.removeItem(atPath: path) }
        var warnings: [String] = []
        let model = try Model.load(path) { warnings.append($0) }
        #expect(warnings.allSatisfy { $0.hasPrefix(path + ": ") && !$0.contains("\n") }, "\(warnings)")
        return (model, warnings)
    }

    private func images(_ model: Model) -> Tensor { hashImages("left out", model.inputs[0].shape.batched(4)) }

    private func targets(_ model: Model) -> Tensor {
        let shape = model.outputs[0].shape.batched(4)
        var targets = Tensor(shape: shape)
        for row in 0..<4 { targets.scalars[row * shape[1]] = 1 }
        return targets
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    @Test func aFileThatIsFullyReadHasNoWarning() throws {
        for fixture in ["keras2_adam", "keras2_legacy_adam", "keras3_adam", "keras3_sgd"] {
            try write(fixture, "model_config", [])
            #expect(try load().warnings == [])
        }
    }

    // MARK: - The optimizer's memory

    @Test(arguments: [
        "keras2_adam", "keras2_legacy_adam", "keras2_legacy_nadam", "keras3_adam", "keras3_momentum", "keras3_rmsprop",
    ])
    func aModelWithLayersFrozenLaterLoadsWithoutOptimizerState(fixture: String) throws {
        try write(fixture, "model_config", [])
        let whole = try Model.load(path) { _ in }
        let prediction = try whole.predict(images(whole))
        // All of them, so that the spelling of Keras 2 or 3 does not matter.
        let file = try HDF5File(updating: path)
        let text = try #require(try file.root.attributes.string("model_config"))
        let first = try #require(text.range(of: #""filters""#)).lowerBound
        let layer = try #require(text[..<first].range(of: #""trainable": true"#, options: .backwards))
        try file.root.attributes.set("model_config", text.replacingCharacters(in: layer, with: #""trainable": false"#))
        try file.close()
        let copy = try Data(contentsOf: URL(fileURLWithPath: path))

        let (model, warnings) = try load()
        #expect(warnings.count == 1 && warnings[0].contains("without the optimizer's state"), "\(warnings)")
        #expect(try model.predict(images(model)) == prediction)
        // It trains with a new optimizer.
        #expect(model.compilation != nil && model.state.iterations == 0)
        try model.fit(images(model), targets(model), verbose: false)

        try copy.write(to: URL(fileURLWithPath: path))
        let again = try Model.load(path) { _ in }
        let refusal = message { try again.checkContinues(again, from: 0, path: path) }
        #expect(refusal.contains("cannot resume its training: the optimizer's state has"), "\(refusal)")
        #expect(throws: ModelFileError.self) {
            try Model.furthestCheckpoint(among: [path], backend: TestBackend.any.backend) { _, _ in }
        }
        try FileManager.default.removeItem(atPath: path)
    }

    // MARK: - Losses and optimizers

    static let unknown: [(old: String, new: String, says: String)] = [
        (
            #""loss": "categorical_crossentropy""#, #""loss": "sparse_categorical_crossentropy""#,
            #"the file's loss "sparse_categorical_crossentropy" is not known here"#
        ),
        (
            #""loss": "categorical_crossentropy""#,
            #""loss": {"class_name": "CategoricalCrossentropy", "config": {"reduction": "sum"}}"#,
            #"the file's loss "CategoricalCrossentropy" with the reduction "sum" is not known here"#
        ),
        (
            #""loss": "categorical_crossentropy""#,
            #""loss": {"class_name": "CategoricalCrossentropy", "config": {"axis": 1}}"#,
            #"the file's loss "CategoricalCrossentropy" with axis 1 is not known here"#
        ),
        (#""loss": "categorical_crossentropy""#, #""loss": null"#, "the file's loss, if it has one, is not known here"),
        (#""class_name": "Adam""#, #""class_name": "AdamW""#, #"the file's optimizer "AdamW" is not known here"#),
        (
            #""weight_decay": null"#, #""weight_decay": 0.01"#,
            #"the file's optimizer "Adam" with weight_decay is not known here"#
        ),
        (#""amsgrad": false"#, #""amsgrad": true"#, #"the file's optimizer "Adam" with amsgrad is not known here"#),
        (
            #""optimizer_config""#, #""somebody_elses""#, "the file's optimizer, if it has one, is not known here"
        ),
    ]

    @Test(arguments: unknown.indices)
    func unknownLossesAndOptimizersAreNamed(number: Int) throws {
        let (old, new, says) = Self.unknown[number]
        try write("keras3_adam", "training_config", [(old, new)])
        let (model, warnings) = try load()
        #expect(warnings == ["\(path): \(says) and left out: the model predicts; compile it before training it"])
        _ = try model.predict(images(model))
        let fitting = message { try model.fit(images(model), targets(model), verbose: false) }
        #expect(fitting == "compile the model before fitting it, since \(says)")
        let evaluating = message { _ = try model.evaluate(images(model), targets(model)) }
        #expect(evaluating == "compile the model before evaluating it, since \(says)")
        #expect(message { try model.checkContinues(model, from: 0, path: path) }.contains("since \(says)"))
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD())
        try model.fit(images(model), targets(model), verbose: false)
    }

    @Test func lossAndOptimizerAreBothNamed() throws {
        try write(
            "keras3_adam", "training_config",
            [
                (#""loss": "categorical_crossentropy""#, #""loss": "hinge""#),
                (#""class_name": "Adam""#, #""class_name": "Lion""#),
            ])
        #expect(try load().warnings[0].contains(#"the file's loss "hinge" and optimizer "Lion" are not known here"#))
    }

    @Test func metricsAreNamed() throws {
        try write("keras3_adam", "training_config", [(#""metrics""#, #""metrics": ["AUC", "accuracy"], "other""#)])
        let (model, warnings) = try load()
        #expect(model.compilation != nil && warnings.count == 1 && warnings[0].contains("\"AUC\" is not known here"))
    }

    /// Ours do not count the weights of samples.
    @Test func weightedMetricsAreNamed() throws {
        try write(
            "keras3_adam", "training_config",
            [(#""weighted_metrics": null"#, #""weighted_metrics": ["accuracy", "auc"]"#)])
        let (_, warnings) = try load()
        #expect(warnings.count == 1 && warnings[0].contains(#"weighted "accuracy", weighted "auc" are not known here"#))
    }

    /// On several units Keras counts each unit, and its class `Accuracy` asks for equal numbers.
    @Test(arguments: [
        (#""binary_accuracy""#, "binary_accuracy"),
        (#"{"class_name": "BinaryAccuracy", "config": {"name": "b", "threshold": 0.5}}"#, "b"),
        (#"{"class_name": "Accuracy", "config": {"name": "accuracy"}}"#, "accuracy"),
        (#"{"class_name": "MeanMetricWrapper", "config": {"name": "binary_accuracy"}}"#, "binary_accuracy"),
    ])
    func metricsThatAreOtherNumbersAreNamed(metric: String, name: String) throws {
        try write("keras3_adam", "training_config", [(#""metrics""#, #""metrics": [\#(metric)], "other""#)])
        let (model, warnings) = try load()
        #expect(model.compilation?.metrics == [.accuracy])
        #expect(warnings.count == 1 && warnings[0].contains("\"\(name)\" is not known here"), "\(warnings)")
    }

    /// For one unit the binary accuracy is the accuracy, with Keras's threshold only.
    @Test(arguments: [
        (#"["binary_accuracy"]"#, true), (#"[{"class_name": "BinaryAccuracy", "config": {"threshold": 0.5}}]"#, true),
        (#"[{"class_name": "BinaryAccuracy", "config": {"threshold": 0.3}}]"#, false),
        (#"["categorical_accuracy"]"#, false), (#"{"a": ["accuracy"]}"#, true),
    ])
    func metricsOfOneUnit(metrics: String, isKnown: Bool) throws {
        let config: JSON = ["metrics": try JSON(parsing: metrics)]
        #expect(Compilation.unknownMetrics(in: config, units: [1]).isEmpty == isKnown)
    }

    @Test(arguments: [
        #""categorical_accuracy""#, #"{"class_name": "CategoricalAccuracy", "config": {"name": "c"}}"#,
        #"{"class_name": "MeanMetricWrapper", "config": {"name": "accuracy", "fn": "categorical_accuracy"}}"#,
        #"{"class_name": "MeanMetricWrapper", "config": {"name": "output_accuracy", "fn": "categorical_accuracy"}}"#,
    ])
    func accuraciesOfClassesAreKnown(metric: String) throws {
        try write("keras3_adam", "training_config", [(#""metrics""#, #""metrics": [[\#(metric)]], "other""#)])
        let (model, warnings) = try load()
        #expect(model.compilation?.metrics == [.accuracy] && warnings.isEmpty, "\(warnings)")
    }

    // MARK: - Precision

    @Test(arguments: [
        #""dtype": "mixed_float16""#,
        #""dtype": {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}"#,
        #""dtype": {"class_name": "Policy", "config": {"name": "mixed_float16"}}"#,
    ])
    func otherPrecisionIsReported(policy: String) throws {
        try write("keras2_adam", "model_config", [(#""dtype": "float32""#, policy)])
        let (model, warnings) = try load()
        #expect(
            warnings.count == 1 && warnings[0].contains("mixed_float16; here they compute in float32"), "\(warnings)")
        _ = try model.predict(images(model))
    }

    // MARK: - Other formats

    static let foreign: [(bytes: [UInt8], says: String)] = [
        ([], "is empty"),
        ([0x50, 0x4b, 3, 4] + Array("......metadata.json..config.json".utf8), "is a Keras 3 archive (.keras)"),
        ([0x50, 0x4b, 3, 4] + Array("......arr_0.npy".utf8), "NumPy"),
        ([0x50, 0x4b, 3, 4] + Array("......archive/data.pkl".utf8), "PyTorch"),
        ([0x50, 0x4b, 3, 4] + Array("......readme".utf8), "is a zip archive"),
        (Array("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n".utf8), "git-lfs pointer"),
        (Array("\n<!DOCTYPE html>\n<html>".utf8), "is a web page"),
        (Array("<html lang=\"en\">".utf8), "is a web page"),
        (Array("<?xml version=\"1.0\"?><Error>".utf8), "is a web page"),
        ([0x1f, 0x8b, 8, 0], "is compressed"), (Array("BZh9".utf8), "is compressed"),
        ([0xfd] + Array("7zXZ".utf8), "is compressed"),
        ([UInt8](repeating: 97, count: 257) + Array("ustar".utf8), "is a tar archive"),
        ([0x1c, 0, 0, 0] + Array("TFL3".utf8), "TensorFlow Lite"),
        ([0x08, 0x07, 0x12, 0x07] + Array("pytorch".utf8), "ONNX"),
        ([0x08, 0x01, 0x12, 0x80], "protocol buffer"), ([0x80, 4, 0x95], "is a Python pickle"),
        ([0x93] + Array("NUMPY".utf8), "NumPy"),
        ([0x40, 0, 0, 0, 0, 0, 0, 0] + Array("{\"w\":{}}".utf8), "safetensors"),
        (Array("{\"class_name\": \"Functional\"}".utf8), "is JSON"), ([0x89, 0x50, 0x4e, 0x47], "is a picture"),
    ]

    @Test(arguments: foreign.indices)
    func otherFormatsAreNamed(number: Int) throws {
        let (bytes, says) = Self.foreign[number]
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        for message in [
            message { _ = try Model.load(path) { _ in } }, message { try everyLayer().loadWeights(path) },
        ] {
            #expect(message.hasPrefix(path) && message.contains(says) && !message.contains("\n"), "\(message)")
        }
    }

    @Test func foldersAndOtherHDF5FilesAreNamed() throws {
        let folder = temporaryPath("")
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data([0x08, 0x01]).write(to: URL(fileURLWithPath: "\(folder)/saved_model.pb"))
        #expect(message { _ = try Model.load(folder) }.contains("is a TensorFlow SavedModel folder"))
        do {
            let root = try HDF5File(creating: "\(folder)/w.weights.h5").root
            _ = try root.createGroup("layers")
            _ = try HDF5File(creating: "\(folder)/set.hdf5").root.createDataset("labels", shape: [1], type: .int64)
        }
        let model = message { _ = try Model.load("\(folder)/w.weights.h5") }
        #expect(model.contains("a file of weights of Keras 3 (.weights.h5)"), "\(model)")
        let weights = message { try everyLayer().loadWeights("\(folder)/w.weights.h5") }
        #expect(weights.contains("no weights for a layer named"), "\(weights)")
        #expect(message { _ = try Model.load("\(folder)/set.hdf5") }.contains("it is a data set"))
    }

    /// Before anything is trained that could not be saved.
    @Test(arguments: [
        "x.keras", "X.KERAS", "x.weights.h5", "x.onnx", "a.b/x.tflite", "x.pt", "x.npz", "x.json", "x.tar",
    ])
    func namesOfOtherFormatsAreRefused(name: String) throws {
        let model = everyLayer()
        model.compile(losses: [.categoricalCrossentropy, .binaryCrossentropy], optimizer: SGD())
        for message in [
            message { try model.save(name) }, message { try Model.checkFileName(name) },
            message {
                try ModelCheckpoint(name).onTrainBegin(
                    TrainingProgress(
                        epochs: 1, initialEpoch: 0, stepsPerEpoch: 1, batchSize: 1, sampleCount: 1), model: model)
            },
        ] {
            #expect(message.hasPrefix("\(name): .") && message.contains(".hdf5 or .h5"), "\(message)")
        }
        #expect(!FileManager.default.fileExists(atPath: name))
    }

    @Test(arguments: ["x.hdf5", "x.h5", "x", "keras", "x.model", "x.keras.h5", "weights.h5"])
    func otherNamesAreNot(name: String) { #expect(throws: Never.self) { try Model.checkFileName(name) } }
}
