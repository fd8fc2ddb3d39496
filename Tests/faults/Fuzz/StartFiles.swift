import Foundation

extension FuzzTarget {
    static func contents(of path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    /// The bytes that `write` writes to a file, which is deleted afterwards.
    static func bytes(writtenBy write: (_ path: String) throws -> Void) throws -> [UInt8] {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(path)
        return try contents(of: path)
    }
}
