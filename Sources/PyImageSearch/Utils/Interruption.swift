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
            var action = sigaction()
            #if os(Linux)
                action.__sigaction_handler.sa_handler = { note($0) }
            #else
                action.__sigaction_u.__sa_handler = { note($0) }
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
            if !now.isIgnored { Foundation.signal(number, SIG_DFL) }
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

/// A signal's number; 0 for none.
private let requested = Atomic<Int32>(0)

/// What a signal handler does, and all that it may do.
private func note(_ number: Int32) {
    requested.store(number, ordering: .relaxed)
    // The second signal finds the default again, which is to end; but a terminal that goes says so more than once.
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
    signal(SIGHUP, SIG_IGN)
    let message: StaticString = "\ninterrupted: ending in order; once more to end at once\n"
    write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
}
