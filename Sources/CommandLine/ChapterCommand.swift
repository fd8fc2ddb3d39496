import ArgumentParser
import Foundation
import HDF5
import PyImageSearch
import Runs
import System

/// A command whose errors are one line on standard error, whatever goes wrong, with an exit status that is not 0.
public protocol ChapterCommand: ParsableCommand {
    /// The program that builds the data set which this one reads, if there is one.
    static var builder: String? { get }
}

extension ChapterCommand {
    public static var builder: String? { nil }
}

extension ChapterCommand {
    public static func main() {
        ThreadWaiting.shorten()
        // A file that may not grow is an error to report, as a full disk is; and hours of work do not end because nobody
        // reads any longer what they print.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        HDF5Crash.endWithOneLine()
        // Whatever signal ends it, a progress bar's line is ended first.
        Interruption.stopListening()
        var status = runToEnd()
        OutputFiles.release()
        WholeFile.removeEmptyFolders()
        // As a shell says it of a program that a signal has ended: what was to come after this one is not to come.
        if status == 0, let signal = Interruption.signal { status = 128 + signal }
        if status != 0 { Foundation.exit(status) }
    }

    private static func fail(_ message: String) -> Int32 {
        Terminal.endLine()
        fflush(nil)
        writeLine("error: \(message.printablePath)")
        return ExitCode.failure.rawValue
    }

    /// Runs the command, and says what went wrong.
    ///
    /// - Returns: the exit status. The program ends only after that, when all that was in use here has been given back.
    private static func runToEnd() -> Int32 {
        var chapter: (any TrainingChapter)?
        do {
            try OpenFiles.checkLimit()
            var command = try parseAsRoot(Array(ProgramArguments.all.dropFirst()))
            chapter = command as? any TrainingChapter
            try command.run()
            return 0
        } catch let interrupted as TrainingInterrupted {
            info("interrupted; the model of this moment is in \(interrupted.model). To resume:")
            print(interrupted.command)
            return 0
        } catch let error as RunError {
            return fail(chapter?.message(for: error) ?? "\(error)")
        } catch let error as NotBuiltError {
            return fail("\(error)" + (builder.map { "; build the data set first: swift run \($0)" } ?? ""))
        } catch {
            let code = exitCode(for: error)
            Terminal.endLine()
            fflush(nil)
            // Asking for help is no error, and some have said already what was wrong.
            if code == .success {
                print(fullMessage(for: error))
            } else if !(error is ExitCode) {
                let advice = Advice.about(error).map { "; \($0)" } ?? ""
                writeLine("error: \(NumberRefusal.reworded(message(for: error)).printablePath)\(advice)")
            }
            return code.rawValue
        }
    }
}
