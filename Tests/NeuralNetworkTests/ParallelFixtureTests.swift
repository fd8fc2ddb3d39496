import FixtureSupport
import Foundation
import ProgramSupport
import System
import Tensors
import Testing
@testable import NeuralNetwork

/// The runs of parallel.json: one network trained whole, and in two, three and four parts.
@Suite(.serialized) struct ParallelFixtureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let json: JSON
        var key: String { json["key"]?.string ?? "?" }
        var testDescription: String { key }

        static func all() throws -> [Case] { try FixtureFile.parallel.list("settings").map(Case.init) }
    }

    @Test(arguments: try Case.all(), [TestBackend.openblas, .onednn])
    func processesTrainTogether(_ run: Case, on backend: TestBackend) throws {
        let fixture = try FixtureFile.parallel.json(), reference = try FixtureFile.parallelIO.group(run.key)
        let network = try #require(fixture["network"]), optimizer = try #require(fixture["optimizer"])
        let model = try Model(config: NetworkFixture(network).modelConfig).on(backend)
        try model.setWeights((network["layers"]?.array ?? []).flatMap(fixtureWeights))
        model.compile(
            try Compilation(
                config: [
                    "loss": "categorical_crossentropy",
                    "optimizer_config": ["class_name": optimizer["name"] ?? nil, "config": optimizer],
                ], outputNames: model.outputNames))

        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try model.save("\(folder)/before.hdf5")
        let images = (fixture["train_input_key"]?.string ?? "").replacing("/<step>", with: "")
        let parts = try #require(run.json["shard_sizes"]?.array).compactMap(\.integer)
        #expect(parts == (0..<parts.count).map { BatchPart(rank: $0, of: parts.count, batch: 16).samples.count })
        let flags =
            ["before.hdf5", "after.hdf5", "--images", images, "--backend", backend.backend.name]
            + (run.json["synchronised_batch_norm"] == true ? ["--sync-batch-norm"] : [])
        let result = try Command.run("ParallelCheck", flags, processes: parts.count, in: folder)
        try #require(result.status == 0, "\(run.key): \(result.errors)")

        let losses = try #require(try JSON(parsing: result.output).array).compactMap(\.number)
        let expected = try reference.tensor("losses").scalars.map(Double.init)
        #expect(losses.count == expected.count)
        for (loss, expected) in zip(losses, expected) {
            #expect(abs(loss - expected) <= 1e-5 + 1e-5 * abs(expected), "\(run.key): loss \(loss), not \(expected)")
        }
        let after = try Model.load("\(folder)/after.hdf5", backend: backend.backend).weights().flatMap(\.scalars)
        let difference = Difference(
            "weights_after", Tensor(shape: [after.count], scalars: after), try reference.tensor("weights_after"),
            absolute: 1e-5)
        #expect(difference.isWithinTolerance, "\(run.key): \(difference)")
    }
}
