import Foundation

/// What a plan may take: to ask the system for more than there is ends the program, now or when it is used.
public enum MachineMemory {
    /// - Parameters:
    ///   - bytes: all that the plan keeps; a product of sizes from a file may be more than an `Int` holds.
    ///   - batchSize: what it is for.
    /// - Throws: ``BackendError`` where the machine has less memory.
    public static func check(bytes: Double, batchSize: Int) throws {
        guard bytes > size else { return }
        func gigabytes(_ bytes: Double) -> String { String(format: "%.1f GB", bytes / 1e9) }
        throw BackendError(
            "a batch of \(batchSize) needs \(gigabytes(bytes)) of memory, but there are \(gigabytes(size)); choose a "
                + "smaller --batch-size")
    }

    /// Bytes of the machine, or of the container that this process may be in.
    private static let size: Double = {
        let machine = Double(ProcessInfo.processInfo.physicalMemory)
        let limit = try? String(contentsOfFile: "/sys/fs/cgroup/memory.max", encoding: .utf8)
        let container = limit.flatMap { Double($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
        return min(machine, container ?? machine)
    }()
}
