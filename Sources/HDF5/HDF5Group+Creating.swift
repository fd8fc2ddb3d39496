import CHDF5

extension HDF5Group {
    /// Creates a group, and the missing groups on the way to it.
    ///
    /// - Throws: `HDF5Error.exists`, `.invalidString` for an invalid path, or `.library` if the file cannot be written.
    public func createGroup(_ path: String) throws -> HDF5Group {
        try create(path) { parent, links in
            try object.checked(
                H5Gcreate2(parent, path, links, CHDF5_default(), CHDF5_default()),
                "create \(absolutePath(path))")
        } open: {
            try group(path)
        }
    }

    /// Creates a dataset of numbers, and the missing groups on the way to it. Its values are zero until they are
    /// written.
    ///
    /// - Parameters:
    ///   - path: relative to this group, or absolute.
    ///   - shape: the size of every dimension; empty for a scalar.
    ///   - type: the type of the elements in the file.
    ///   - chunk: the shape of the blocks that the dataset is stored in, none larger than `shape`; nil for a single
    ///     contiguous block.
    ///   - compression: of the blocks; nil for none. Numbers of several bytes are shuffled before, byte by byte, which makes
    ///     them smaller. Any program reads such datasets, as h5py's.
    ///   - allocatesEarly: reserves the space in the file now, not at the first write. The values are then not zeroed.
    /// - Throws: `HDF5Error.exists`, `.invalidString` for an invalid path, `.wrongShape` for a negative size, more than
    ///   32 dimensions or a chunk that does not fit, `.tooLarge` if the number of bytes overflows, or `.library` if the
    ///   file cannot be written.
    public func createDataset(
        _ path: String, shape: [Int], type: ElementType, chunk: [Int]? = nil, compression: HDF5Compression? = nil,
        allocatesEarly: Bool = false
    ) throws -> HDF5Dataset {
        try checkShape(shape, chunk: chunk, elementSize: type.size, of: path)
        guard compression == nil || chunk != nil else {
            throw HDF5Error.wrongShape(
                object: absolutePath(path), file: object.filePath, expected: "blocks that can be compressed",
                found: "a dataset in one piece")
        }
        return try create(path) { parent, links in
            try createDataset(
                parent, path, shape: shape, fileType: type.fileType, links: links, chunk: chunk,
                compression: compression, shuffles: type.size > 1, allocatesEarly: allocatesEarly)
        } open: {
            try dataset(path)
        }
    }

    /// Creates a one-dimensional dataset of variable-length UTF-8 strings, and the missing groups on the way to it.
    ///
    /// - Throws: `HDF5Error.exists`, `.invalidString` for an invalid path or a string with a NUL character, or
    ///   `.library` if the file cannot be written.
    public func createStrings(_ path: String, _ strings: [String]) throws {
        try StoredStrings.withPointers(to: strings, object: absolutePath(path), file: object.filePath) { pointers in
            _ = try create(path) { parent, links in
                let type = try StoredStrings.variableType(characters: H5T_CSET_UTF8, file: object.filePath)
                defer { H5Tclose(type) }
                let dataset = try createDataset(
                    parent, path, shape: [strings.count], fileType: type, links: links, chunk: nil)
                guard !strings.isEmpty else { return dataset }
                let status = H5Dwrite(dataset, type, hid_t(H5S_ALL), hid_t(H5S_ALL), CHDF5_default(), pointers)
                guard status >= 0 else {
                    let failure = HDF5Library.failure("write \(absolutePath(path))", file: object.filePath)
                    H5Idec_ref(dataset)
                    throw failure
                }
                return dataset
            } open: {
            }
        }
    }

    /// Creates an object with `make`, which returns its identifier, then opens it with `open`.
    private func create<Opened>(
        _ path: String, _ make: (_ parent: hid_t, _ links: hid_t) throws -> hid_t, open: () throws -> Opened
    ) throws -> Opened {
        try object.use { parent in
            guard path.contains(where: { $0 != "/" && $0 != "." }), !path.utf8.contains(0) else {
                throw HDF5Error.invalidString(object: "name of a new object", file: object.filePath)
            }
            if contains(path) {
                throw HDF5Error.exists(object: absolutePath(path), file: object.filePath)
            }
            let links = try object.checked(H5Pcreate(CHDF5_link_create()), "create \(absolutePath(path))")
            defer { H5Pclose(links) }
            H5Pset_create_intermediate_group(links, 1)
            H5Pset_char_encoding(links, H5T_CSET_UTF8)
            H5Idec_ref(try make(parent, links))
            return try open()
        }
    }

    private func createDataset(
        _ parent: hid_t, _ path: String, shape: [Int], fileType: hid_t, links: hid_t, chunk: [Int]?,
        compression: HDF5Compression? = nil, shuffles: Bool = false, allocatesEarly: Bool = false
    ) throws -> hid_t {
        let doing = "create \(absolutePath(path))"
        let space = try object.checked(
            shape.isEmpty
                ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil), doing)
        defer { H5Sclose(space) }
        let properties = try object.checked(H5Pcreate(CHDF5_dataset_create()), doing)
        defer { H5Pclose(properties) }
        // Without a time stamp, the same values give the same bytes.
        H5Pset_obj_track_times(properties, false)
        if allocatesEarly {
            H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY)
            H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER)
        }
        if let chunk {
            try object.checked(H5Pset_chunk(properties, Int32(chunk.count), chunk.map { hsize_t($0) }), doing)
            if case .gzip(let level) = compression {
                if shuffles { try object.checked(H5Pset_shuffle(properties), doing) }
                try object.checked(H5Pset_deflate(properties, UInt32(min(max(level, 0), 9))), doing)
            }
        }
        return try object.checked(
            H5Dcreate2(parent, path, fileType, space, links, properties, CHDF5_default()), doing)
    }

    private func checkShape(_ shape: [Int], chunk: [Int]?, elementSize: Int, of path: String) throws {
        guard shape.allSatisfy({ $0 >= 0 }), shape.count <= Int(H5S_MAX_RANK) else {
            throw HDF5Error.wrongShape(
                object: absolutePath(path), file: object.filePath,
                expected: "at most \(H5S_MAX_RANK) dimensions, none negative", found: "shape \(shape)")
        }
        guard Extent.product(shape + [elementSize]) != nil else {
            throw HDF5Error.tooLarge(
                object: absolutePath(path), file: object.filePath, reason: "impossible shape \(shape)")
        }
        guard let chunk else { return }
        guard !shape.isEmpty, chunk.count == shape.count, zip(chunk, shape).allSatisfy({ $0 >= 1 && $0 <= $1 }) else {
            throw HDF5Error.wrongShape(
                object: absolutePath(path), file: object.filePath, expected: "chunks that fit into shape \(shape)",
                found: "chunks of shape \(chunk)")
        }
    }
}
