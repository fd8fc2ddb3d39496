import Foundation
import Synchronization

/// Ctrl+C (SIGINT) and SIGTERM as a wish: the first one is noted, and work ends where it can end in order; the second
/// ends the program at once.
public enum Interruption {
    private static let signals = [SIGINT, SIGTERM]

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
            sigaction(number, &action, nil)
            sigaddset(&mask, number)
        }
        // A program that starts this one may have kept signals from it.
        pthread_sigmask(SIG_UNBLOCK, &mask, nil)
    }

    /// Signals end the program again.
    public static func stopListening() { for number in signals { signal(number, SIG_DFL) } }
}

private let wasRequested = Atomic(false)

/// What a signal handler does, and all that it may do.
private func note() {
    wasRequested.store(true, ordering: .relaxed)
    // The second signal, whichever it is, finds the default again, which is to end.
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
    let message: StaticString = "\ninterrupted: ending in order; once more to end at once\n"
    write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
}
