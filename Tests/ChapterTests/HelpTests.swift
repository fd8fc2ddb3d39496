import ArgumentParser
import CommandLine
import Foundation
import ProgramSupport
import Testing
@testable import Benchmark
@testable import BuildImageNet
@testable import Chapter11BuildTinyImageNet
@testable import Chapter11MiniGoogLeNet
@testable import Chapter11RankAccuracy
@testable import Chapter11Train
@testable import Chapter11TrainDecay
@testable import ImageNetAccuracy
@testable import InceptionV1CIFAR10
@testable import Report
@testable import TrainImageNet

/// What the programs say of themselves.
@Suite struct HelpTests {
    private static let programs: [any ParsableCommand.Type] = [
        Chapter11MiniGoogLeNet.self, Chapter11BuildTinyImageNet.self, Chapter11Train.self, Chapter11TrainDecay.self,
        Chapter11RankAccuracy.self, InceptionV1CIFAR10.self, BuildImageNet.self, TrainImageNet.self,
        ImageNetAccuracy.self, Report.self, Benchmark.self,
    ]

    /// The text of one flag, or of all, its lines as one.
    private func help(_ program: any ParsableCommand.Type, _ flag: String? = nil) -> String {
        let lines = program.helpMessage(columns: 100).split(separator: "\n", omittingEmptySubsequences: false)
        func isHead(_ line: Substring) -> Bool { line.hasPrefix("  -") || line.isEmpty }
        let chosen =
            flag.map { flag in
                let start =
                    lines.firstIndex { line in
                        line.hasPrefix("  -")
                            && line.split(whereSeparator: { " ,".contains($0) }).contains(Substring(flag))
                    } ?? lines.endIndex
                return lines[start...].prefix(1) + lines[start...].dropFirst().prefix { !isHead($0) }
            } ?? lines[...]
        return chosen.joined(separator: " ").split(separator: " ").joined(separator: " ")
    }

    @Test(arguments: programs)
    func everyProgramHasAVersionAndIsUsedByItsName(program: any ParsableCommand.Type) throws {
        #expect(program.configuration.version == PackageVersion.number)
        #expect(PackageVersion.number.firstMatch(of: /^\d+\.\d+\.\d+$/) != nil)
        #expect(help(program).contains("--version"))
        #expect(help(program).contains("USAGE: \(program)"))
    }

    /// Paragraphs that stand flush between flags and their texts.
    @Test(arguments: programs)
    func noFlagsTextStandsOutsideItsColumn(program: any ParsableCommand.Type) {
        for line in program.helpMessage(columns: 100).split(separator: "\n").drop(while: { !$0.hasPrefix("OPTIONS") }) {
            let indent = line.prefix { $0 == " " }.count
            #expect([0, 2, 26].contains(indent) || program is Report.Type, "\(line)")
        }
    }

    /// What a flag's text begins with, in every program that has the flag.
    static let sharedFlags: [(flag: String, words: String, programs: Int)] = [
        ("--output", "The folder for the files that the program writes", 8),
        ("--data", "The folder of the data: ", 9),
        ("--epochs", "Epochs in all (default: the experiment's).", 5),
        ("--batch-size", "Images that are computed together", 7),
        (
            "--learning-rate", "The learning rate: the first, or the highest, of the experiment's schedule; where that",
            5
        ),
        ("--limit", "The first N images only, to train on or to predict (default: all).", 6),
        ("--validation-limit", "The first N validation images only (default: all).", 5),
        ("--seed", "Everything random follows from it", 7),
        ("--backend", "Compute backend: onednn (fast) or openblas (slower, simpler code)", 8),
        ("--threads", "Processor threads that compute.", 8),
        ("--resume", "Resume the run from the checkpoint with the most training, with the settings of its", 5),
        ("--start-epoch", "Continue from the model file after this many epochs; unlike --resume, settings may be", 5),
        ("--overwrite", "Replace what another run, or an unfinished one, has left at the same place.", 7),
        ("--detect-anomalies", "Name the layer where numbers become infinite or not a number.", 5),
        ("--experiment", "One of the experiments listed above.", 5),
        ("--checkpoints", "The folder for checkpoints: one every five epochs, and the last two", 1),
        ("--jobs", "Threads that decode.", 2),
        ("--skip-unreadable", "Leave out images that cannot be decoded, and count", 3),
        ("--classes", "Only the first N classes", 3),
    ]

    @Test(arguments: sharedFlags.indices)
    func theSameFlagMeansTheSameInEveryProgram(index: Int) {
        let (flag, words, count) = Self.sharedFlags[index]
        let texts = Self.programs.filter { !($0 is Report.Type) }
            .compactMap { program in text(program, flag).map { (program, $0) } }
        #expect(texts.count == count, "\(flag): \(texts.map { "\($0.0)" })")
        for (program, text) in texts { #expect(text.hasPrefix(words), "\(program) \(flag): \(text)") }
    }

    /// What stands beside a flag; `nil` if the program does not have it.
    private func text(_ program: any ParsableCommand.Type, _ flag: String) -> String? {
        let text = help(program, flag)
        guard let head = text.prefixMatch(of: /(-\S+,? )*(<\S+> )?/)?.output.0 else { return nil }
        let names = head.split(whereSeparator: { " ,".contains($0) })
        return names.contains(Substring(flag)) ? String(text.dropFirst(head.count)) : nil
    }

    @Test func defaultsAndChoicesAreListed() {
        for experiment in ["book-1 (SGD,", "; 65 epochs)", "readme-2 (Adam", "; 70 epochs)", "experiment: book-3."] {
            #expect(help(Chapter11Train.self).contains(experiment))
        }
        #expect(help(Chapter11TrainDecay.self).contains("readme-3 (Adam with a linear decay"))
        #expect(
            help(Chapter11MiniGoogLeNet.self).contains("fast (one cycle of the learning rate, 90 % in eleven epochs;"))
        #expect(help(Chapter11MiniGoogLeNet.self).contains("every experiment has 4 epochs of batches of 32"))
        #expect(help(TrainImageNet.self).contains("paper (SGD from 0.01, falling by 4 % every 8 epochs"))
        #expect(help(Benchmark.self, "--backend").contains("onednn (fast) or openblas (slower, simpler code)"))
    }

    @Test func theReportShowsTheFlagsOfItsSubcommands() throws {
        for text in ["[build] --check Write nothing", "figure <name> The figure", "add --overwrite <path> Replace"] {
            #expect(help(Report.self).contains(text), "\(help(Report.self))")
        }
        #expect(!help(Report.self).contains("USAGE: report"))
        let figures = try Command.run("Report", ["figure"])
        let lines = figures.output.split(separator: "\n")
        #expect(figures.status == 0 && lines.count == Figure.all.count)
        #expect(lines.allSatisfy { $0.count < 80 } && lines.contains { $0.hasPrefix("11.6  ") }, "\(figures.output)")
    }

    @Test func everyProgramPrintsItsVersion() throws {
        for program in Self.programs {
            let run = try Command.run("\(program)", ["--version"])
            #expect(run.status == 0 && run.output == "\(PackageVersion.number)\n" && run.errors.isEmpty, "\(program)")
        }
    }
}
