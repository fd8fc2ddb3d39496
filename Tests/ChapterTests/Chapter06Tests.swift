import FixtureSupport
import Foundation
import NeuralNetwork
import ProgramSupport
import Runs
import Tensors
import Testing

/// The programs of chapter 6 on drawn shapes.
@Suite(.serialized) struct Chapter06Tests {
    private let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }()
    private let arguments = ["--limit", "256", "--validation-limit", "64", "--epochs", "2", "--num-models", "3"]

    private func weights(_ path: String) throws -> [Float] {
        try Model.load("\(folder)/\(path)").weights().flatMap(\.scalars)
    }

    /// Each network has its own seed. A run that is killed while it trains the second resumes there.
    @Test func theNetworksDifferAndTheRunResumes() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("train_models", arguments + ["--output", "whole"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        try Command.kill(
            "train_models", arguments + ["--output", "\(folder)/killed"], when: "\(folder)/killed/models/model_1.hdf5")
        let resumed = try Command.run("train_models", arguments + ["--output", "killed", "--resume"], in: folder)
        #expect(resumed.status == 0, "\(resumed.errors)")
        let models = try (0..<3).map { try weights("whole/models/model_\($0).hdf5") }
        #expect(try models == (0..<3).map { try weights("killed/models/model_\($0).hdf5") })
        #expect(models[0] != models[1] && models[1] != models[2])
        let records = try (0..<3).map { try RunRecord(contentsOf: "\(folder)/whole/model_\($0).run.json") }
        #expect(records.map(\.seed) == [42, 43, 44] && records.allSatisfy { $0.epochs.count == 2 })
        // One network alone with that seed is the same.
        let single = try Command.run(
            "Chapter06TrainModels", arguments.dropLast(2) + ["-n", "1", "--seed", "42", "--output", "single"],
            in: folder)
        #expect(single.status == 0, "\(single.errors)")
        #expect(try weights("single/models/model_0.hdf5") == models[0])
    }

    /// Two networks prefer the first class a little, and one the second by far: neither the first, nor the last, nor the
    /// majority decides. Of 61 images seven are of the first class, and six of each other.
    @Test func theMeanOfTheProbabilitiesDecides() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: "\(folder)/models", withIntermediateDirectories: true)
        for (number, probabilities) in [(0.50, 0.45), (0.01, 0.95), (0.50, 0.45)].enumerated() {
            let input = Input(shape: [32, 32, 3])
            let output = Dense(10, activation: .softmax)(GlobalAveragePooling2D()(input))
            let model = try Model(inputs: input, outputs: output).on(.any)
            let rest = (1 - probabilities.0 - probabilities.1) / 8
            let biases = ([probabilities.0, probabilities.1] + [Double](repeating: rest, count: 8)).map {
                Float(log($0))
            }
            try model.setWeights([Tensor(shape: [3, 10]), Tensor(shape: [10], scalars: biases)])
            try model.save("\(folder)/models/model_\(number).hdf5")
        }
        let run = try Command.run("test_ensemble", ["--models", "models", "--limit", "61"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("average of 3 networks: 9.84%"), "\(run.output)")
        #expect(run.output.contains("model_0.hdf5: 11.48%") && run.output.contains("model_1.hdf5: 9.84%"))
    }

    @Test func theAverageIsFiledWithAllOfThem() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let early = try Command.run("test_ensemble", [], in: folder)
        #expect(early.status != 0 && early.isOneClearLine && early.errors.contains("Chapter06TrainModels"))
        let run = try Command.run("train_models", arguments, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let tested = try Command.run("test_ensemble", ["--limit", "64"], in: folder)
        #expect(tested.status == 0, "\(tested.errors)")
        let match = try #require(tested.output.firstMatch(of: /average of 3 networks: (\d+\.\d+)%/))
        let percent = try #require(Double(match.output.1))
        for number in 0..<3 {
            let record = try RunRecord(contentsOf: "\(folder)/output/model_\(number).run.json")
            let filed = try #require(record.test?.metrics["ensemble_accuracy_of_3"])
            #expect(abs(100 * filed - percent) < 0.006)
            #expect(record.test?.metrics["accuracy"] != nil && record.test?.classificationReport != nil)
        }
        // A model of something else does not belong to the ensemble.
        let other = try Command.run(
            "Chapter02MiniVGGNetFlowers17",
            ["--limit", "32", "--validation-limit", "16", "--epochs", "1", "-o", "flowers"],
            in: folder)
        #expect(other.status == 0, "\(other.errors)")
        try FileManager.default.copyItem(
            atPath: "\(folder)/flowers/minivggnet_flowers17.hdf5", toPath: "\(folder)/output/models/other.hdf5")
        let refused = try Command.run("test_ensemble", ["--limit", "64"], in: folder)
        #expect(
            refused.status != 0 && refused.isOneClearLine && refused.errors.contains("other.hdf5"), "\(refused.errors)")
    }
}
