import Foundation

/// The program pandoc, which makes HTML of Markdown.
enum Pandoc {
    /// A page in HTML, as one file that needs no other one.
    ///
    /// - Parameters:
    ///   - page: the path of the Markdown, from the root of the checkout.
    ///   - settings: the name of the file in `report/site` that says what pandoc does.
    ///   - metadata: what the template shows beside the page.
    /// - Throws: ``ReportError`` if there is no pandoc, or if it fails.
    static func html(
        of page: String, settings: String, metadata: some Encodable, in folder: ReportFolder
    ) throws -> Data {
        // Pandoc takes metadata as literal text from such a file only.
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
        try JSONEncoder().encode(["metadata": metadata]).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }

        let process = Process(), output = Pipe(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["pandoc", "--defaults", "report/site/\(settings)", "--defaults", file.path, page]
        process.currentDirectoryURL = URL(fileURLWithPath: folder.root)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        do { try process.run() } catch { throw ReportError("cannot run pandoc: \(error)") }
        let html = output.fileHandleForReading.readDataToEndOfFile()
        // They are a few lines, which fit into the pipe while the output is read.
        let message = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            // As a shell reports a command that it does not find.
            guard process.terminationStatus != 127 else {
                throw ReportError("pandoc is missing; get it with apt-get install pandoc")
            }
            throw ReportError("pandoc cannot convert \(page): \(String(decoding: message, as: UTF8.self))")
        }
        return html
    }
}
