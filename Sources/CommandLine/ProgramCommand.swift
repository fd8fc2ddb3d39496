import ArgumentParser
import Foundation
import HDF5
import MPICommunicator
import PyImageSearch
import Runs
import System

/// A command whose errors are one line on standard error, whatever goes wrong, with an exit status that is not 0.
public protocol ProgramCommand: ParsableCommand {
    /// The program whose files this one reads, if there is one.
    static var builder: String? { get }
    /// Whether several processes divide its work. Any other program would do the same work several times, and write the
    /// same files.
    static var runsInProcesses: Bool { get }
    /// What an error of a run says to the user.
    func message(for error: RunError) -> String
    /// Runs the program: `run`, and what its kind of programs does around it.
    mutating func perform() throws
}

extension ProgramCommand {
    public static var builder: String? { nil }
    public static var runsInProcesses: Bool { false }
    public func message(for error: RunError) -> String { "\(error)" }
    public mutating func perform() throws { try run() }
}

extension ProgramCommand {
    public static func main() {
        ThreadWaiting.shorten()
        // A limit on the size of files is an error to report, like a full disk. And hours of work do not end because
        // nobody reads the output any more.
        signal(SIGXFSZ, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        HDF5Crash.endWithOneLine()
        // If a signal ends the program, the progress bar's line is ended first.
        Interruption.stopListening()
        if let rank = MPILaunch.rank {
            // The launcher sends the same signal when another process has died. And it forwards output and errors each by
            // itself.
            Interruption.beSilent()
            Terminal.isForwarded = true
            // The first process reports.
            if rank > 0 { Terminal.silence() }
        }
        var status = runToEnd()
        if status == 0, Terminal.hasLostOutput {
            status = fail("standard output could not be written to the end: make room where it goes")
        }
        OutputFiles.release()
        WholeFile.removeEmptyFolders()
        // Exit with 128 + signal, as shells do, so that `a && b` stops.
        if status == 0, let signal = Interruption.signal { status = 128 + signal }
        if let processes = MPICommunicator.current {
            // After an error the others would wait for this one.
            if status != 0, !Interruption.isRequested { processes.abort(status: status) }
            processes.end()
        }
        if status != 0 { Foundation.exit(status) }
    }

    private static func fail(_ message: String) -> Int32 {
        report(message)
        return ExitCode.failure.rawValue
    }

    private static func report(_ message: String, _ advice: String = "") {
        guard let rank = MPILaunch.rank, rank > 0 else { return reportError("\(message.printablePath)\(advice)") }
        // Most errors are those of all processes. Then the first has reported it, and its end ends the others, before they
        // speak.
        sleep(2)
        guard !Interruption.isRequested else { return }
        let name = MPICommunicator.current?.name(ofProcess: rank) ?? "process \(rank)"
        reportError("\(name): \(message.printablePath)\(advice)")
    }

    private static func checkLaunch(_ command: any ParsableCommand) throws {
        // `--help` is another command.
        guard command is Self, !runsInProcesses, let size = MPILaunch.size, size > 1 else { return }
        throw ValidationError("this program does not train: run it without mpirun, as one process")
    }

    /// Runs the command, and prints any error.
    ///
    /// - Returns: the exit status. The program ends only after this function has released everything.
    private static func runToEnd() -> Int32 {
        var program: Self?
        do {
            try OpenFiles.checkLimit()
            var command = try parseAsRoot(Array(ProgramArguments.all.dropFirst()))
            program = command as? Self
            try checkLaunch(command)
            // `--help` and a subcommand are other commands.
            if program != nil { try program?.perform() } else { try command.run() }
            return 0
        } catch let interrupted as TrainingInterrupted {
            info("interrupted; the model of this moment is in \(interrupted.model). To resume:")
            print(interrupted.command)
            return 0
        } catch let error as RunError {
            return fail(program?.message(for: error) ?? "\(error)")
        } catch let error as NotBuiltError {
            return fail("\(error)" + (builder.map { "; run this first: swift run \($0)" } ?? ""))
        } catch {
            let code = exitCode(for: error)
            // `--help` is not an error, and `ExitCode` has already printed its message.
            if code == .success {
                Terminal.endLine()
                print(fullMessage(for: error))
            } else if !(error is ExitCode) {
                let advice = Advice.about(error).map { "; \($0)" } ?? ""
                report(NumberRefusal.reworded(message(for: error)), advice)
            }
            return code.rawValue
        }
    }
}
