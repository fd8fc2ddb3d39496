import CHDF5
import System

/// Checks on datasets stored in blocks (chunks), which may be compressed.
enum Chunks {
    /// The filters that h5py and Keras write. All are built into libhdf5.
    private static let filters: Set<H5Z_filter_t> = [H5Z_FILTER_DEFLATE, H5Z_FILTER_SHUFFLE, H5Z_FILTER_FLETCHER32]

    /// Refuses other filters than ``filters``, and blocks that a file of this size cannot hold.
    ///
    /// - Parameter properties: the dataset's creation properties.
    /// - Throws: `HDF5Error.unsupported`, `.tooLarge`, `.library`.
    static func check(_ properties: hid_t, _ object: OpenObject) throws {
        let count = try object.checked(H5Pget_nfilters(properties), "inspect \(object.path)")
        for index in 0..<count {
            var flags: UInt32 = 0, configuration: UInt32 = 0, values = 0
            var name = [CChar](repeating: 0, count: 256)
            let filter = try object.checked(
                H5Pget_filter2(properties, UInt32(index), &flags, &values, nil, name.count, &name, &configuration),
                "inspect \(object.path)")
            guard filters.contains(filter) else {
                let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                throw HDF5Error.unsupported(
                    object: object.path, file: object.filePath,
                    found: "values stored with filter \(filter)\(text.isEmpty ? "" : " (\(text))")",
                    expected: "deflate, shuffle or fletcher32")
            }
        }

        var sizes = [hsize_t](repeating: 0, count: Int(H5S_MAX_RANK))
        let rank = try object.checked(
            H5Pget_chunk(properties, Int32(sizes.count), &sizes), "inspect \(object.path)")
        let type = try object.checked(H5Dget_type(object.identifier.value), "read the type of \(object.path)")
        defer { H5Tclose(type) }
        let shape = sizes.prefix(Int(rank)).compactMap { Int(exactly: $0) } + [H5Tget_size(type)]
        // libhdf5 always reads whole blocks, even for a single element.
        guard shape.count == Int(rank) + 1, let bytes = Extent.product(shape),
            canHold(UInt64(bytes), fileSize: try object.file.size()), FreeMemory.has(bytes)
        else {
            throw HDF5Error.tooLarge(
                object: object.path, file: object.filePath, reason: "impossible blocks of \(shape.dropLast()) elements")
        }
    }

    /// Whether a file of `fileSize` bytes can hold `bytes` bytes of values, perhaps compressed.
    static func canHold(_ bytes: UInt64, fileSize: UInt64) -> Bool {
        // Deflate expands one byte to at most 1032. The floor of 64 MiB allows for values not written yet.
        let (limit, beyond) = fileSize.multipliedReportingOverflow(by: 1032)
        return beyond || bytes <= max(limit, 1 << 26)
    }
}
