import CHDF5

// Setting an attribute that exists replaces it, even if its type was another.
extension HDF5Attributes {
    /// Sets a single variable-length UTF-8 string, as h5py writes a `str`. Its length has no limit, because the
    /// attribute only holds a reference to it.
    ///
    /// - Throws: `HDF5Error.invalidString`, or `.library` if the file cannot be written.
    public func set(_ name: String, _ value: String) throws {
        try set(name, strings: [value], shape: nil)
    }

    /// Sets a list of variable-length UTF-8 strings. An empty list becomes a float64 array of shape (0,), as Keras
    /// writes it. About 4000 strings fit into an attribute.
    ///
    /// - Throws: `HDF5Error.invalidString`, or `.library` if the file cannot be written or the list is too long.
    public func set(_ name: String, _ values: [String]) throws {
        if values.isEmpty {
            try replace(name, fileType: { CHDF5_float64_le() }, shape: 0) { _ in 0 }
        } else {
            try set(name, strings: values, shape: values.count)
        }
    }

    /// Sets a 64-bit integer.
    ///
    /// - Throws: `HDF5Error.invalidString` for an invalid name, or `.library` if the file cannot be written.
    public func set(_ name: String, _ value: Int) throws {
        try withUnsafePointer(to: Int64(value)) { pointer in
            try replace(name, fileType: { CHDF5_int64_le() }, shape: nil) { attribute in
                H5Awrite(attribute, CHDF5_native_int64(), pointer)
            }
        }
    }

    /// Sets a 64-bit floating-point number.
    ///
    /// - Throws: `HDF5Error.invalidString` for an invalid name, or `.library` if the file cannot be written.
    public func set(_ name: String, _ value: Double) throws {
        try withUnsafePointer(to: value) { pointer in
            try replace(name, fileType: { CHDF5_float64_le() }, shape: nil) { attribute in
                H5Awrite(attribute, CHDF5_native_double(), pointer)
            }
        }
    }

    private func set(_ name: String, strings: [String], shape: Int?) throws {
        let description = "attribute \(name) of \(object.path)"
        try StoredStrings.withPointers(to: strings, object: description, file: object.filePath) { pointers in
            try HDF5Library.locked {
                let type = try StoredStrings.variableType(characters: H5T_CSET_UTF8, file: object.filePath)
                defer { H5Tclose(type) }
                try replace(name, fileType: { type }, shape: shape) { attribute in
                    H5Awrite(attribute, type, pointers)
                }
            }
        }
    }

    /// - Parameters:
    ///   - fileType: returns the type in the file; called under the library's lock.
    ///   - shape: the length of a list, or nil for a scalar.
    private func replace(
        _ name: String, fileType: () -> hid_t, shape: Int?, write: (_ attribute: hid_t) -> herr_t
    ) throws {
        try object.use { owner in
            let description = "attribute \(name) of \(object.path)"
            guard !name.isEmpty, !name.utf8.contains(0) else {
                throw HDF5Error.invalidString(object: "name of an attribute of \(object.path)", file: object.filePath)
            }
            let space = try object.checked(
                shape.map { H5Screate_simple(1, [hsize_t($0)], nil) } ?? H5Screate(H5S_SCALAR),
                "set \(description)")
            defer { H5Sclose(space) }
            if try object.checked(H5Aexists(owner, name), "look for \(description)") > 0 {
                try object.checked(H5Adelete(owner, name), "replace \(description)")
            }
            let attribute = try object.checked(
                H5Acreate2(owner, name, fileType(), space, CHDF5_default(), CHDF5_default()), "set \(description)")
            defer { H5Aclose(attribute) }
            try object.checked(write(attribute), "set \(description)")
        }
    }
}
