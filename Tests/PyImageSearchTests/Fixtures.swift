import Foundation

/// A file of reference values: of the folder that `FIXTURES` names, or else of the package's own.
func fixture(_ name: String) throws -> Data {
    let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures")
    let folder = ProcessInfo.processInfo.environment["FIXTURES"].map { URL(fileURLWithPath: $0) } ?? own
    return try Data(contentsOf: folder.appendingPathComponent(name))
}
