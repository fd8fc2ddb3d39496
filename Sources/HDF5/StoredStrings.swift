import CHDF5

/// Strings in a file. h5py 3 and Keras write variable-length strings, older releases fixed-length ones.
enum StoredStrings {
    /// Reads `count` strings of either kind. Invalid UTF-8 is repaired.
    ///
    /// - Parameters:
    ///   - type: the string type in the file.
    ///   - space: the data space of the dataset or attribute.
    ///   - read: fills memory with elements of a memory type.
    static func read(
        count: Int, type: hid_t, space: hid_t, object: String, file: HDF5File,
        _ read: (_ memoryType: hid_t, _ memory: UnsafeMutableRawPointer) -> herr_t
    ) throws -> [String] {
        guard count > 0 else { return [] }
        return H5Tis_variable_str(type) > 0
            ? try variable(count: count, type: type, space: space, object: object, file: file, read)
            : try fixed(count: count, type: type, object: object, file: file.path, read)
    }

    private static func variable(
        count: Int, type: hid_t, space: hid_t, object: String, file: HDF5File,
        _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [String] {
        if file.isFromOutside { try StringReferences.check(count: count, object: object, file: file, read) }
        let memoryType = try variableType(characters: H5Tget_cset(type), file: file.path)
        defer { H5Tclose(memoryType) }
        var pointers = [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        return try pointers.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return [] }
            try HDF5Library.checked(read(memoryType, base), "read \(object)", file: file.path)
            // libhdf5 has allocated every string.
            defer { H5Dvlen_reclaim(memoryType, space, CHDF5_default(), base) }
            return memory.bindMemory(to: UnsafeMutablePointer<CChar>?.self).map { text in
                text.map { String(cString: $0) } ?? ""
            }
        }
    }

    private static func fixed(
        count: Int, type: hid_t, object: String, file: String, _ read: (hid_t, UnsafeMutableRawPointer) -> herr_t
    ) throws -> [String] {
        let length = H5Tget_size(type)
        let (size, overflow) = count.multipliedReportingOverflow(by: length)
        guard length > 0, !overflow else {
            throw HDF5Error.tooLarge(object: object, file: file, reason: "\(count) strings of \(length) bytes")
        }
        let padding = H5Tget_strpad(type)
        var bytes = [UInt8](repeating: 0, count: size)
        return try bytes.withUnsafeMutableBytes { memory in
            guard let base = memory.baseAddress else { return [] }
            try HDF5Library.checked(read(type, base), "read \(object)", file: file)
            return (0..<count).map { index in
                text(memory[index * length..<(index + 1) * length], padding: padding)
            }
        }
    }

    private static func text(_ bytes: Slice<UnsafeMutableRawBufferPointer>, padding: H5T_str_t) -> String {
        var end = bytes.endIndex
        switch padding {
        case H5T_STR_NULLTERM: end = bytes.firstIndex(of: 0) ?? end
        case H5T_STR_SPACEPAD:
            while end > bytes.startIndex, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
        default:
            while end > bytes.startIndex, bytes[end - 1] == 0 { end -= 1 }
        }
        return String(decoding: bytes[bytes.startIndex..<end], as: UTF8.self)
    }

    /// A new type of variable-length strings, which the caller closes.
    static func variableType(characters: H5T_cset_t, file: String) throws -> hid_t {
        let type = try HDF5Library.checked(H5Tcopy(CHDF5_c_string()), "prepare a string type", file: file)
        H5Tset_size(type, CHDF5_variable_length())
        H5Tset_cset(type, characters)
        return type
    }

    /// Calls `body` with an array of pointers to C strings, libhdf5's form of variable-length strings.
    ///
    /// - Throws: `HDF5Error.invalidString` for a string with a NUL character, where a C string would end.
    static func withPointers<Result>(
        to strings: [String], object: String, file: String, _ body: (UnsafeRawPointer?) throws -> Result
    ) throws -> Result {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(strings.reduce(0) { $0 + $1.utf8.count + 1 })
        var starts: [Int] = []
        for string in strings {
            guard !string.utf8.contains(0) else { throw HDF5Error.invalidString(object: object, file: file) }
            starts.append(bytes.count)
            bytes.append(contentsOf: string.utf8)
            bytes.append(0)
        }
        return try bytes.withUnsafeBytes { memory in
            let pointers = starts.map { start in memory.baseAddress.map { $0 + start } }
            return try pointers.withUnsafeBytes { try body($0.baseAddress) }
        }
    }
}
