import CHDF5

/// Strings in HDF5: of variable length, as h5py 3 writes them, or of fixed length, padded.
enum StringType {
    /// Variable length, UTF-8.
    static func variableLength(file: String) throws -> Handle {
        guard let type = Handle(H5Tcopy(CHDF5_c_string()), close: H5Tclose),
            H5Tset_size(type.id, CHDF5_variable_length()) >= 0, H5Tset_cset(type.id, H5T_CSET_UTF8) >= 0
        else { throw HDF5Error.failed("strings", file: file, reason: Library.reason()) }
        return type
    }

    /// Reads `count` strings of the file's `type`. `body` fills a buffer of the memory type it is given.
    static func read(
        count: Int, type: Handle, path: String, file: String, _ body: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [String] {
        guard count > 0 else { return [] }
        if H5Tis_variable_str(type.id) > 0 {
            guard let memoryType = Handle(H5Tcopy(type.id), close: H5Tclose) else {
                throw HDF5Error.failed(path, file: file, reason: Library.reason())
            }
            var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
            let status = pointers.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { body(memoryType.id, $0) } ?? -1
            }
            guard status >= 0 else { throw HDF5Error.failed(path, file: file, reason: Library.reason()) }
            defer { for pointer in pointers { H5free_memory(pointer) } }
            return pointers.map { $0.map { String(cString: $0) } ?? "" }
        }
        let size = H5Tget_size(type.id)
        guard size > 0, size <= 1 << 26, case let (bytes, overflow) = size.multipliedReportingOverflow(by: count),
            !overflow, bytes <= 1 << 31
        else { throw HDF5Error.failed(path, file: file, reason: "its strings are too long") }
        var buffer = [UInt8](repeating: 0, count: bytes)
        let status = buffer.withUnsafeMutableBytes { buffer in
            buffer.baseAddress.map { body(type.id, $0) } ?? -1
        }
        guard status >= 0 else { throw HDF5Error.failed(path, file: file, reason: Library.reason()) }
        let isSpacePadded = H5Tget_strpad(type.id) == H5T_STR_SPACEPAD
        return (0..<count).map { index in
            var text = buffer[index * size..<(index + 1) * size].prefix { $0 != 0 }
            if isSpacePadded { while text.last == UInt8(ascii: " ") { text.removeLast() } }
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// Calls `body` with an array of C strings.
    static func withPointers<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        // One block that holds all of them, so that however many there are, nothing is nested.
        var bytes: [CChar] = []
        var starts: [Int] = []
        for string in strings {
            starts.append(bytes.count)
            bytes.append(contentsOf: string.utf8CString)
        }
        bytes.append(0)
        return bytes.withUnsafeBufferPointer { block in
            let pointers = starts.map { start in block.baseAddress.map { $0 + start } } + [nil]
            return pointers.withUnsafeBufferPointer { pointers in
                // An array with at least one element has an address.
                pointers.baseAddress.map(body) ?? withUnsafePointer(to: nil) { body($0) }
            }
        }
    }
}
