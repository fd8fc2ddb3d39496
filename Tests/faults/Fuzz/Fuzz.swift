import ArgumentParser
import CommandLine
import Foundation
import System

/// Gives readers damaged inputs, and checks that each is accepted or refused with a clear error.
@main
struct Fuzz: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "Fuzz", abstract: "Thousands of broken inputs for everything that reads.",
        discussion: "Targets: \(FuzzTarget.all.map(\.name).joined(separator: ", ")).",
        version: PackageVersion.number)

    @Argument(help: "What is to read; everything where none is named.")
    var targets: [String] = []

    @Option(help: "Inputs for each target.")
    var inputs = 10_000

    @Option(help: "What the inputs follow from.")
    var seed: UInt64 = 1

    @Option(help: "The number of the first input.")
    var first = 0

    @Option(help: "Runs the input of this number alone.")
    var only: Int?

    @Option(help: "Runs a kept input, in this process, where a debugger can look at it.")
    var input: String?

    @Option(help: "Seconds that one input may take.")
    var seconds = 10.0

    @Option(help: "Megabytes of address space that the reading process may have; 0 for no limit.")
    var memory = 2048

    @Option(help: "The folder for inputs that do harm.")
    var folder = "output/fuzz"

    /// Set if this process is the child that reads.
    @Option(help: .private)
    var workerMemory: Int?

    func validate() throws {
        guard inputs > 0, first >= 0, seconds > 0, memory >= 0 else {
            throw ValidationError("--inputs and --seconds must be positive, --first and --memory not negative")
        }
        for name in targets where FuzzTarget.named(name) == nil {
            throw ValidationError(
                "there is no target \(name); there are \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
        }
        guard input == nil || targets.count == 1 else { throw ValidationError("--input needs one target") }
    }

    func run() throws {
        let chosen = targets.isEmpty ? FuzzTarget.all : targets.compactMap(FuzzTarget.named)
        let numbers = only.map { $0..<$0 + 1 } ?? first..<first + inputs
        if let input {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: input)))
            print(Worker.outcome { try chosen[0].read(bytes, input) })
        } else if let workerMemory {
            try Worker(target: chosen[0], seed: seed, memory: workerMemory).run(numbers)
        } else {
            let isHarmed = try chosen.map { try supervise($0, numbers) }.contains(true)
            if isHarmed { throw ExitCode.failure }
        }
    }

    /// - Returns: whether any input did harm.
    private func supervise(_ target: FuzzTarget, _ numbers: Range<Int>) throws -> Bool {
        let supervisor = Supervisor(
            target: target, seed: seed, patience: seconds, memory: memory << 20, folder: folder)
        let begin = Date()
        let line = TerminalLine()
        let tally = try supervisor.run(numbers) { tally in
            line.draw { ProgressLine(title: "\(target.name):", count: tally.line) }
        } harm: { harm in
            Terminal.eraseLine()
            print("\(target.name): \(harm.kind.rawValue) at input \(harm.number): \(harm.description)")
            print("    kept as \(try supervisor.keep(harm.number)); again with:")
            print("    swift run Fuzz \(target.name) --seed \(seed) --only \(harm.number)")
            fflush(nil)
        }
        let rate = Double(tally.tried) / max(Date().timeIntervalSince(begin), 1e-3)
        line.write(["\(target.name): \(tally.line)", "(\(Int(rate)) a second)"], separator: " ")
        return tally.isHarmed
    }
}
