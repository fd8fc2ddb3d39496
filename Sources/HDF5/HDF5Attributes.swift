import CHDF5

/// The attributes of a group or dataset: short named values.
///
/// Every method that throws throws `HDF5Error.closed` once the file is closed.
public struct HDF5Attributes: Sendable {
    let object: OpenObject

    /// The names of all attributes, sorted by their bytes.
    ///
    /// - Throws: `HDF5Error.tooLarge` if the file declares more attributes than it can hold, `.library`.
    public func names() throws -> [String] {
        try object.use { owner in
            let count = try object.checked(H5Aget_num_attrs(owner), "list the attributes of \(object.path)")
            // The file only declares this count. Every attribute takes more than a byte.
            guard count <= (try object.file.size()) else {
                throw HDF5Error.tooLarge(
                    object: object.path, file: object.filePath, reason: "declares \(count) attributes")
            }
            return try (0..<count).map { index in
                try LibraryName.read("list the attributes of \(object.path)", file: object.filePath) { buffer, size in
                    H5Aget_name_by_idx(
                        owner, ".", H5_INDEX_NAME, H5_ITER_INC, hsize_t(index), buffer, size, CHDF5_default())
                }
            }
        }
    }

    /// Whether there is an attribute of this name; false if the file is closed or the name is not valid.
    public func contains(_ name: String) -> Bool {
        guard !name.isEmpty, !name.utf8.contains(0) else { return false }
        return (try? object.use { owner in H5Aexists(owner, name) > 0 }) ?? false
    }

    /// The value of an attribute that is a single string, or nil if there is no such attribute. Fixed-length strings
    /// lose their padding; invalid UTF-8 is repaired.
    ///
    /// - Throws: `HDF5Error.wrongType` if the values are not strings, `.wrongShape` unless there is exactly one,
    ///   `.tooLarge` if the file cannot hold what it declares, `.library`.
    public func string(_ name: String) throws -> String? {
        try read(name) { values in
            let strings = try values.strings()
            guard strings.count == 1, let string = strings.first else {
                throw values.wrongShape(expected: "one string")
            }
            return string
        }
    }

    /// The value of an attribute that is a list of strings, or nil if there is no such attribute. An empty array of any
    /// type is an empty list, because Keras writes an empty list of weight names as a float64 array of shape (0,).
    ///
    /// - Throws: `HDF5Error.wrongType` if the values are not strings, `.wrongShape` for more than one dimension,
    ///   `.tooLarge` if the file cannot hold what it declares, `.library`.
    public func strings(_ name: String) throws -> [String]? {
        try read(name) { values in
            guard values.extent.shape.count <= 1 else { throw values.wrongShape(expected: "a list of strings") }
            return values.extent.count == 0 ? [] : try values.strings()
        }
    }

    /// The numbers in an attribute of any integer or floating-point type, or nil if there is no such attribute. A scalar
    /// is a list of one. Integers beyond 2^53 are rounded.
    ///
    /// - Throws: `HDF5Error.wrongType` if the values are not numbers, `.wrongShape` for more than one dimension,
    ///   `.tooLarge` if the file cannot hold what it declares, `.library`.
    public func numbers(_ name: String) throws -> [Double]? {
        try read(name) { values in
            guard values.extent.shape.count <= 1 else { throw values.wrongShape(expected: "a list of numbers") }
            return try values.numbers()
        }
    }

    private func read<Result>(_ name: String, _ body: (AttributeValues) throws -> Result) throws -> Result? {
        try object.use { owner in
            guard !name.isEmpty, !name.utf8.contains(0) else { return nil }
            let description = "attribute \(name) of \(object.path)"
            let exists = try object.checked(H5Aexists(owner, name), "look for \(description)")
            guard exists > 0 else { return nil }
            let attribute = try object.checked(H5Aopen(owner, name, CHDF5_default()), "open \(description)")
            defer { H5Aclose(attribute) }
            let type = try object.checked(H5Aget_type(attribute), "read the type of \(description)")
            defer { H5Tclose(type) }
            let space = try object.checked(H5Aget_space(attribute), "read the shape of \(description)")
            defer { H5Sclose(space) }
            let extent = try Extent(of: space, object: description, file: object.filePath)
            let (size, overflow) = extent.count.multipliedReportingOverflow(by: H5Tget_size(type))
            guard !overflow, UInt64(size) <= (try object.file.size()) else {
                throw HDF5Error.tooLarge(
                    object: description, file: object.filePath, reason: "impossible shape \(extent.shape)")
            }
            return try body(
                AttributeValues(
                    attribute: attribute, type: type, space: space, extent: extent, description: description,
                    file: object.file))
        }
    }
}

/// An open attribute. The function that opened it closes its identifiers.
private struct AttributeValues {
    let attribute: hid_t
    let type: hid_t
    let space: hid_t
    let extent: Extent
    let description: String
    let file: HDF5File

    func strings() throws -> [String] {
        guard H5Tget_class(type) == H5T_STRING else { throw wrongType(expected: "strings") }
        return try StoredStrings.read(
            count: extent.count, type: type, space: space, object: description, file: file
        ) { memoryType, memory in
            H5Aread(attribute, memoryType, memory)
        }
    }

    func numbers() throws -> [Double] {
        guard StoredType.isNumber(type) else { throw wrongType(expected: "numbers") }
        guard extent.count > 0 else { return [] }
        var values = [Double](repeating: 0, count: extent.count)
        try HDF5Library.checked(
            H5Aread(attribute, CHDF5_native_double(), &values), "read \(description)", file: file.path)
        return values
    }

    func wrongType(expected: String) -> HDF5Error {
        .wrongType(object: description, file: file.path, expected: expected, found: StoredType.description(type))
    }

    func wrongShape(expected: String) -> HDF5Error {
        .wrongShape(
            object: description, file: file.path, expected: expected,
            found: extent.isNull ? "no value" : "shape \(extent.shape)")
    }
}
