import Foundation
import Synchronization

/// Ctrl+C (SIGINT), SIGTERM and the hang-up of a terminal (SIGHUP) as a wish: the first one is noted, and work ends where it can end in order; the second
/// ends the program at once.
public enum Interruption {
    private static let signals = [SIGINT, SIGTERM, SIGHUP]

    /// Whether a signal has come since ``listen()``.
    public static var isRequested: Bool { wasRequested.load(ordering: .relaxed) }

    public static func listen() {
        wasRequested.store(false, ordering: .relaxed)
        var mask = sigset_t()
        sigemptyset(&mask)
        for number in signals {
            var action = sigaction()
            #if os(Linux)
                action.__sigaction_handler.sa_handler = { _ in note() }
            #else
                action.__sigaction_u.__sa_handler = { _ in note() }
            #endif
            action.sa_flags = Int32(SA_RESTART)
            var before = sigaction()
            sigaction(number, &action, &before)
            // Under nohup, it is to live on when the terminal goes.
            if number == SIGHUP, before.isIgnored { sigaction(number, &before, nil) }
            sigaddset(&mask, number)
        }
        // A program that starts this one may have kept signals from it.
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    /// Signals end the program again.
    public static func stopListening() {
        for number in signals {
            var now = sigaction()
            sigaction(number, nil, &now)
            if !now.isIgnored { signal(number, SIG_DFL) }
        }
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

private let wasRequested = Atomic(false)

/// What a signal handler does, and all that it may do.
private func note() {
    wasRequested.store(true, ordering: .relaxed)
    // The second signal, whichever it is, finds the default again, which is to end.
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
    signal(SIGHUP, SIG_DFL)
    let message: StaticString = "\ninterrupted: ending in order; once more to end at once\n"
    write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
}
