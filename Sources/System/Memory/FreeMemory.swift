import Foundation

/// How much memory this process can still have: files may ask for anything, and what is not there must be refused
/// before it is taken, for Swift ends a program that is given none.
public enum FreeMemory {
    /// Bytes: what the machine can give without swapping, within the limits of the container and of the process.
    /// `Int.max` where the system does not say.
    public static func bytes() -> Int {
        #if os(Linux)
            [machine, ControlGroups.freeMemory, addressSpace].compactMap { $0() }.min() ?? .max
        #else
            Int(clamping: ProcessInfo.processInfo.physicalMemory)
        #endif
    }

    /// Whether there are so many bytes. Small amounts are not asked about: asking takes longer than taking them.
    public static func has(_ bytes: Int) -> Bool { bytes < 1 << 26 || bytes <= Self.bytes() }

    /// Bytes for a person: `1.5 GB`.
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
