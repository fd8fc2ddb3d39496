import CHDF5

/// The attributes of a group or dataset: short named values.
public struct HDF5Attributes: Sendable {
    let object: OpenObject

    /// The names of all attributes, in their order.
    public func names() throws -> [String] {
        try object.use { owner in
            let count = try object.checked(H5Aget_num_attrs(owner), "list the attributes of \(object.path)")
            // A count that is only declared; every attribute takes more than a byte.
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

    /// Whether there is an attribute of this name.
    public func contains(_ name: String) -> Bool {
        guard !name.isEmpty, !name.utf8.contains(0) else { return false }
        return (try? object.use { owner in H5Aexists(owner, name) > 0 }) ?? false
    }

    /// A single string, nil when there is no such attribute. Fixed-length strings lose their padding, bad UTF-8 is
    /// repaired.
    ///
    /// - Throws: `HDF5Error.wrongType`, `.wrongShape` when there is not exactly one, `.library`.
    public func string(_ name: String) throws -> String? {
        try read(name) { values in
            let strings = try values.strings()
            guard strings.count == 1, let string = strings.first else {
                throw values.wrongShape(expected: "one string")
            }
            return string
        }
    }

    /// A list of strings, nil when there is no such attribute. An empty array of any type is an empty list: Keras
    /// writes the names of no weights as float64 values of shape (0,).
    ///
    /// - Throws: `HDF5Error.wrongType`, `.wrongShape` for more than one dimension, `.library`.
    public func strings(_ name: String) throws -> [String]? {
        try read(name) { values in
            guard values.extent.shape.count <= 1 else { throw values.wrongShape(expected: "a list of strings") }
            return values.extent.count == 0 ? [] : try values.strings()
        }
    }

    /// Numbers of any integer or floating-point type, a scalar as a list of one; nil when there is no such attribute.
    /// Integers beyond 2^53 are rounded.
    ///
    /// - Throws: `HDF5Error.wrongType`, `.wrongShape` for more than one dimension, `.library`.
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
            let type = try object.checked(H5Aget_type(attribute), "ask for the type of \(description)")
            defer { H5Tclose(type) }
            let space = try object.checked(H5Aget_space(attribute), "ask for the shape of \(description)")
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

/// An open attribute; its identifiers belong to the function that opened it.
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
