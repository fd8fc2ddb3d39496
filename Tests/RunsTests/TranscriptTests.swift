import Foundation
import Testing
@testable import Runs

@Suite struct TranscriptTests {
    private func transcript(_ pieces: (text: String, line: Int)...) -> Transcript {
        pieces.reduce(into: Transcript()) { $0.add($1.text, line: $1.line, source: "line \($1.line)") }
    }

    @Test func whatALineShowsInARowIsOneEntry() {
        let transcript = transcript(("a", 1), ("b\n  c\n\n", 1), ("d", 2), ("e", 1))
        #expect(transcript.entries.map(\.line) == [1, 2, 1])
        #expect(transcript.entries.map(\.text) == [["a", "b", "  c"], ["d"], ["e"]])
        #expect(transcript.entries[1].source == "line 2")
    }

    @Test func aPictureIsAnEntryOfItsOwn() {
        var transcript = transcript(("a", 1))
        transcript.add(picture: "plot.png", line: 1, source: "line 1")
        transcript.add("b", line: 1, source: "line 1")
        #expect(transcript.entries.map(\.picture) == [nil, "plot.png", nil])
        #expect(transcript.entries.map(\.text) == [["a"], [], ["b"]])
    }

    /// Seventy epochs keep their first and their last ones.
    @Test func manyLinesLoseTheirMiddle() {
        let transcript = (1...70).reduce(into: Transcript()) { $0.add("Epoch \($1)", line: 1, source: "fit") }
        let entry = transcript.entries[0]
        #expect(entry.text == (Array(1...20) + Array(51...70)).map { "Epoch \($0)" })
        #expect(entry.leftOut == 30)
    }

    @Test func manyEntriesLoseTheirMiddle() {
        let transcript = (1...500).reduce(into: Transcript()) { $0.add("\($1)", line: $1, source: "") }
        #expect(transcript.entries.map(\.line) == Array(1...60) + Array(441...500))
        #expect(transcript.leftOut == 380)
    }

    /// Of a damaged file.
    @Test(arguments: [Int.min, 0, .max])
    func linesThatNoFileHasAreNotFound(line: Int) {
        #expect(Transcript().moved(to: ["}", "}"]) != nil)
        var transcript = Transcript()
        transcript.add("a", line: line, source: "}")
        #expect(transcript.moved(to: ["}", "}"]) == nil)
    }

    @Test func itIsReadAsItWasWritten() throws {
        var transcript = transcript(("a", 1), ("b", 2))
        transcript.add(picture: "plot.png", line: 3, source: "write")
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try transcript.write(to: path)
        #expect(try Transcript(contentsOf: path) == transcript)
        let run = ChapterRun(
            commandLine: "swift run X", started: Date(timeIntervalSince1970: 1e9), seconds: 2, transcript: transcript)
        try run.write(to: path)
        #expect(try ChapterRun(contentsOf: path) == run)
    }

    /// Prose that grows moves the lines below it; of equal lines, the nearest is taken.
    @Test func linesAreFoundWhereTheyAreNow() {
        let shown = transcript(("a", 2), ("b", 4))
        func moved(_ source: String...) -> [Int]? {
            shown.moved(to: source.map { Substring($0) })?.entries.map(\.line)
        }
        #expect(moved("", "line 2", "", "line 4") == [2, 4])
        #expect(moved("//: prose", "//: more", "    line 2", "", "line 4", "line 4") == [3, 5])
        #expect(moved("line 4", "line 2") == [2, 1])
        #expect(moved("line 4", "line 2", "", "", "line 4") == [2, 5])
        #expect(moved("line 2", "something else") == nil)
    }
}
