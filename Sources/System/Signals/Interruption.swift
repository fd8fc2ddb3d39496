import Foundation
import Synchronization

/// Ctrl+C (SIGINT), SIGTERM and the hang-up of a terminal (SIGHUP) as a wish: the first one is noted, and work ends where
/// it can end in order; a second Ctrl+C or SIGTERM ends the program at once.
public enum Interruption {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Whether a signal has come since ``listen()``.
    public static var isRequested: Bool { signal != nil }

    /// The first signal that has come.
    public static var signal: Int32? {
        let number = requested.load(ordering: .relaxed)
        return number > 0 ? number : nil
    }

    public static func listen() {
        requested.store(0, ordering: .relaxed)
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in signals {
            var before = sigaction()
            sigaction(number, nil, &before)
            // Under nohup, it is to live on when the terminal goes.
            if number != SIGHUP || !before.isIgnored { handle(number) { note($0) } }
            sigaddset(&mask, number)
        }
        // A program that starts this one may have kept signals from it.
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    /// Signals end the program again, and the line that a progress bar has left open.
    public static func stopListening() {
        for number in signals {
            var now = sigaction()
            sigaction(number, nil, &now)
            if !now.isIgnored { handle(number) { endAtOnce($0) } }
        }
    }

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

/// Does what the system would, once the line that a progress bar has left open is ended.
private func endAtOnce(_ number: Int32) {
    Terminal.endLineWithinSignalHandler()
    signal(number, SIG_DFL)
    raise(number)
}

/// A signal's number; 0 for none.
private let requested = Atomic<Int32>(0)

/// What a signal handler does, and all that it may do.
private func note(_ number: Int32) {
    guard requested.load(ordering: .relaxed) == 0 else { return endAtOnce(number) }
    requested.store(number, ordering: .relaxed)
    // A terminal that goes says so more than once.
    signal(SIGHUP, SIG_IGN)
    // A terminal shows ^C in the line that is open.
    if !Terminal.endLineWithinSignalHandler() { say("\n") }
    say("interrupted: ending in order; once more to end at once\n")
}
