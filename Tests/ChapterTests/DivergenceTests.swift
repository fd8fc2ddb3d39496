import Foundation
import HDF5
import NeuralNetwork
import ProgramSupport
import Testing

/// A loss that becomes infinite or NaN in a chapter gives one line that says where, and which checkpoint to continue
/// from.
@Suite(.serialized) struct DivergenceTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path

    private func train(_ more: String...) throws -> Command {
        try Command.run(
            "Chapter11MiniGoogLeNet",
            ["--output", folder, "--model", "\(folder)/m.hdf5", "--limit", "96", "--epochs", "3"] + more)
    }

    @Test(arguments: ["onednn", "openblas"])
    func theLayerIsNamedAndNoModelIsWritten(backend: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try train("--learning-rate", "1e39", "--detect-anomalies", "--backend", backend)
        #expect(run.status == 1 && run.isOneClearLine, "\(run.errors)")
        #expect(run.errors.contains("in epoch 1, step 1, at learning rate 1e+39"), "\(run.errors)")
        #expect(run.errors.contains("the weight \"conv2d"), "\(run.errors)")
        #expect(run.errors.contains("there is no checkpoint of this run"), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/m.hdf5"))
    }

    @Test func theCheckpointOfTheEpochBeforeStaysAndIsNamed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try Command.kill(
            "Chapter11MiniGoogLeNet",
            ["--output", folder, "--model", "\(folder)/m.hdf5", "--limit", "96", "--epochs", "3"],
            when: "\(folder)/m.hdf5")
        let before = FileManager.default.contents(atPath: "\(folder)/m.hdf5")
        #expect(before != nil)
        let run = try train("--start-epoch", "1", "--learning-rate", "1e39")
        #expect(run.status == 1 && run.isOneClearLine, "\(run.errors)")
        #expect(
            run.errors.contains("the last good checkpoint is \(folder)/m.hdf5, after 1 epoch; --detect-anomalies"),
            "\(run.errors)")
        #expect(FileManager.default.contents(atPath: "\(folder)/m.hdf5") == before)
    }

    /// A data set of floats may hold a NaN pixel.
    @Test func anInputPixelThatIsNaNIsNamedAsInput() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for (name, isBad) in [("train", true), ("val", false)] {
            let file = try HDF5File(creating: "\(folder)/\(name).hdf5")
            // A whole row, because augmentation cannot move all of it out of the image.
            let row = 32 * 64 * 3..<33 * 64 * 3
            let pixels = (0..<4 * 64 * 64 * 3).map { isBad && row.contains($0) ? Float.nan : Float($0 % 251) }
            try file.root.createDataset("images", shape: [4, 64, 64, 3], type: .float32).write(pixels)
            try file.root.createDataset("labels", shape: [4], type: .int64).write([0, 1, 0, 1])
            try file.close()
        }
        try Data("{\"R\": 1, \"G\": 2, \"B\": 3}".utf8).write(
            to: URL(fileURLWithPath: "\(folder)/tiny-image-net-200-mean.json"))
        let run = try Command.run(
            "train_decay",
            ["--data", folder, "--model", "\(folder)/m.hdf5", "--epochs", "1"], in: folder)
        #expect(run.status == 1 && run.isOneClearLine, "\(run.errors)")
        #expect(run.errors.contains("the data are not finite: sample "), "\(run.errors)")
        #expect(!FileManager.default.fileExists(atPath: "\(folder)/m.hdf5"))
    }
}
