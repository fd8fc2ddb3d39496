import Foundation
import ProgramSupport
import Runs
import Testing

/// `--lecture`, and the transcript of what a chapter shows.
@Suite(.serialized) struct LectureTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private static let short = ["--limit", "64", "--validation-limit", "64", "--epochs", "1"]

    init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

    /// The lines of the screen, without styles.
    private func screen(_ window: Pseudoterminal) -> [String] {
        window.screen(columns: 80).lines.map { $0.replacing(/\u{1B}\[[0-9;]*[A-Za-z]/, with: "") }
    }

    @Test func proseAndCodeComeBeforeWhatTheyPrint() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let window = try Pseudoterminal(columns: 80)
        let ended = try window.run("Chapter11MiniGoogLeNet", ["--lecture=0"] + Self.short, in: folder)
        let lines = screen(window)
        #expect(ended.status == 0, "\(lines.suffix(5))")
        var rest = lines[...]
        for expected in [
            "Chapter 11: MiniGoogLeNet on CIFAR-10", "    public enum MiniGoogLeNet {", "    struct ConvUnit {",
            "The data",
            "    var data = try source.load(seed: run.seed, training)",
            "[INFO] loading shapes10 data...", "Training", "    try run.fit(", "[INFO] training on 64 images",
            "Evaluation", "[INFO] evaluating network...", "[INFO] accuracy: ", "Results",
        ] {
            let place = rest.firstIndex { $0.hasPrefix(expected) }
            #expect(place != nil, "\(expected)")
            rest = rest[(place ?? rest.startIndex)...].dropFirst()
        }
        // The program runs in another folder, and finds the figures beside its source.
        #expect(lines.contains { $0.hasPrefix("Figure 11.1: /") && $0.hasSuffix("/figures/11.1.png") })
        // No directive and no mark of Markdown is left.
        #expect(!lines.contains { $0.hasPrefix("@") || $0.hasPrefix("#") || $0.contains("**") })
    }

    /// Every section waits.
    @Test func returnContinues() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let window = try Pseudoterminal(columns: 80)
        let ended = try window.run(
            "Chapter02AugmentationDemo", ["--lecture"], in: folder, returnAfter: "Return continues")
        #expect(ended.status == 0)
        #expect(window.output.components(separatedBy: "Return continues").count > 5)
        #expect(screen(window).contains { $0.hasPrefix("[INFO] ten pictures in ") })
        #expect(screen(window).contains { $0.contains("image_montage.png") })
    }

    /// Where the input is not a terminal, nobody can press Return.
    @Test func aLectureWithoutTerminalDoesNotWait() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("Chapter02AugmentationDemo", ["--lecture", "--seed", "1"], in: folder)
        #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
        #expect(run.output.contains("Chapter 2: What augmentation does to a picture\n"))
        #expect(!run.output.contains("\u{1B}"))
    }

    @Test(arguments: [["--lecture=soon"], ["--lecture=-1"], ["--lecture", "picture.jpg"]])
    func aPaceThatIsNotANumberIsRefused(_ flags: [String]) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("Chapter02AugmentationDemo", flags, in: folder)
        #expect(run.status != 0 && run.isOneClearLine && run.errors.contains("--lecture takes sec"), "\(run.errors)")
    }

    /// A step of `run` is the line in `run`, wherever its function prints. Folders of this machine are not kept.
    @Test func whatAFunctionShowsBelongsToTheLineThatCallsIt() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let path = "\(folder)/transcript.json"
        let run = try Command.run(
            "Chapter02AugmentationDemo", ["--output", "\(folder)/made"], in: folder,
            environment: [ChapterRun.transcriptVariable: path])
        #expect(run.status == 0, "\(run.errors)")
        let entries = try Transcript(contentsOf: path).entries
        #expect(
            entries.map(\.source).prefix(3) == [
                "info(\"loading example image...\")", "let picture = try loadPicture()",
                "info(\"generating images...\")",
            ])
        #expect(entries[1].text.count == 1 && entries[1].text[0].hasPrefix("[INFO] it is "))
        #expect(entries.contains { $0.picture == "image_montage.png" })
        #expect(entries.last?.text == ["[INFO] ten pictures in …/made, side by side in …/image_montage.png"])
    }

    /// A training that ends without a report has the transcript too.
    @Test func recordsOfTrainingAloneKeepIt() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("Chapter12ResNetCIFAR10Decay", Self.short + ["--threads", "2"], in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let record = try RunRecord(contentsOf: "\(folder)/output/resnet_cifar10_decay.run.json")
        let entries = try #require(record.stages.last?.transcript?.entries)
        #expect(entries.contains { $0.source == "try run.fit(" && $0.text.contains { $0.hasPrefix("Epoch 1/1") } })
    }

    /// The record of a training has what the program printed, with the lines of the chapter.
    @Test func recordsKeepTheTranscript() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let run = try Command.run("Chapter11MiniGoogLeNet", Self.short, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        let record = try RunRecord(contentsOf: "\(folder)/output/minigooglenet_cifar10.run.json")
        let entries = try #require(record.stages.last?.transcript?.entries)
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let source = try String(
            contentsOf: root.appendingPathComponent("Chapters/Chapter11MiniGoogLeNet/Chapter11MiniGoogLeNet.swift"),
            encoding: .utf8
        ).split(separator: "\n", omittingEmptySubsequences: false)
        for entry in entries {
            #expect(source[entry.line - 1].trimmingCharacters(in: .whitespaces) == entry.source)
        }
        #expect(entries.contains { $0.source == "try run.fit(" && $0.text.contains { $0.hasPrefix("Epoch 1/1") } })
        #expect(
            entries.contains {
                $0.source.hasPrefix("try run.finish(") && $0.text.last?.hasPrefix("[INFO] report in") == true
            })
        let printed = run.output.split(separator: "\n").filter { $0.hasPrefix("[INFO]") }.map(String.init)
        #expect(entries.flatMap(\.text).filter { $0.hasPrefix("[INFO]") } == printed)
    }
}
