import CHDF5
import System

/// A row-major array of numbers or strings in a file.
///
/// Every method that throws throws ``HDF5Error/closed(file:)`` once the file is closed. Any thread may call any method.
public final class HDF5Dataset: Sendable {
    let object: OpenObject
    private let extent: Extent
    private let layout: H5D_layout_t

    /// - Throws: `HDF5Error.elsewhere` if the values are in other files, `.unsupported` if they are stored with an
    ///   unsupported filter, `.tooLarge` for an impossible shape, `.library`.
    init(_ object: OpenObject) throws {
        self.object = object
        (extent, layout) = try object.use { dataset in
            let properties = try object.checked(H5Dget_create_plist(dataset), "inspect \(object.path)")
            defer { H5Pclose(properties) }
            let layout = H5Pget_layout(properties)
            guard layout != H5D_VIRTUAL, H5Pget_external_count(properties) <= 0 else {
                throw HDF5Error.elsewhere(
                    object: object.path, file: object.filePath, found: "a dataset stored in other files")
            }
            if layout == H5D_CHUNKED { try Chunks.check(properties, object) }
            let space = try object.checked(H5Dget_space(dataset), "read the shape of \(object.path)")
            defer { H5Sclose(space) }
            return (try Extent(of: space, object: object.path, file: object.filePath), layout)
        }
    }

    /// The absolute path inside the file.
    public var path: String { object.path }

    /// The size of every dimension, as Keras and h5py order them. Empty for a scalar.
    public var shape: [Int] { extent.shape }

    /// The attributes of the dataset.
    public var attributes: HDF5Attributes { HDF5Attributes(object: object) }

    /// Whether the elements are bytes: integers from 0 to 255.
    ///
    /// - Throws: `HDF5Error.library` if the type cannot be read.
    public func holdsBytes() throws -> Bool {
        try object.use { dataset in
            let type = try openType(dataset)
            defer { H5Tclose(type) }
            return StoredType.isNumber(type) && H5Tget_class(type) == H5T_INTEGER && H5Tget_size(type) == 1
                && H5Tget_sign(type) == H5T_SGN_NONE
        }
    }

    /// Reads all values, in row-major order, and converts them to `type` (see ``HDF5Scalar``).
    ///
    /// - Throws: `HDF5Error.wrongType` if the elements are not numbers, `.tooLarge` if they exceed the free memory or
    ///   the file declares more than it can hold, `.library` if they cannot be read.
    public func read<Value: HDF5Scalar>(as type: Value.Type) throws -> [Value] {
        try read(Selection(count: extent.count, rows: nil))
    }

    /// Reads the values of some rows (indices along the first dimension), in row-major order.
    ///
    /// - Throws: as ``read(as:)``, and `HDF5Error.wrongShape` for rows that do not exist.
    public func read<Value: HDF5Scalar>(as type: Value.Type, rows: Range<Int>) throws -> [Value] {
        try read(selection(of: rows))
    }

    /// Reads all strings, of fixed or variable length, in row-major order. Invalid UTF-8 is repaired.
    ///
    /// - Throws: `HDF5Error.wrongType` if the elements are not strings, otherwise as ``read(as:)``.
    public func readStrings() throws -> [String] {
        try object.use { dataset in
            let type = try openType(dataset)
            defer { H5Tclose(type) }
            guard H5Tget_class(type) == H5T_STRING else {
                throw HDF5Error.wrongType(
                    object: path, file: object.filePath, expected: "strings", found: StoredType.description(type))
            }
            try checkSize(dataset, type: type, count: extent.count)
            let space = try object.checked(H5Dget_space(dataset), "read the shape of \(path)")
            defer { H5Sclose(space) }
            return try StoredStrings.read(
                count: extent.count, type: type, space: space, object: path, file: object.file
            ) { memoryType, memory in
                H5Dread(dataset, memoryType, hid_t(H5S_ALL), hid_t(H5S_ALL), CHDF5_default(), memory)
            }
        }
    }

    /// Writes all values, in row-major order, converted to the type in the file (see ``HDF5Scalar``).
    ///
    /// - Throws: `HDF5Error.wrongShape` unless there is one value per element, `.wrongType` if the elements are not
    ///   numbers, `.library` if writing fails.
    public func write<Value: HDF5Scalar>(_ values: [Value]) throws {
        try write(values, to: Selection(count: extent.count, rows: nil))
    }

    /// Writes the values of some rows (indices along the first dimension), in row-major order.
    ///
    /// - Throws: as ``write(_:)``, and `HDF5Error.wrongShape` for rows that do not exist.
    public func write<Value: HDF5Scalar>(_ values: [Value], rows: Range<Int>) throws {
        try write(values, to: selection(of: rows))
    }
}

// MARK: - Selecting, checking, moving

extension HDF5Dataset {
    /// The part of the dataset that a call reads or writes.
    private struct Selection {
        /// The number of elements.
        let count: Int
        /// Nil for the whole dataset.
        let rows: Range<Int>?
    }

    private func selection(of rows: Range<Int>) throws -> Selection {
        guard let height = shape.first, rows.lowerBound >= 0, rows.upperBound <= height else {
            throw HDF5Error.wrongShape(
                object: path, file: object.filePath, expected: "rows \(rows)", found: "shape \(shape)")
        }
        // Cannot overflow: the whole dataset has at least as many elements.
        let rowCount = rows.isEmpty ? 0 : extent.count / height
        return Selection(count: rows.count * rowCount, rows: rows.count == height ? nil : rows)
    }

