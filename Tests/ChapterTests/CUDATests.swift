import FixtureSupport
import Foundation
import ProgramSupport
import Testing

/// Programs on the CUDA backend, on the double of a GPU: they are told where NVIDIA's libraries are.
@Suite struct CUDATests {
    private static let arguments = ["--limit", "32", "--batch-size", "16", "--validation-limit", "16"]

    private func inNewFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func run(_ arguments: [String], in folder: String, _ environment: [String: String] = [:]) throws -> Command
    {
        try Command.run(
            "Chapter11MiniGoogLeNet", Self.arguments + arguments, in: folder,
            environment: ["CUDA_LIBRARIES": TestBackend.doubleFolder].merging(environment) { $1 })
    }

    /// A record says which GPU computed, with which numbers. The processor continues what a GPU has begun.
    @Test func aRunContinuesOnTheProcessor() throws {
        try inNewFolder { folder in
            let begun = try run(["--backend", "cuda", "--precision", "bfloat16", "--epochs", "1"], in: folder)
            #expect(begun.status == 0, "\(begun.errors)")
            let record = try String(contentsOfFile: "\(folder)/output/minigooglenet_cifar10.run.json", encoding: .utf8)
            #expect(record.contains("Test double (no GPU), bfloat16"))
            let continued = try run(["--epochs", "2", "--start-epoch", "1"], in: folder)
            #expect(continued.status == 0 && continued.output.contains("Epoch 2/2"), "\(continued.errors)")
        }
    }

    @Test func withoutAGPUTheErrorSaysWhatIsMissing() throws {
        try inNewFolder { folder in
            let result = try run(["--backend", "cuda"], in: folder, ["CUDA_LIBRARIES": folder])
            #expect(result.isOneClearLine && result.status != 0)
            #expect(result.errors.contains("NVIDIA's driver was not found"))
            #expect(result.errors.contains("CUDA_LIBRARIES") && result.errors.contains("--backend onednn"))
        }
    }

    @Test func aGPUThatIsTooSmallIsSaid() throws {
        try inNewFolder { folder in
            let result = try run(["--backend", "cuda"], in: folder, ["CUDA_DOUBLE_MEMORY": "50000000"])
            #expect(result.isOneClearLine && result.errors.contains("smaller batch"), "\(result.errors)")
        }
    }

    /// cuDNN need not have an algorithm.
    @Test func convolutionsAreProductsIfNeedBe() throws {
        try inNewFolder { folder in
            func loss(_ environment: [String: String]) throws -> Double {
                let result = try run(["--backend", "cuda", "--epochs", "1"], in: folder, environment)
                try #require(result.status == 0, "\(result.errors)")
                try FileManager.default.removeItem(atPath: "\(folder)/output")
                let match = try #require(try /val_loss: ([0-9.]+)/.firstMatch(in: result.output))
                return try #require(Double(match.1))
            }
            let (library, products) = try (loss([:]), loss(["CUDA_DOUBLE_CONVOLUTIONS": "none"]))
            #expect(abs(library - products) < 1e-3)
        }
    }

    @Test func precisionIsForGPUs() throws {
        try inNewFolder { folder in
            let result = try run(["--precision", "tf32"], in: folder)
            #expect(result.isOneClearLine && result.errors.contains("--backend cuda"))
        }
    }
}
