/// Names of links and attributes, which libhdf5 copies into a buffer of the caller.
enum LibraryName {
    /// Asks for the length first, then for the characters. Invalid UTF-8 is repaired.
    static func read(
        _ doing: String, file: String, _ ask: (UnsafeMutablePointer<CChar>?, Int) -> Int
    ) throws -> String {
        let length = try HDF5Library.checked(ask(nil, 0), doing, file: file)
        var buffer = [CChar](repeating: 0, count: length + 1)
        _ = try HDF5Library.checked(
            buffer.withUnsafeMutableBufferPointer { ask($0.baseAddress, $0.count) }, doing, file: file)
        return String(decoding: buffer.prefix(length).lazy.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
