import Foundation

/// What the launcher of an MPI program has told this process in its environment.
public enum MPILaunch {
    /// This process's number; `nil` if no launcher of MPI has started it.
    public static var rank: Int? { number("OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK") }
    /// The number of processes, if the launcher has told it.
    public static var size: Int? { number("OMPI_COMM_WORLD_SIZE", "PMI_SIZE") }

    private static func number(_ names: String...) -> Int? {
        let environment = ProcessInfo.processInfo.environment
        return names.lazy.compactMap { environment[$0].flatMap { Int($0) } }.first
    }
}
