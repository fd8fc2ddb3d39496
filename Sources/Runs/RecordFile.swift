import Foundation
import System

/// Records as files of JSON, whole or not at all. The same record always gives the same bytes.
enum RecordFile {
    /// - Parameter kind: the kind of file that the error names: `a run record`.
    /// - Throws: ``RunRecordError`` naming the file if it is not one; `FileError` if it cannot be read.
    static func read<Record: Decodable>(_ path: String, _ kind: String) throws -> Record {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        do {
            return try decoder.decode(Record.self, from: Data(FileBytes.read(path, limit: 1 << 26)))
        } catch let error as DecodingError { throw RunRecordError("\(path) is not \(kind): \(error.reason)") }
    }

    static func write(_ record: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        try WholeFile.write(encoder.encode(record) + Data("\n".utf8), to: path)
    }
}
