import CommandLine
import Foundation
import ProgramSupport
import Testing
@testable import Report

/// `--help` and `--version` of all programs.
@Suite struct HelpTests {
    /// All chapters, by their folders, and the other products.
    static let programs: [String] = {
        let chapters = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Chapters").path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: chapters)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted() + ["Benchmark"]
    }()

    /// What each program prints for `--help`, in lines of at most 100 columns. They are started once only.
    private static let helpTexts: [String: Command] = Dictionary(
        uniqueKeysWithValues: (programs + ["Report"]).compactMap { program in
            (try? Command.run(program, ["--help"], environment: ["COLUMNS": "100"])).map { (program, $0) }
        })

    private func lines(_ program: String) throws -> [Substring] {
        let run = try #require(Self.helpTexts[program])
        #expect(run.status == 0 && run.errors.isEmpty, "\(program): \(run.errors)")
        return run.output.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The names that a flag's text begins with: `-o, --output <output>`.
    private static func names(_ text: some StringProtocol) -> [Substring] {
        let head = String(text).prefixMatch(of: /(-\S+,? )*(-\S+)?/)?.output.0 ?? ""
        return head.split(whereSeparator: { " ,".contains($0) })
    }

    /// The help text of one flag, or of all, in one line.
    private func help(_ program: String, _ flag: String? = nil) throws -> String {
        let lines = try lines(program)
        func isHead(_ line: Substring) -> Bool { line.hasPrefix("  -") || line.isEmpty }
        let chosen =
            flag.map { flag in
                let start = lines.firstIndex { Self.names($0.dropFirst(2)).contains(Substring(flag)) }
                guard let start else { return [] }
                return lines[start...].prefix(1) + lines[start...].dropFirst().prefix { !isHead($0) }
            } ?? lines[...]
        return chosen.joined(separator: " ").split(separator: " ").joined(separator: " ")
    }

    @Test(arguments: programs)
    func everyProgramHasAVersionAndIsUsedByItsName(program: String) throws {
        let run = try Command.run(program, ["--version"])
        #expect(run.status == 0 && run.output == "\(PackageVersion.number)\n" && run.errors.isEmpty)
        #expect(PackageVersion.number.firstMatch(of: /^\d+\.\d+\.\d+$/) != nil)
        let text = try help(program)
        #expect(text.contains("--version") && text.contains("USAGE: \(program)"), "\(text)")
    }

    /// Flags and their texts keep to the columns of the table.
    @Test(arguments: programs)
    func everyFlagsTextIsInItsColumn(program: String) throws {
        for line in try lines(program).drop(while: { !$0.hasPrefix("OPTIONS") }) where !line.isEmpty {
            #expect([0, 2, 26].contains(line.prefix { $0 == " " }.count), "\(line)")
        }
    }

    @Test(arguments: programs)
    func anUnknownFlagIsOneClearLine(program: String) throws {
        let run = try Command.run(program, ["--nonsense"])
        #expect(run.status != 0 && run.isOneClearLine, "\(run.errors)")
    }

    /// The beginning of a flag's text, in every program that has the flag.
    static let sharedFlags: [(flag: String, words: String, programs: Int)] = [
        ("--output", "The folder for the files that the program writes", 24),
        ("--data", "The folder of the data: ", 18),
        ("--epochs", "Epochs in all (default: the experiment's).", 14),
        ("--batch-size", "Images in a batch", 23),
        (
            "--learning-rate", "The learning rate: the first, or the highest, of the experiment's schedule; if that",
            14
        ),
        ("--limit", "The first N images only, to train on or to predict (default: all).", 19),
        ("--validation-limit", "The first N validation images only (default: all).", 14),
        ("--seed", "The seed of everything random", 21),
        ("--backend", "Compute backend: onednn (fast), openblas (slower, simpler code) or cuda (an NVIDIA", 24),
        ("--threads", "Processor threads that compute (default: one for each processor", 24),
        ("--precision", "Numbers that a GPU computes with: float32, tf32 or bfloat16.", 24),
        ("--resume", "Resume the run from the checkpoint with the most training, with the settings of its", 14),
        ("--start-epoch", "Continue from the model file after this many epochs; unlike --resume, settings may be", 14),
        ("--overwrite", "Replace existing files, whatever they contain.", 22),
        ("--detect-anomalies", "Name the layer where numbers become infinite or not a number.", 14),
        ("--experiment", "One of the experiments listed above.", 14),
        ("--checkpoints", "The folder for checkpoints: one every five epochs, and the last two", 3),
        ("--jobs", "Threads", 5),
        ("--skip-unreadable", "Leave out images that cannot be decoded, and count them.", 4),
        ("--classes", "Only the first N classes", 3),
        ("--lecture", "Show prose and code before they run, and wait for Return; with a number, so many seconds.", 30),
    ]

    @Test(arguments: sharedFlags.indices)
    func theSameFlagMeansTheSameInEveryProgram(index: Int) throws {
        let (flag, words, count) = Self.sharedFlags[index]
        let texts = try Self.programs.compactMap { program in try text(program, flag).map { (program, $0) } }
        #expect(texts.count == count, "\(flag): \(texts.map { "\($0.0)" })")
        // As in its original, it is one file.
        let others = texts.filter { flag != "--output" || !$0.0.hasSuffix("ExtractFeatures") }
        for (program, text) in others { #expect(text.hasPrefix(words), "\(program) \(flag): \(text)") }
    }

    /// The text beside a flag; `nil` if the program does not have it.
    private func text(_ program: String, _ flag: String) throws -> String? {
        let text = try help(program, flag)
        guard let head = text.prefixMatch(of: /(-\S+,? )*(\[?<\S+>\]? )?/)?.output.0 else { return nil }
        return Self.names(text).contains(Substring(flag)) ? String(text.dropFirst(head.count)) : nil
    }

    @Test func defaultsAndChoicesAreListed() throws {
        for experiment in ["book-1 (SGD,", "; 65 epochs)", "readme-2 (Adam", "; 70 epochs)", "experiment: book-3."] {
            #expect(try help("Chapter11Train").contains(experiment))
        }
        #expect(try help("Chapter11TrainDecay").contains("readme-3 (Adam with a linear decay"))
        #expect(
            try help("Chapter11MiniGoogLeNet").contains("fast (one cycle of the learning rate, 90 % in eleven epochs;"))
        #expect(try help("Chapter11MiniGoogLeNet").contains("every experiment has 4 epochs of batches of 32"))
        for experiment in [
            "1 (filters 16, 16, 32, 64, penalty 0.0001; 85 epochs)", "experiment: 3.", "has two modules a",
        ] {
            #expect(try help("Chapter12ResNetCIFAR10").contains(experiment))
        }
        #expect(try help("Chapter12ResNetCIFAR10Decay").contains("one wide module a stage; 14 epochs"))
        #expect(try help("Chapter12Train").contains("1 (SGD from 0.1 in three stages; 40 epochs)"))
        #expect(try help("Chapter12TrainDecay").contains("2 (SGD from 0.1, falling linearly; 75 epochs)"))
        #expect(try help("TrainImageNet").contains("paper (SGD from 0.01, falling by 4 % every 8 epochs"))
        for program in ["TrainImageNet", "InceptionV1CIFAR10"] {
            #expect(try help(program).contains("With --network: inception-v2 (SGD from 0.0075, falling by 4 %"))
            #expect(try help(program, "--network").contains("resnet50; default: inception-v1)"))
        }
        #expect(try help("Benchmark", "--backend").contains("onednn (fast), openblas (slower, simpler code) or cuda"))
    }

    /// `Report run` gives flags that the chapters have.
    @Test(arguments: DefaultRun.all.map(\.chapter)) func defaultRunsUseKnownFlags(chapter: String) throws {
        for flag in try DefaultRun.named(chapter).arguments where flag.hasPrefix("--") {
            #expect(try text(chapter, flag) != nil, "\(chapter) \(flag)")
        }
    }

    @Test func theReportShowsTheFlagsOfItsSubcommands() throws {
        for text in [
            "[build] --check Write nothing", "figure <name> The figure", "add --overwrite <path> Replace",
            "run <chapters> The chapters; without any, all", "slides <page> The page",
        ] {
            let help = try help("Report")
            #expect(help.contains(text), "\(help)")
        }
        #expect(try help("Report").contains("USAGE: report") == false)
        let figures = try Command.run("Report", ["figure"])
        let lines = figures.output.split(separator: "\n")
        #expect(figures.status == 0 && lines.count == Figure.all.count)
        #expect(lines.allSatisfy { $0.count < 80 } && lines.contains { $0.hasPrefix("11.6  ") }, "\(figures.output)")
    }
}
