import Foundation

/// A run of one of the package's programs, as from a terminal.
public struct Command: Sendable {
    public let status: Int32
    public let output: String
    public let errors: String

    /// Whether standard error holds exactly one line.
    public var isOneClearLine: Bool { errors.hasPrefix("error: ") && errors.split(separator: "\n").count == 1 }

    /// - Parameter environment: variables in addition to the test's.
    public static func run(
        _ name: String, _ arguments: [String], in folder: String? = nil, environment: [String: String] = [:]
    ) throws -> Command {
        let process = start(name, arguments, in: folder)
        if !environment.isEmpty {
            process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        }
        try process.run()
        return try finish(process)
    }

    /// Runs a program as several processes that train together.
    ///
    /// - Parameter environment: variables in addition to the test's.
    public static func run(
        _ name: String, _ arguments: [String], processes: Int, in folder: String, environment: [String: String] = [:]
    ) throws -> Command {
        let process = start(name, arguments, in: folder)
        process.arguments = ["mpirun", "-n", "\(processes)", "\(Command.folder)/\(name)"] + arguments
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.environment = ProcessInfo.processInfo.environment.merging(launching) { $1 }.merging(environment) { $1 }
        try process.run()
        return try finish(process)
    }

    /// What Open MPI needs to start more processes than there are processors, and as root.
    public static let launching = [
        "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    ]

    /// Runs a program, and presses Ctrl+C, or sends another signal, once it has printed `text`.
    public static func interrupt(
        _ name: String, _ arguments: [String], after text: String, in folder: String, signal: Int32 = SIGINT
    ) throws -> Command {
        let process = start(name, arguments, in: folder)
        let output = "\(folder)/\(UUID().uuidString).txt"
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        func printed() -> String {
            String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self)
        }
        while process.isRunning, !printed().contains(text) { usleep(2_000) }
        Foundation.kill(process.processIdentifier, signal)
        // A closing terminal sends SIGHUP twice: from the shell, and from itself.
        if signal == SIGHUP { Foundation.kill(process.processIdentifier, signal) }
        process.waitUntilExit()
        return Command(status: process.terminationStatus, output: printed(), errors: "")
    }

    /// Runs a line in a shell, and returns its exit status.
    public static func shell(_ line: String, in folder: String) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", line]
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        // As a shell reports its own status.
        return process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
    }

    /// Runs a program, and kills it as soon as `file` exists.
    public static func kill(_ name: String, _ arguments: [String], when file: String) throws {
        let process = start(name, arguments)
        try process.run()
        while process.isRunning, !FileManager.default.fileExists(atPath: file) { usleep(2_000) }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Runs a program, and kills it after so many seconds.
    ///
    /// - Returns: whether it was killed before it ended.
    public static func kill(
        _ name: String, _ arguments: [String], in folder: String, after seconds: Double
    ) throws -> Bool {
        let process = start(name, arguments, in: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        usleep(UInt32(max(seconds, 0) * 1e6))
        let isKilled = process.isRunning
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        return isKilled && process.terminationReason == .uncaughtSignal
    }

    /// A program that runs while the test does something else.
    public static func started(
        _ name: String, _ arguments: [String], in folder: String, errors: FileHandle? = nil
    ) throws -> Process {
        let process = start(name, arguments, in: folder)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors ?? FileHandle.nullDevice
        try process.run()
        return process
    }

    /// The folder of the programs, which is that of the tests.
    public static var folder: String {
        URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent().path
    }

    private static func start(_ name: String, _ arguments: [String], in folder: String? = nil) -> Process {
        let process = Process()
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
        process.executableURL = URL(fileURLWithPath: Command.folder).appendingPathComponent(name)
        process.arguments = arguments
        process.standardOutput = Pipe()
        process.standardError = Pipe()
        process.standardInput = FileHandle.nullDevice
        return process
    }

    private static func finish(_ process: Process) throws -> Command {
        guard let out = process.standardOutput as? Pipe, let err = process.standardError as? Pipe else {
            return Command(status: -1, output: "", errors: "")
        }
        // Standard error is short and fits into the pipe while standard output is read.
        let output = out.fileHandleForReading.readDataToEndOfFile()
        let errors = err.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Command(
            status: process.terminationStatus, output: String(decoding: output, as: UTF8.self),
            errors: String(decoding: errors, as: UTF8.self))
    }
}
