import Foundation
import ProgramSupport
import Tensors
import Testing

/// Programs that are killed at random moments, and restarted each time, end with the same files as uninterrupted ones.
///
/// `KILL_ROUNDS=100 swift test --filter KillTests` runs more than the few daily rounds.
@Suite(.serialized) struct KillTests {
    static let rounds = ProcessInfo.processInfo.environment["KILL_ROUNDS"].flatMap(Int.init) ?? 3
    private let moments = RandomStream(seed: 11, purpose: .shuffling, index: 0)

    /// - Returns: how often it was killed before it could finish.
    private func runAndKill(
        _ program: String, _ arguments: [String], again: [String], in folder: String, round: Int, lasts seconds: Double
    ) throws -> Int {
        var kills = 0
        for attempt in 0..<3 {
            let moment = Double(moments.uniform(round * 3 + attempt)) * seconds
            let isKilled = try Command.kill(
                program, arguments + (attempt > 0 ? again : []), in: folder, after: moment)
            guard isKilled else { return kills }
            kills += 1
        }
        let run = try Command.run(program, arguments + again, in: folder)
        #expect(run.status == 0, "round \(round): \(run.errors)")
        return kills
    }

    private func timed(_ body: () throws -> Command) throws -> Double {
        let clock = ContinuousClock()
        var run: Command?
        let seconds = try clock.measure { run = try body() } / .seconds(1)
        #expect(run?.status == 0, "\(run?.errors ?? "")")
        return seconds
    }

    /// Model, history and plots have the same bytes, the record has the same epochs, and no other file is left.
    @Test(arguments: SlowTests.arguments(["train", "train_decay"], usually: 1))
    func killedTrainingEndsWithTheSameBytes(program: String) throws {
        let training = try Training()
        defer { training.remove() }
        let straight = try training.make("straight")
        let seconds = try timed { try Command.run(program, training.arguments(program), in: straight) }
        let expected = names(in: straight)
        #expect(expected.count > 6)
        var kills = 0
        for round in 0..<Self.rounds {
            let killed = try training.make("killed")
            kills += try runAndKill(
                program, training.arguments(program), again: ["--resume"], in: killed, round: round, lasts: seconds)
            #expect(names(in: killed).filter { !$0.hasSuffix(".lock") } == expected, "round \(round)")
            for name in expected where !name.hasSuffix(".run.json") {
                // Not in the macro, which would look for every byte that differs, for hours.
                let isSame = contents("\(killed)/\(name)") == contents("\(straight)/\(name)")
                #expect(isSame, "round \(round): \(name) differs")
            }
            try FileManager.default.removeItem(atPath: killed)
        }
        #expect(kills > 0)
        print("\(program): \(kills) kills in \(Self.rounds) rounds of \(seconds) s, nothing lost")
    }

    @Test func aKilledBuildEndsWithTheSameBytes() throws {
        let training = try Training()
        defer { training.remove() }
        let seconds = try timed { try Command.run("build_tiny_imagenet", training.build("straight")) }
        let expected = names(in: "\(training.folder)/straight")
        #expect(expected.count == 4)
        var kills = 0
        for round in 0..<Self.rounds {
            kills += try runAndKill(
                "build_tiny_imagenet", training.build("killed"), again: ["--overwrite"], in: training.folder,
                round: round, lasts: seconds)
            let killed = "\(training.folder)/killed"
            #expect(names(in: killed).filter { !$0.hasSuffix(".lock") } == expected, "round \(round)")
            for name in expected {
                #expect(
                    contents("\(killed)/\(name)") == contents("\(training.folder)/straight/\(name)"),
                    "round \(round): \(name) differs")
            }
            try FileManager.default.removeItem(atPath: killed)
        }
        #expect(kills > 0)
        print("build_tiny_imagenet: \(kills) kills in \(Self.rounds) rounds of \(seconds) s, nothing lost")
    }
}
