import ArgumentParser
import Foundation
import MPICommunicator
import Runs
import System

/// A chapter: a program whose source, `Chapters/NAME/NAME.swift`, is a lecture.
public protocol ChapterCommand: ProgramCommand {
    /// `--lecture`, a flag of every chapter.
    var lecture: LectureOptions { get }
}

extension ChapterCommand {
    /// Runs the chapter. What it prints is shown after its prose if somebody walks through it, and kept if it goes into a
    /// record.
    public mutating func perform() throws {
        let destination = ProcessInfo.processInfo.environment[ChapterRun.transcriptVariable]
        let isFollowed = lecture.pace != nil || self is any TrainingChapter || destination != nil
        guard isFollowed, (MPILaunch.rank ?? 0) == 0 else { return try run() }
        let walk = lecture.pace.map { Lecture(pace: $0) }
        let follower = ChapterFollower(Self.configuration.commandName ?? Self._commandName, lecture: walk)
        ChapterFollower.current = follower
        Terminal.listen { follower.hear($0) }
        try run()
        walk?.end()
        if let destination { try follower.transcript.write(to: destination) }
    }
}
