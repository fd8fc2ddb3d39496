import Foundation

/// Chromium without a window, which lays pages out as their readers see them.
struct Browser {
    private let program: String

    /// `nil` if no Chromium is installed.
    init?() {
        guard let program = ["chromium", "chromium-browser", "google-chrome"].first(where: Self.runs) else {
            return nil
        }
        self.program = program
    }

    /// Whether a program is there and shows its version.
    static func runs(_ program: String) -> Bool { output(of: [program, "--version"]) != nil }

    /// What a page of its own contains after its scripts have run.
    ///
    /// - Parameter folder: for the browser's own files.
    func contents(ofPageAt path: String, folder: String) -> String? {
        Self.output(of: [
            program, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(folder)",
            // A page may look into the frames in it.
            "--allow-file-access-from-files", "--dump-dom", URL(fileURLWithPath: path).absoluteString,
        ])
    }

    private static func output(of command: [String]) -> String? {
        let process = Process(), pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return nil }
        let data = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }
}
