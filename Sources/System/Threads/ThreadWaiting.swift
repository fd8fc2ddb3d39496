import Foundation

/// How long threads that compute spin before they sleep, while they wait for each other.
///
/// GNU's OpenMP, which oneDNN computes with, lets them spin for some fifteen milliseconds. On a machine that does
/// anything else at the same time (a second run, the threads that prepare batches) the spinning one keeps the one
/// that it waits for from running: beside one other busy process, training ran at a third of the speed that it
/// has when threads spin for half a millisecond. On an idle machine the two are as fast (see Benchmarks).
public enum ThreadWaiting {
    /// OpenMP reads its settings from the environment before `main` begins, so the program starts itself anew with this
    /// one in it; where the user has set one, or it cannot be done, nothing happens.
    public static func shorten() {
        #if os(Linux)
            guard getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
            setenv("GOMP_SPINCOUNT", "10000", 1)
            // Not by the link itself: the process would be called "exe".
            guard let program = realpath("/proc/self/exe", nil), let name = ProgramArguments.all.first else { return }
            defer { free(program) }
            // Another program may have loaded this one, a debugger's or the system's own loader.
            guard Path.name(of: String(path: program)) == Path.name(of: name) else { return }
            execv(program, CommandLine.unsafeArgv)
        #endif
    }
}
