import Foundation
import Synchronization

/// Ctrl+C (SIGINT), SIGTERM and a terminal's hang-up (SIGHUP) as requests to stop. The first is recorded, so that work
/// stops at the next safe point; a second Ctrl+C or SIGTERM ends the program at once.
public enum Interruption {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Whether a signal has arrived since ``listen()``.
    public static var isRequested: Bool { signal != nil }

    /// The first signal that has arrived since ``listen()``.
    public static var signal: Int32? {
        let number = requested.load(ordering: .relaxed)
        return number > 0 ? number : nil
    }

    /// Records signals from now on, instead of ending the program.
    public static func listen() {
        requested.store(0, ordering: .relaxed)
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in signals {
            var before = sigaction()
            sigaction(number, nil, &before)
            // Under nohup, SIGHUP stays ignored: the program must outlive the terminal.
            if number != SIGHUP || !before.isIgnored { handle(number) { note($0) } }
            sigaddset(&mask, number)
        }
        // The parent process may have blocked signals.
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    /// Lets signals end the program again, after ending the line that a progress bar has left open.
    public static func stopListening() {
        for number in signals {
            var now = sigaction()
            sigaction(number, nil, &now)
            if !now.isIgnored { handle(number) { endAtOnce($0) } }
        }
    }

    /// Prints nothing when the first signal arrives: a launcher of several processes says what happened.
    public static func beSilent() { isSilent.store(true, ordering: .relaxed) }

    private static func handle(_ number: Int32, by handler: @escaping @convention(c) (Int32) -> Void) {
        var action = sigaction()
        #if os(Linux)
            action.__sigaction_handler.sa_handler = handler
        #else
            action.__sigaction_u.__sa_handler = handler
        #endif
        action.sa_flags = Int32(SA_RESTART)
        sigaction(number, &action, nil)
    }
}

extension sigaction {
    fileprivate var isIgnored: Bool {
        // Swift cannot compare functions.
        let ignored = unsafeBitCast(SIG_IGN, to: Int.self)
        #if os(Linux)
            return unsafeBitCast(__sigaction_handler.sa_handler, to: Int.self) == ignored
        #else
            return unsafeBitCast(__sigaction_u.__sa_handler, to: Int.self) == ignored
        #endif
    }
}

private func say(_ message: StaticString) { write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount) }

/// Ends the line that a progress bar has left open, then does what the system does by default.
private func endAtOnce(_ number: Int32) {
    Terminal.endLineWithinSignalHandler()
    signal(number, SIG_DFL)
    raise(number)
}

private let isSilent = Atomic<Bool>(false)

/// The first signal's number, or 0.
private let requested = Atomic<Int32>(0)

/// The signal handler. It only calls functions that a handler may call.
private func note(_ number: Int32) {
    guard requested.load(ordering: .relaxed) == 0 else { return endAtOnce(number) }
    requested.store(number, ordering: .relaxed)
    // A closing terminal sends SIGHUP more than once.
    signal(SIGHUP, SIG_IGN)
    guard !isSilent.load(ordering: .relaxed) else { return }
    // The terminal shows ^C in the open line.
    if !Terminal.endLineWithinSignalHandler() { say("\n") }
    say("interrupted: ending in order; once more to end at once\n")
}
