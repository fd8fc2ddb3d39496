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
                let start = lines.firstIndex { $0.hasPrefix("  -") && $0.contains(flag) } ?? lines.endIndex
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

    @Test func theSameFlagTellsTheTruthInEachProgram() {
        let rate = "--learning-rate"
        #expect(help(Chapter11Train.self, rate).contains("One learning rate for all epochs"))
        #expect(help(Chapter11TrainDecay.self, rate).contains("falls linearly to 0"))
        #expect(help(Chapter11MiniGoogLeNet.self, rate).contains("highest"))
        for program in [TrainImageNet.self, InceptionV1CIFAR10.self] as [any ParsableCommand.Type] {
            #expect(help(program, rate).contains("falls by 4 % every 8 epochs"))
        }
        for (program, limit) in [
            (Chapter11Train.self, "all validation images"), (Chapter11TrainDecay.self, "all validation images"),
            (Chapter11MiniGoogLeNet.self, "all test images"), (TrainImageNet.self, "validate on a fifth"),
            (InceptionV1CIFAR10.self, "validate and test on a fifth"), (ImageNetAccuracy.self, "Predict the first N"),
        ] as [(any ParsableCommand.Type, String)] {
            #expect(help(program, "--limit").contains(limit), "\(program)")
        }
    }

    @Test func defaultsAndChoicesAreListed() {
        for program in [Chapter11Train.self, Chapter11TrainDecay.self] as [any ParsableCommand.Type] {
            for experiment in ["book-1 (SGD,", "; 65 epochs)", "readme-3 (Adam", "; 75 epochs)"] {
                #expect(help(program).contains(experiment), "\(program)")
            }
        }
        #expect(help(Chapter11MiniGoogLeNet.self, "--experiment").contains("reaches 90 % on CIFAR-10 in 11 epochs"))
        #expect(help(Chapter11MiniGoogLeNet.self, "--epochs").contains("70, or 11 with fast; 4 for shapes10"))
        #expect(help(Chapter11MiniGoogLeNet.self, "--batch-size").contains("64, or 128 with fast; 32 for shapes10"))
        #expect(help(TrainImageNet.self, "--start-epoch").contains("unlike --resume, settings may be changed"))
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
