import ArgumentParser
import Foundation
import MPICommunicator
import Runs
import System

/// A chapter: a program whose source, `Chapters/NAME/NAME.swift`, is a lecture.
public protocol ChapterCommand: ProgramCommand {}

extension ChapterCommand {
    public static func main() { Walk<Self>.main() }
}

/// A chapter and the flag that every chapter has, `--lecture`.
struct Walk<Chapter: ChapterCommand>: ProgramCommand {
    static var configuration: CommandConfiguration { Chapter.configuration }
    static var builder: String? { Chapter.builder }
    static var runsInProcesses: Bool { Chapter.runsInProcesses }

    @OptionGroup var chapter: Chapter
    @OptionGroup var lecture: LectureOptions

    mutating func run() throws {
        let destination = ProcessInfo.processInfo.environment[ChapterRun.transcriptVariable]
        let isFollowed = lecture.pace != nil || chapter is any TrainingChapter || destination != nil
        guard isFollowed, (MPILaunch.rank ?? 0) == 0 else { return try chapter.run() }
        let lecture = lecture.pace.map { Lecture(pace: $0) }
        let follower = ChapterFollower(Chapter.configuration.commandName ?? Chapter._commandName, lecture: lecture)
        ChapterFollower.current = follower
        Terminal.listen { follower.hear($0) }
        try chapter.run()
        lecture?.end()
        if let destination { try follower.transcript.write(to: destination) }
    }

    func message(for error: RunError) -> String { chapter.message(for: error) }
}
