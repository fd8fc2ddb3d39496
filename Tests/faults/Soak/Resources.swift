import ArgumentParser
import Foundation

/// The resources of this process, as Linux reports them in `/proc`.
struct Resources: Equatable {
    /// Resident memory, in KiB.
    let memory: Int
    let openFiles: Int
    let threads: Int

    /// - Throws: `ValidationError` if there is no `/proc`.
    static func current() throws -> Resources {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func number(_ name: String) throws -> Int {
            for line in status.split(separator: "\n") where line.hasPrefix("\(name):") {
                if let number = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Int($0) }) {
                    return number
                }
            }
            throw ValidationError("/proc/self/status has no \(name): this program needs Linux")
        }
        return Resources(
            memory: try number("VmRSS"),
            openFiles: try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count,
            threads: try number("Threads"))
    }
}
