import ComputeGraph
import Foundation

extension RunRecord.Machine {
    /// This machine, and the code in the working folder, as they are now.
    ///
    /// A program that was carried to a machine without the code is told by `SOURCE_COMMIT` what it was built from.
    public static func current(backend: any Backend) -> RunRecord.Machine {
        current(computing: backend.version, threads: backend.threads)
    }

    /// - Parameters:
    ///   - library: what computes, with its version.
    ///   - threads: how many compute.
    static func current(computing library: String, threads: Int) -> RunRecord.Machine {
        let carried = ProcessInfo.processInfo.environment["SOURCE_COMMIT"]
        let commit = carried ?? output(of: "git", "rev-parse", "HEAD")
        return RunRecord.Machine(
            backend: library, threads: threads, processor: processor, operatingSystem: operatingSystem,
            compiler: compiler, gitCommit: commit,
            isTreeClean: carried.map { _ in true }
                ?? commit.flatMap { _ in output(of: "git", "status", "--porcelain") }.map(\.isEmpty))
    }

    /// The peak memory of this process in megabytes; `nil` if the system does not report it.
    public static var peakMemory: Double? {
        value(of: "VmHWM", in: "/proc/self/status").flatMap { $0.split(separator: " ").first }.flatMap { Double($0) }
            .map { ($0 * 1024 / 1e6).rounded() }
    }

    /// The processor's name and its number of cores.
    public static var processor: String {
        let name =
            value(of: "model name", in: "/proc/cpuinfo") ?? output(of: "sysctl", "-n", "machdep.cpu.brand_string")
        return "\(name ?? "unknown processor"), \(ProcessInfo.processInfo.activeProcessorCount) cores"
    }

    private static var operatingSystem: String {
        let named = try? String(contentsOfFile: "/etc/os-release", encoding: .utf8).split(separator: "\n")
            .first { $0.hasPrefix("PRETTY_NAME=") }?.dropFirst("PRETTY_NAME=".count)
        return named.map { $0.trimmingCharacters(in: ["\""]) } ?? ProcessInfo.processInfo.operatingSystemVersionString
    }

    /// The installed compiler; if there is none, the oldest that could have built this.
    private static var compiler: String {
        output(of: "swift", "--version").flatMap { $0.split(separator: "\n").first }.map(String.init)
            ?? "Swift 6.1 or later"
    }

    /// The first "name : value" line of this name.
    private static func value(of name: String, in path: String) -> String? {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
            if parts.count == 2, parts[0] == name { return parts[1] }
        }
        return nil
    }

    /// What a command prints; `nil` if the command does not exist or fails.
    private static func output(of command: String...) -> String? {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        // The compiler makes a folder for temporary files and leaves it behind.
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder.path]) { $1 }
        do { try process.run() } catch { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
