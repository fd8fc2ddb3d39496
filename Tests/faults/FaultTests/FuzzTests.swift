import Foundation
import ProgramSupport
import Testing
@testable import Fuzz

/// Damaged inputs of every kind: each is accepted, or refused with a clear error.
///
/// `swift run Fuzz` tries many more, and prints how to repeat one that does harm.
@Suite(.serialized) struct FuzzTests {
    /// Runs the harness, which is beside the tests.
    private func fuzz(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("Fuzz")
        // With FUZZ_MEMORY=0 memory is not limited, because sanitizers reserve terabytes of addresses.
        let memory = ProcessInfo.processInfo.environment["FUZZ_MEMORY"].map { ["--memory", $0] } ?? []
        process.arguments = arguments + memory
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test(arguments: FuzzTarget.all.map(\.name))
    func nothingIsHarmed(target: String) throws {
        let inputs = SlowTests.count(500, usually: 100)
        let run = try fuzz([target, "--inputs", "\(inputs)"])
        #expect(run.status == 0, "\(run.output)")
        #expect(run.output.contains("\(target): \(inputs) inputs, "), "\(run.output)")
        // If libhdf5 crashes, the program ends with one line; such inputs are counted, not failures.
        #expect(run.output.contains(" 0 crashes, 0 hangs"), "\(run.output)")
        // Some inputs are hardly damaged, so a target that refuses all of them reads nothing.
        #expect(!run.output.contains(" 0 accepted"), "\(run.output)")
    }

    @Test(arguments: FuzzTarget.all)
    func soundInputsAreAccepted(target: FuzzTarget) throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        for start in try target.starts() {
            try Data(start).write(to: file)
            #expect(throws: Never.self, "\(target.name)") { try target.read(start, file.path) }
        }
    }

    @Test func inputsFollowFromSeedAndNumber() throws {
        for target in FuzzTarget.all {
            let starts = try target.starts()
            let inputs = try (0..<20).map { try target.input($0, seed: 1, from: starts) }
            #expect(try (0..<20).map { try target.input($0, seed: 1, from: starts) } == inputs)
            #expect(Set(inputs).count > 10, "\(target.name)")
            #expect(try target.input(3, seed: 2, from: starts) != inputs[3])
        }
    }

    /// The harness must find every planted fault, or it proves nothing.
    @Test func plantedFaultsAreFound() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try fuzz(["planted", "--inputs", "40", "--seconds", "2", "--folder", folder])
        #expect(run.status != 0)
        for found in [
            "a planted trap", "signal 6", "exit with status 0", "hang at input", "unclear at input", "CocoaError",
            "two | lines",
        ] {
            #expect(run.output.contains(found), "\(found) in \(run.output)")
        }
        #expect(run.output.contains("planted: 40 inputs, "), "\(run.output)")

        // The first input is kept, and its command does the same harm again.
        let number = try #require(run.output.firstMatch(of: /at input (\d+)/)?.1)
        #expect(FileManager.default.fileExists(atPath: "\(folder)/planted-1-\(number)"))
        let again = try fuzz([
            "planted", "--seed", "1", "--only", String(number), "--seconds", "2", "--folder", folder,
        ])
        #expect(again.status != 0)
        #expect(again.output.contains("at input \(number)"), "\(again.output)")
    }
}
