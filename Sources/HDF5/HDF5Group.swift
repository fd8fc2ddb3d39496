import CHDF5

/// A folder inside an HDF5 file.
public final class HDF5Group {
    let file: HDF5File
    let object: Handle
    /// From the root, as `/model_weights/conv2d`.
    public let path: String

    init(file: HDF5File, object: Handle, path: String) {
        self.file = file
        self.object = object
        self.path = path
    }

    public var attributes: HDF5Attributes { HDF5Attributes(file: file, object: object, path: path) }

    private func absolute(_ relative: String) -> String { path == "/" ? "/\(relative)" : "\(path)/\(relative)" }

    /// Names of what is in the group, sorted.
    public func names() throws -> [String] {
        try Library.locked {
            var info = H5G_info_t()
            guard H5Gget_info(object.id, &info) >= 0 else { throw failure("listing") }
            return try (0..<info.nlinks).map { index in
                let length = H5Lget_name_by_idx(
                    object.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, nil, 0, CHDF5_default())
                guard length >= 0 else { throw failure("listing") }
                var name = [CChar](repeating: 0, count: length + 1)
                guard
                    H5Lget_name_by_idx(
                        object.id, ".", H5_INDEX_NAME, H5_ITER_INC, index, &name, name.count, CHDF5_default()) >= 0
                else { throw failure("listing") }
                return String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
            }
        }
    }

    /// Whether there is a group or dataset at `path` below this one.
    public func contains(_ path: String) -> Bool { Library.locked { (try? check(path)) != nil } }

    /// - Throws: ``HDF5Error`` where there is none, or it is a dataset.
    public func group(_ path: String) throws -> HDF5Group {
        try Library.locked {
            try check(path)
            guard let handle = Handle(H5Gopen2(object.id, path, CHDF5_default()), close: H5Gclose) else {
                throw HDF5Error.wrongKind(absolute(path), file: file.path, expected: "a group")
            }
            return HDF5Group(file: file, object: handle, path: absolute(path))
        }
    }

    /// - Throws: ``HDF5Error`` where there is none, or it is a group.
    public func dataset(_ path: String) throws -> HDF5Dataset {
        try Library.locked {
            try check(path)
            guard let handle = Handle(H5Dopen2(object.id, path, CHDF5_default()), close: H5Dclose) else {
                throw HDF5Error.wrongKind(absolute(path), file: file.path, expected: "a dataset")
            }
            return try HDF5Dataset(file: file, object: handle, path: absolute(path))
        }
    }

    /// With the groups on the way.
    public func createGroup(_ path: String) throws -> HDF5Group {
        try Library.locked {
            let creation = try intermediateCreation()
            let id = H5Gcreate2(object.id, path, creation.id, CHDF5_default(), CHDF5_default())
            guard let handle = Handle(id, close: H5Gclose) else { throw failure("creating \(path)") }
            return HDF5Group(file: file, object: handle, path: absolute(path))
        }
    }

    /// With the groups on the way.
    ///
    /// - Parameters:
    ///   - shape: `[]` for a scalar.
    ///   - chunk: the shape of the pieces that the data is kept in; in one piece where not given.
    public func createDataset(
        _ path: String, shape: [Int], type: ElementType, chunk: [Int]? = nil
    ) throws -> HDF5Dataset {
        try Library.locked {
            let space = try dataspace(shape)
            let links = try intermediateCreation()
            guard let creation = Handle(H5Pcreate(CHDF5_dataset_create()), close: H5Pclose) else {
                throw failure("creating \(path)")
            }
            if let chunk {
                let sizes = chunk.map { hsize_t($0) }
                guard H5Pset_chunk(creation.id, Int32(sizes.count), sizes) >= 0 else {
                    throw failure("creating \(path)")
                }
            }
            let id = H5Dcreate2(object.id, path, type.fileType, space.id, links.id, creation.id, CHDF5_default())
            guard let handle = Handle(id, close: H5Dclose) else { throw failure("creating \(path)") }
            return try HDF5Dataset(file: file, object: handle, path: absolute(path))
        }
    }

    /// A list of strings, as h5py's `special_dtype(vlen=str)` keeps them.
    public func createStrings(_ path: String, _ strings: [String]) throws {
        try Library.locked {
            let space = try dataspace([strings.count])
            let type = try StringType.variableLength(file: file.path)
            let links = try intermediateCreation()
            let id = H5Dcreate2(object.id, path, type.id, space.id, links.id, CHDF5_default(), CHDF5_default())
            guard let handle = Handle(id, close: H5Dclose) else { throw failure("creating \(path)") }
            let status = StringType.withPointers(strings) {
                H5Dwrite(handle.id, type.id, CHDF5_all(), CHDF5_all(), CHDF5_default(), $0)
            }
            guard status >= 0 else { throw failure("writing \(path)") }
        }
    }

    // MARK: -

    /// Follows `path` link by link: each must be there and lead into this very file.
    private func check(_ path: String) throws {
        var reached = ""
        for part in path.split(separator: "/") {
            reached += reached.isEmpty ? part : "/\(part)"
            guard H5Lexists(object.id, reached, CHDF5_default()) > 0 else {
                throw HDF5Error.missing(absolute(path), file: file.path)
            }
            var info = H5L_info_t()
            guard H5Lget_info(object.id, reached, &info, CHDF5_default()) >= 0 else { throw failure(path) }
            guard info.type == H5L_TYPE_HARD || info.type == H5L_TYPE_SOFT else {
                throw HDF5Error.wrongKind(
                    absolute(reached), file: file.path, expected: "in this file (links to other files are not followed)"
                )
            }
        }
    }

    private func dataspace(_ shape: [Int]) throws -> Handle {
        let sizes = shape.map { hsize_t(max($0, 0)) }
        let id = shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(sizes.count), sizes, nil)
        guard let space = Handle(id, close: H5Sclose) else { throw failure("shaping") }
        return space
    }

    private func intermediateCreation() throws -> Handle {
        guard let creation = Handle(H5Pcreate(CHDF5_link_create()), close: H5Pclose),
            H5Pset_create_intermediate_group(creation.id, 1) >= 0
        else { throw failure("creating") }
        return creation
    }

    private func failure(_ what: String) -> HDF5Error {
        .failed("\(what) in \(path)", file: file.path, reason: Library.reason())
    }
}
