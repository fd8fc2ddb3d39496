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

    /// The loss of a short run, and what it said on standard error.
    private func loss(in folder: String, _ environment: [String: String]) throws -> (loss: Double, errors: String) {
        let result = try run(["--backend", "cuda", "--epochs", "1"], in: folder, environment)
        try #require(result.status == 0, "\(result.errors)")
        try FileManager.default.removeItem(atPath: "\(folder)/output")
        let match = try #require(try /val_loss: ([0-9.]+)/.firstMatch(in: result.output))
        return (try #require(Double(match.1)), result.errors)
    }

    /// Where cuDNN has an algorithm, it is taken, in every precision: nothing is said of products.
    @Test(arguments: ["float32", "tf32", "bfloat16"]) func cuDNNConvolves(precision: String) throws {
        try inNewFolder { folder in
            let step = ["train", "--model", "lenet", "--batch-size", "2", "--steps", "1", "--warm-up", "0"]
            let result = try Command.run(
                "Benchmark", step + ["--backend", "cuda", "--precision", precision], in: folder,
                environment: ["CUDA_LIBRARIES": TestBackend.doubleFolder])
            #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
        }
    }

    /// cuDNN need not have an algorithm. A step need not be recorded. What is slower is said.
    @Test(.slow) func thereAreOtherWays() throws {
        try inNewFolder { folder in
            let usual = try loss(in: folder, [:])
            #expect(usual.errors.isEmpty)
            let products = try loss(in: folder, ["CUDA_DOUBLE_CONVOLUTIONS": "none"])
            #expect(abs(usual.loss - products.loss) < 1e-3 && products.errors.contains("as a matrix product"))
            #expect(try loss(in: folder, ["CUDA_GRAPHS": "off"]).loss == usual.loss)
        }
    }

    /// Compiled kernels are kept. If they are damaged, they are compiled again.
    @Test(.slow) func compiledKernelsAreKept() throws {
        try inNewFolder { folder in
            let cache = "\(folder)/cache/pyimagesearch/kernels"
            func kept() throws -> Data {
                _ = try loss(in: folder, ["XDG_CACHE_HOME": "\(folder)/cache"])
                let names = try FileManager.default.contentsOfDirectory(atPath: cache)
                try #require(names.count == 1)
                return try Data(contentsOf: URL(fileURLWithPath: "\(cache)/\(names[0])"))
            }
            let whole = try kept()
            let name = try FileManager.default.contentsOfDirectory(atPath: cache)[0]
            try Data(whole.prefix(20)).write(to: URL(fileURLWithPath: "\(cache)/\(name)"))
            #expect(try kept() == whole)
        }
    }

    @Test func precisionIsForGPUs() throws {
        try inNewFolder { folder in
            let result = try run(["--precision", "tf32"], in: folder)
            #expect(result.isOneClearLine && result.errors.contains("--backend cuda"))
        }
    }
}
