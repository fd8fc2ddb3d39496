import Foundation

#if os(Linux)
    /// Linux control groups, which limit the memory of containers and services.
    enum ControlGroups {
        /// The number of bytes that the groups of this process may still take, or `nil` if none has a limit.
        static func freeMemory() -> Int? {
            SystemFile.text("/proc/self/cgroup").split(separator: "\n").flatMap(folders).compactMap(free(in:)).min()
        }

        /// The folders of a group and all groups around it, from a line of `/proc/self/cgroup`: `0::/a/b` in version 2
        /// of control groups, `4:memory:/a/b` in version 1. A container sees its own group as the outermost.
        private static func folders(_ line: Substring) -> [String] {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else {
                return []
            }
            let root = parts[1].isEmpty ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
            let names = parts[2].split(separator: "/")
            return (0...names.count).map { ([root] + names.prefix($0).map(String.init)).joined(separator: "/") }
        }

        static func free(in folder: String) -> Int? {
            func number(_ names: String...) -> Int? {
                names.lazy.compactMap { SystemFile.number("\(folder)/\($0)") }.first
            }
            guard let limit = number("memory.max", "memory.limit_in_bytes"),
                let used = number("memory.current", "memory.usage_in_bytes")
            else { return nil }
            // The kernel drops cached files when memory is needed.
            let statistics = SystemFile.text("\(folder)/memory.stat").split(separator: "\n").map {
                $0.split(separator: " ")
            }
            let cached = statistics.first { $0.first == "inactive_file" }?.last
            return max(limit - used + (cached.flatMap { Int($0) } ?? 0), 0)
        }
    }

    /// The small files in which the kernel reports its state.
    enum SystemFile {
        /// The contents, or an empty string if there is no such file.
        static func text(_ path: String) -> String {
            String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
        }

        static func number(_ path: String) -> Int? {
            Int(text(path).trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }
#endif
