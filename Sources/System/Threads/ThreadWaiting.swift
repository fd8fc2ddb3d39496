import Foundation

/// The time that computing threads spin while they wait for each other, before they sleep.
///
/// GNU's OpenMP, which oneDNN uses, lets them spin for about fifteen milliseconds. On a machine with other work (a second
/// run, the threads that prepare batches), a spinning thread keeps the thread that it waits for from running. Beside one
/// other busy process, training was three times as fast when threads spun for half a millisecond. On an idle machine both
/// are equally fast (see Benchmarks).
public enum ThreadWaiting {
    /// Restarts the program with a shorter spinning time in its environment, because OpenMP reads its settings before
    /// `main` begins. Does nothing if the user has chosen a setting, or if the restart fails.
    public static func shorten() {
        #if os(Linux)
            guard getenv("GOMP_SPINCOUNT") == nil, getenv("OMP_WAIT_POLICY") == nil else { return }
            setenv("GOMP_SPINCOUNT", "10000", 1)
            // The link's target, because a process started by the link itself would be named "exe".
            guard let program = realpath("/proc/self/exe", nil), let name = ProgramArguments.all.first else { return }
            defer { free(program) }
            // A debugger or the system's loader may have loaded this program.
            guard Path.name(of: String(path: program)) == Path.name(of: name) else { return }
            execv(program, CommandLine.unsafeArgv)
        #endif
    }
}
