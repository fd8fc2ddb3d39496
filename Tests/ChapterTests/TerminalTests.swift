import Foundation
import ProgramSupport
import Testing

/// The programs' output in a terminal.
@Suite(.serialized) struct TerminalTests {
    /// Three outputs have seven numbers: the longest line of all programs.
    private static let inception = [
        "--limit", "48", "--batch-size", "8", "--epochs", "1", "--learning-rate", "0.001", "--threads", "2",
    ]
    private static let small = ["--limit", "640", "--batch-size", "8", "--epochs", "2"]

    private func folder() throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    @Test func noLineWrapsAtEightyColumns() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let window = try Pseudoterminal(columns: 80)
        #expect(try window.run("InceptionV1CIFAR10", Self.inception, in: folder).status == 0)
        let drawings = window.output.split(separator: "\r")
        #expect(drawings.contains { $0.contains("/6 [") } && drawings.contains { $0.contains("validating ") })
        let bars = drawings.filter { $0.contains("\u{1B}[K") && !$0.contains("[INFO]") && $0.contains("ETA") }
        #expect(bars.allSatisfy { $0.replacing("\u{1B}[K", with: "").count < 80 })
        // The bar is erased completely, and all numbers of the epoch are shown.
        let screen = window.screen(columns: 80)
        #expect(!screen.lines.contains { $0.contains("ETA") || $0.contains("[==") }, "\(screen.lines)")
        let epoch = screen.lines.drop { !$0.hasPrefix("6/6 - ") }.prefix { $0.hasPrefix("6/6") || $0.hasPrefix("    ") }
        #expect(epoch.joined().components(separatedBy: ": ").count == 15, "\(screen.lines)")
        #expect(epoch.allSatisfy { $0.count < 80 })
    }

    @Test func controlCEndsTheLine() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let window = try Pseudoterminal(columns: 80)
        let ended = try window.run("Chapter11MiniGoogLeNet", Self.small, in: folder, interruptAfter: ["- loss: "])
        #expect(ended.status == 130 && ended.reason == .exit)
        let lines = window.screen(columns: 80).lines
        #expect(lines.contains { $0.hasPrefix("interrupted: ending in order") }, "\(lines)")
        #expect(lines.contains { $0.hasPrefix("[INFO] interrupted; ") }, "\(lines)")
        #expect(!lines.contains { $0.contains("[INFO]") && !$0.hasPrefix("[INFO]") })
    }

    /// The second Ctrl+C ends the program at once. The shell's prompt begins on a new line.
    @Test func theSecondControlCEndsTheLineToo() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let window = try Pseudoterminal(columns: 80)
        // A step of 128 images at 224x224 takes long enough for a second Ctrl+C.
        let ended = try window.run(
            "InceptionV1CIFAR10", ["--limit", "384", "--batch-size", "128"], in: folder,
            interruptAfter: ["- loss: ", "once more"])
        #expect(ended.status == SIGINT && ended.reason == .uncaughtSignal)
        #expect(
            window.output.hasSuffix("\r\n") && !window.output.contains("\r\n\r\n"),
            "\(window.output.suffix(200).debugDescription)")
    }

    @Test(arguments: ["dumb", "", nil])
    func withoutCommandsTheLinesArePlain(kind: String?) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let window = try Pseudoterminal(columns: 80)
        let ended = try window.run("Chapter11MiniGoogLeNet", Self.small + ["--limit", "64"], in: folder, kind: kind)
        #expect(ended.status == 0)
        let output = window.output.replacing("\r\n", with: "\n")
        #expect(!output.contains("\r") && !output.contains("\u{1B}"))
        #expect(output.split(separator: "\n").count { $0.hasPrefix("Epoch ") } == 2)
        #expect(output.contains("\nEpoch 2/2 - ") && output.contains(" images/s - loss: "))
    }

    @Test(arguments: ["", "--help"]) func lostOutputIsAnError(flag: String) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = "'\(Command.folder)/Chapter05InspectModel' \(flag)"
        #expect(try Command.shell("\(program) > /dev/full 2> errors", in: folder) == 1)
        let errors = try String(contentsOfFile: "\(folder)/errors", encoding: .utf8)
        #expect(errors == "error: standard output could not be written to the end: make room where it goes\n")
        // Nobody misses what a reader did not wait for.
        #expect(try Command.shell("(\(program); echo $? > status) | true; grep -qx 0 status", in: folder) == 0)
    }
}
