import Foundation
import System

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
}
