import Foundation

/// The lines of a text file that any program may have written.
public enum TextLines {
    /// The lines without surrounding white space, and without blank lines at the end of the file. For lists of names,
    /// in which a stray blank means nothing.
    ///
    /// - Throws: ``FileError`` as ``read(_:limit:longest:)``.
    public static func readTrimmed(_ path: String) throws -> [String] {
        var lines = try read(path).map { $0.trimmingCharacters(in: .whitespaces) }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    /// The lines without their endings (LF, CR LF or CR), without a byte order mark, and without the empty lines at the
    /// end of the file.
    ///
    /// - Parameters:
    ///   - limit: the largest size of the file in bytes. A larger file is not read at all.
    ///   - longest: the largest number of bytes in a line.
    /// - Throws: ``FileError`` naming the file, and the line that is too long or not text.
    public static func read(_ path: String, limit: Int = 1 << 24, longest: Int = 1 << 12) throws -> [String] {
        var rest = try FileBytes.read(path, limit: limit)[...]
        if rest.starts(with: [0xEF, 0xBB, 0xBF]) { rest = rest.dropFirst(3) }
        var lines: [String] = []
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.endIndex
            let bytes = rest[..<end]
            rest = rest[end...].dropFirst(rest[end...].starts(with: [0x0D, 0x0A]) ? 2 : 1)

            func refuse(_ reason: String) -> FileError { FileError("\(path), line \(lines.count + 1): \(reason)") }
            guard bytes.count <= longest else {
                throw refuse("it has \(bytes.count) bytes, more than the \(longest) that are read")
            }
            guard !bytes.contains(0) else { throw refuse("it holds a NUL character, so this is not a text file") }
            guard let line = String(validating: bytes, as: UTF8.self) else { throw refuse("it is not text in UTF-8") }
            lines.append(line)
        }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }
}
