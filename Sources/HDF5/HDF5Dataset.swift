import CHDF5
import Foundation

/// An array of numbers or strings in an HDF5 file, row major.
public final class HDF5Dataset {
    private let file: HDF5File
    private let object: Handle
    public let path: String
    /// `[]` for a scalar.
    public let shape: [Int]

    init(file: HDF5File, object: Handle, path: String) throws {
        self.file = file
        self.object = object
        self.path = path
        guard let space = Handle(H5Dget_space(object.id), close: H5Sclose) else {
            throw HDF5Error.failed(path, file: file.path, reason: Library.reason())
        }
        let rank = H5Sget_simple_extent_ndims(space.id)
        var sizes = [hsize_t](repeating: 0, count: Int(max(rank, 0)))
        guard rank >= 0, H5Sget_simple_extent_dims(space.id, &sizes, nil) >= 0 else {
            throw HDF5Error.failed(path, file: file.path, reason: "its shape cannot be read")
        }
        var count = 1
        for size in sizes {
            guard let size = Int(exactly: size),
                case let (product, overflow) = count.multipliedReportingOverflow(by: size),
                !overflow
            else { throw HDF5Error.failed(path, file: file.path, reason: "its shape is larger than any memory") }
            count = product
        }
        shape = sizes.map { Int($0) }
    }

    public var attributes: HDF5Attributes { HDF5Attributes(file: file, object: object, path: path) }

    private var count: Int { shape.reduce(1, *) }

    /// All elements, converted to `type`.
    ///
    /// - Throws: ``HDF5Error`` where they are not numbers, or the file holds fewer than it says.
    public func read<Scalar: HDF5Scalar>(as type: Scalar.Type) throws -> [Scalar] {
        try Library.locked {
            try checkNumbers()
            try checkStorage()
            return try read(count: count, memory: CHDF5_all(), selection: CHDF5_all())
        }
    }

    /// Rows `rows` along the first axis, converted to `type`.
    public func read<Scalar: HDF5Scalar>(as type: Scalar.Type, rows: Range<Int>) throws -> [Scalar] {
        try Library.locked {
            try checkNumbers()
            let (memory, selection, count) = try select(rows)
            return try read(count: count, memory: memory.id, selection: selection.id)
        }
    }

    private func read<Scalar: HDF5Scalar>(count: Int, memory: hid_t, selection: hid_t) throws -> [Scalar] {
        try [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
            if count > 0 {
                guard
                    H5Dread(object.id, Scalar.memoryType, memory, selection, CHDF5_default(), buffer.baseAddress) >= 0
                else { throw failure("reading") }
            }
            initialized = count
        }
    }

    /// All strings of a one-dimensional dataset.
    public func readStrings() throws -> [String] {
        try Library.locked {
            guard let type = Handle(H5Dget_type(object.id), close: H5Tclose), H5Tget_class(type.id) == H5T_STRING else {
                throw HDF5Error.wrongKind(path, file: file.path, expected: "a list of strings")
            }
            return try StringType.read(count: count, type: type, path: path, file: file.path) { memoryType, buffer in
                H5Dread(object.id, memoryType, CHDF5_all(), CHDF5_all(), CHDF5_default(), buffer)
            }
        }
    }

    /// Replaces all elements.
    ///
    /// - Throws: ``HDF5Error`` where there are more or fewer, or the disk does not take them.
    public func write<Scalar: HDF5Scalar>(_ values: [Scalar]) throws {
        try Library.locked {
            guard values.count == count else {
                throw HDF5Error.failed(path, file: file.path, reason: "\(values.count) values do not fill \(shape)")
            }
            try write(values, memory: CHDF5_all(), selection: CHDF5_all())
        }
    }

    /// Replaces rows `rows` along the first axis.
    public func write<Scalar: HDF5Scalar>(_ values: [Scalar], rows: Range<Int>) throws {
        try Library.locked {
            let (memory, selection, count) = try select(rows)
            guard values.count == count else {
                throw HDF5Error.failed(path, file: file.path, reason: "\(values.count) values do not fill rows \(rows)")
            }
            try write(values, memory: memory.id, selection: selection.id)
        }
    }

    private func write<Scalar: HDF5Scalar>(_ values: [Scalar], memory: hid_t, selection: hid_t) throws {
        guard !values.isEmpty else { return }
        guard H5Dwrite(object.id, Scalar.memoryType, memory, selection, CHDF5_default(), values) >= 0 else {
            throw failure("writing")
        }
    }

    // MARK: -

    private func select(_ rows: Range<Int>) throws -> (memory: Handle, selection: Handle, count: Int) {
        guard let all = shape.first, rows.lowerBound >= 0, rows.upperBound <= all else {
            throw HDF5Error.failed(path, file: file.path, reason: "rows \(rows) are not among the \(shape.first ?? 0)")
        }
        var sizes = shape.map { hsize_t($0) }
        sizes[0] = hsize_t(rows.count)
        var start = [hsize_t](repeating: 0, count: shape.count)
        start[0] = hsize_t(rows.lowerBound)
        guard let selection = Handle(H5Dget_space(object.id), close: H5Sclose),
            let memory = Handle(H5Screate_simple(Int32(sizes.count), sizes, nil), close: H5Sclose),
            H5Sselect_hyperslab(selection.id, H5S_SELECT_SET, start, nil, sizes, nil) >= 0
        else { throw failure("selecting rows") }
        return (memory, selection, sizes.reduce(1) { $0 * Int($1) })
    }

    private func checkNumbers() throws {
        guard let type = Handle(H5Dget_type(object.id), close: H5Tclose) else { throw failure("reading its type") }
        let kind = H5Tget_class(type.id)
        guard kind == H5T_INTEGER || kind == H5T_FLOAT || kind == H5T_ENUM else {
            throw HDF5Error.wrongKind(path, file: file.path, expected: "an array of numbers")
        }
    }

    /// A damaged file can declare more than it holds; nothing is allocated on its word alone. Data kept in one piece
    /// and as it is must be in the file; compressed or chunked data may be larger than the file, but not than memory.
    private func checkStorage() throws {
        guard let type = Handle(H5Dget_type(object.id), close: H5Tclose),
            let creation = Handle(H5Dget_create_plist(object.id), close: H5Pclose)
        else { throw failure("reading its layout") }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: H5Tget_size(type.id))
        let limit: UInt64
        if H5Pget_layout(creation.id) == H5D_CONTIGUOUS, H5Dget_storage_size(object.id) > 0 {
            let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
            limit = (attributes?[.size] as? NSNumber)?.uint64Value ?? 0
        } else {
            limit = ProcessInfo.processInfo.physicalMemory
        }
        guard !overflow, UInt64(bytes) <= limit else {
            throw HDF5Error.failed(path, file: file.path, reason: "it declares \(shape), more than there can be")
        }
    }

    private func failure(_ what: String) -> HDF5Error {
        .failed("\(what) \(path)", file: file.path, reason: Library.reason())
    }
}