    private func read<Value: HDF5Scalar>(_ selection: Selection) throws -> [Value] {
        let memoryType = try memoryType(of: Value.self)
        return try object.use { dataset in
            let type = try openNumberType(dataset)
            defer { H5Tclose(type) }
            guard selection.count > 0 else { return [] }
            try checkSize(dataset, type: type, count: selection.count, memorySize: MemoryLayout<Value>.stride)
            return try withSpaces(dataset, selection) { memorySpace, fileSpace in
                try [Value](unsafeUninitializedCapacity: selection.count) { memory, initialized in
                    try object.checked(
                        H5Dread(
                            dataset, memoryType, memorySpace, fileSpace, CHDF5_default(), memory.baseAddress),
                        "read \(path)")
                    initialized = selection.count
                }
            }
        }
    }

    private func write<Value: HDF5Scalar>(_ values: [Value], to selection: Selection) throws {
        let memoryType = try memoryType(of: Value.self)
        guard values.count == selection.count else {
            throw HDF5Error.wrongShape(
                object: path, file: object.filePath, expected: "\(selection.count) values",
                found: "\(values.count)")
        }
        try object.use { dataset in
            let type = try openNumberType(dataset)
            defer { H5Tclose(type) }
            guard selection.count > 0 else { return }
            try withSpaces(dataset, selection) { memorySpace, fileSpace in
                try values.withUnsafeBufferPointer { memory in
                    _ = try object.checked(
                        H5Dwrite(
                            dataset, memoryType, memorySpace, fileSpace, CHDF5_default(), memory.baseAddress),
                        "write \(path)")
                }
            }
        }
    }

    /// A predefined identifier, which the caller must not close.
    private func memoryType<Value: HDF5Scalar>(of type: Value.Type) throws -> hid_t {
        // A conformance outside this module may declare a wrong size, and libhdf5 would write past the memory.
        guard MemoryLayout<Value>.stride == Value.elementType.size else {
            throw HDF5Error.wrongType(
                object: path, file: object.filePath,
                expected: "a type of \(Value.elementType.size) bytes, as its elementType says",
                found: "\(Value.self), which has \(MemoryLayout<Value>.stride)")
        }
        return HDF5Library.locked { Value.elementType.memoryType }
    }

    private func openType(_ dataset: hid_t) throws -> hid_t {
        try object.checked(H5Dget_type(dataset), "read the type of \(path)")
    }

    private func openNumberType(_ dataset: hid_t) throws -> hid_t {
        let type = try openType(dataset)
        guard StoredType.isNumber(type) else {
            defer { H5Tclose(type) }
            throw HDF5Error.wrongType(
                object: path, file: object.filePath, expected: "numbers", found: StoredType.description(type))
        }
        return type
    }

    /// Calls `body` with the selection's data spaces in memory and in the file.
    private func withSpaces<Result>(
        _ dataset: hid_t, _ selection: Selection, _ body: (_ memory: hid_t, _ file: hid_t) throws -> Result
    ) throws -> Result {
        guard let rows = selection.rows else { return try body(hid_t(H5S_ALL), hid_t(H5S_ALL)) }
        let fileSpace = try object.checked(H5Dget_space(dataset), "select rows of \(path)")
        defer { H5Sclose(fileSpace) }
        var starts = [hsize_t](repeating: 0, count: shape.count)
        starts[0] = hsize_t(rows.lowerBound)
        var counts = shape.map { hsize_t($0) }
        counts[0] = hsize_t(rows.count)
        try object.checked(
            H5Sselect_hyperslab(fileSpace, H5S_SELECT_SET, starts, nil, counts, nil), "select rows of \(path)")
        let memorySpace = try object.checked(
            H5Screate_simple(1, [hsize_t(selection.count)], nil), "select rows of \(path)")
        defer { H5Sclose(memorySpace) }
        return try body(memorySpace, fileSpace)
    }

    /// Refuses a dataset that declares more than its file can hold, before anything is allocated.
    private func checkSize(_ dataset: hid_t, type: hid_t, count: Int, memorySize: Int = 1) throws {
        let (declared, overflow) = extent.count.multipliedReportingOverflow(by: H5Tget_size(type))
        let (wanted, wantedOverflow) = count.multipliedReportingOverflow(by: max(H5Tget_size(type), memorySize))
        guard !overflow, !wantedOverflow else {
            throw HDF5Error.tooLarge(object: path, file: object.filePath, reason: "impossible shape \(shape)")
        }
        let fileSize = try object.file.size()
        // Zero if nothing has been written yet.
        let stored = layout == H5D_CHUNKED ? 0 : H5Dget_storage_size(dataset)
        if stored > 0 {
            guard UInt64(declared) <= stored, stored <= fileSize else {
                throw HDF5Error.tooLarge(
                    object: path, file: object.filePath,
                    reason: "declares \(declared) bytes, the file has \(min(stored, fileSize)) for them")
            }
        } else {
            // All declared values, not only the selected rows, so that the first read reveals a damaged shape.
            guard Chunks.canHold(UInt64(declared), fileSize: fileSize) else {
                throw HDF5Error.tooLarge(
                    object: path, file: object.filePath,
                    reason: "declares \(declared) bytes, the whole file has \(fileSize)")
            }
        }
        guard FreeMemory.has(wanted) else {
            throw HDF5Error.tooLarge(
                object: path, file: object.filePath,
                reason: "reading it takes \(FreeMemory.description(of: wanted)) of memory, but only "
                    + "\(FreeMemory.description(of: FreeMemory.bytes())) are free")
        }
    }
}
