import Foundation

/// A run of a chapter that was made to show what it prints. The report's pages show it where no training is filed.
public struct ChapterRun: Codable, Equatable, Sendable {
    /// The variable of the environment that names the file for the transcript.
    public static let transcriptVariable = "PYIMAGESEARCH_TRANSCRIPT"

    /// As a user would type it.
    public var commandLine: String
    public var started: Date
    /// From the start of the program to its end.
    public var seconds: Double
    public var processor: String
    public var transcript: Transcript

    public init(commandLine: String, started: Date, seconds: Double, transcript: Transcript) {
        self.commandLine = commandLine
        self.started = started
        self.seconds = seconds
        processor = RunRecord.Machine.processor
        self.transcript = transcript
    }

    /// - Throws: ``RunRecordError`` naming the file if it is not one; `FileError` if it cannot be read.
    public init(contentsOf path: String) throws {
        self = try RecordFile.read(path, "the record of a chapter's run")
    }

    /// Writes the record, whole or not at all.
    public func write(to path: String) throws {
        try RecordFile.write(self, to: path)
    }
}
