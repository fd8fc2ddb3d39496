import Foundation

/// The memory that this process can still allocate.
///
/// A file may declare any size. Sizes must be checked before allocation, because Swift ends a program whose allocation
/// fails.
public enum FreeMemory {
    /// The free memory in bytes: what the machine can give without swapping, within the limits of the container and the
    /// process. `Int.max` if the system does not report it.
    public static func bytes() -> Int {
        #if os(Linux)
            [machine, ControlGroups.freeMemory, addressSpace].compactMap { $0() }.min() ?? .max
        #else
            Int(clamping: ProcessInfo.processInfo.physicalMemory)
        #endif
    }

    /// Whether `bytes` bytes are free. Always true below 64 MiB, for which the check takes longer than the allocation.
    public static func has(_ bytes: Int) -> Bool { bytes < 1 << 26 || bytes <= Self.bytes() }

    /// A number of bytes for messages, such as `1.5 GB`.
    public static func description(of bytes: Int) -> String {
        let units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB"]
        var (number, unit) = (Double(bytes), 0)
        while number >= 1000, unit + 1 < units.count { (number, unit) = (number / 1000, unit + 1) }
        return unit == 0 ? "\(bytes) bytes" : String(format: "%.1f ", number) + units[unit]
    }

    #if os(Linux)
        private static func machine() -> Int? {
            let lines = SystemFile.text("/proc/meminfo").split(separator: "\n")
            let line = lines.first { $0.hasPrefix("MemAvailable:") }
            return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }

        private static func addressSpace() -> Int? {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur != .max,
                let pages = SystemFile.text("/proc/self/statm").split(separator: " ").first.flatMap({ Int($0) })
            else { return nil }
            return max(Int(clamping: limit.rlim_cur) - pages * sysconf(Int32(_SC_PAGESIZE)), 0)
        }
    #endif
}
