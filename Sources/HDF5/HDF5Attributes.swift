import CHDF5

/// The attributes of a group or dataset.
public struct HDF5Attributes {
    private let file: HDF5File
    private let object: Handle
    private let path: String

    init(file: HDF5File, object: Handle, path: String) {
        self.file = file
        self.object = object
        self.path = path
    }

    public func contains(_ name: String) -> Bool { Library.locked { H5Aexists(object.id, name) > 0 } }

    // MARK: - Reading

    /// A single string; `nil` where there is no such attribute.
    ///
    /// - Throws: ``HDF5Error`` where it is something else.
    public func string(_ name: String) throws -> String? {
        try Library.locked {
            guard let attribute = try open(name) else { return nil }
            guard let strings = try attribute.strings(), strings.count == 1 else {
                throw wrongKind(name, "a string")
            }
            return strings[0]
        }
    }

    /// A list of strings; `nil` where there is no such attribute. Keras writes an empty list as one of no numbers.
    ///
    /// - Throws: ``HDF5Error`` where it is something else.
    public func strings(_ name: String) throws -> [String]? {
        try Library.locked {
            guard let attribute = try open(name) else { return nil }
            if attribute.count == 0 { return [] }
            guard let strings = try attribute.strings() else { throw wrongKind(name, "a list of strings") }
            return strings
        }
    }

    /// One number or a list of them, of whatever type; `nil` where there is no such attribute.
    ///
    /// - Throws: ``HDF5Error`` where it is something else.
    public func numbers(_ name: String) throws -> [Double]? {
        try Library.locked {
            guard let attribute = try open(name) else { return nil }
            let kind = H5Tget_class(attribute.type.id)
            guard kind == H5T_INTEGER || kind == H5T_FLOAT else { throw wrongKind(name, "a number") }
            var values = [Double](repeating: 0, count: attribute.count)
            guard values.isEmpty || H5Aread(attribute.handle.id, CHDF5_native_double(), &values) >= 0 else {
                throw failure(name)
            }
            return values
        }
    }

    private struct Opened {
        let handle: Handle
        let type: Handle
        let count: Int
        let path: String
        let file: String

        /// `nil` where it is not strings.
        func strings() throws -> [String]? {
            guard H5Tget_class(type.id) == H5T_STRING else { return nil }
            return try StringType.read(count: count, type: type, path: path, file: file) { memoryType, buffer in
                H5Aread(handle.id, memoryType, buffer)
            }
        }
    }

    private func open(_ name: String) throws -> Opened? {
        guard H5Aexists(object.id, name) > 0 else { return nil }
        guard let handle = Handle(H5Aopen(object.id, name, CHDF5_default()), close: H5Aclose),
            let type = Handle(H5Aget_type(handle.id), close: H5Tclose),
            let space = Handle(H5Aget_space(handle.id), close: H5Sclose)
        else { throw failure(name) }
        let count = H5Sget_simple_extent_npoints(space.id)
        // What lies in an attribute lies in the file; this only bounds what a damaged one may declare.
        guard count >= 0, count <= 1 << 24 else { throw failure(name) }
        return Opened(handle: handle, type: type, count: Int(count), path: "\(path)@\(name)", file: file.path)
    }

    // MARK: - Writing

    /// A string of variable length, which may be longer than the 64 KB that other attributes can have.
    public func set(_ name: String, _ value: String) throws {
        try Library.locked {
            let type = try StringType.variableLength(file: file.path)
            try write(name, type.id, H5Screate(H5S_SCALAR)) { attribute in
                StringType.withPointers([value]) { H5Awrite(attribute, type.id, $0) }
            }
        }
    }

    /// A list of strings of variable length; an empty one as Keras writes it, a list of no numbers.
    public func set(_ name: String, _ values: [String]) throws {
        try Library.locked {
            var size = hsize_t(values.count)
            guard !values.isEmpty else {
                return try write(name, CHDF5_float64_le(), H5Screate_simple(1, &size, nil)) { _ in 0 }
            }
            let type = try StringType.variableLength(file: file.path)
            try write(name, type.id, H5Screate_simple(1, &size, nil)) { attribute in
                StringType.withPointers(values) { H5Awrite(attribute, type.id, $0) }
            }
        }
    }

    public func set(_ name: String, _ value: Int) throws {
        try Library.locked {
            var value = Int64(value)
            try write(name, CHDF5_int64_le(), H5Screate(H5S_SCALAR)) { H5Awrite($0, CHDF5_native_int64(), &value) }
        }
    }

    public func set(_ name: String, _ value: Double) throws {
        try Library.locked {
            var value = value
            try write(name, CHDF5_float64_le(), H5Screate(H5S_SCALAR)) { H5Awrite($0, CHDF5_native_double(), &value) }
        }
    }

    private func write(_ name: String, _ type: hid_t, _ space: hid_t, _ body: (hid_t) -> herr_t) throws {
        if H5Aexists(object.id, name) > 0, H5Adelete(object.id, name) < 0 { throw failure(name) }
        guard let space = Handle(space, close: H5Sclose),
            let attribute = Handle(
                H5Acreate2(object.id, name, type, space.id, CHDF5_default(), CHDF5_default()), close: H5Aclose),
            body(attribute.id) >= 0
        else { throw failure(name) }
    }

    private func wrongKind(_ name: String, _ expected: String) -> HDF5Error {
        .wrongKind("attribute \(name) of \(path)", file: file.path, expected: expected)
    }

    private func failure(_ name: String) -> HDF5Error {
        .failed("attribute \(name) of \(path)", file: file.path, reason: Library.reason())
    }
}
