import CHDF5

/// A group: a folder of groups and datasets.
///
/// Paths are relative to the group ("conv2d/kernel:0"). A path that starts with a slash is relative to the root, as in
/// HDF5. Every method that throws throws ``HDF5Error/closed(file:)`` once the file is closed.
public final class HDF5Group: Sendable {
    let object: OpenObject

    init(_ object: OpenObject) {
        self.object = object
    }

    /// The absolute path inside the file, "/" for the root.
    public var path: String { object.path }

    /// The attributes of the group.
    public var attributes: HDF5Attributes { HDF5Attributes(object: object) }

    /// The names of the group's links, sorted by their bytes.
    ///
    /// - Throws: `HDF5Error.tooLarge` if the file declares more links than it can hold, `.library`.
    public func names() throws -> [String] {
        try object.use { group in
            var info = H5G_info_t()
            try object.checked(H5Gget_info(group, &info), "list \(path)")
            // The file only declares this count. Every link takes more than a byte.
            guard info.nlinks <= (try object.file.size()) else {
                throw HDF5Error.tooLarge(
                    object: path, file: object.filePath, reason: "declares \(info.nlinks) groups and datasets")
            }
            return try (0..<info.nlinks).map { index in
                try LibraryName.read("list \(path)", file: object.filePath) { buffer, size in
                    H5Lget_name_by_idx(
                        group, ".", H5_INDEX_NAME, H5_ITER_INC, index, buffer, size, CHDF5_default())
                }
            }
        }
    }

    /// Whether `path` leads to a group or dataset in this file; false if the file is closed.
    public func contains(_ path: String) -> Bool {
        (try? object.use { group in try resolve(path, from: group) }) != nil
    }

    /// Opens a group.
    ///
    /// - Throws: `HDF5Error.missing`, `.wrongKind` for a dataset, `.elsewhere` for a link into another file,
    ///   `.invalidString` for a path with a NUL character, `.tooLarge` for a path of more than 64 names, `.library`.
    public func group(_ path: String) throws -> HDF5Group {
        HDF5Group(try open(path, kind: H5I_GROUP, expected: "a group"))
    }

    /// Opens a dataset.
    ///
    /// - Throws: as ``group(_:)``, but `HDF5Error.wrongKind` for a group. `.elsewhere` also for values in other files,
    ///   `.unsupported` for a filter other than deflate, shuffle and fletcher32, `.tooLarge` for an impossible shape.
    public func dataset(_ path: String) throws -> HDF5Dataset {
        try HDF5Dataset(open(path, kind: H5I_DATASET, expected: "a dataset"))
    }

    private func open(_ path: String, kind: H5I_type_t, expected: String) throws -> OpenObject {
        try object.use { group in
            let target = try resolve(path, from: group)
            let absolute = absolutePath(path)
            let opened = HDF5Identifier(
                try object.checked(H5Oopen(group, target, CHDF5_default()), "open \(absolute)"))
            let found = H5Iget_type(opened.value)
            guard found == kind else {
                let name =
                    switch found {
                    case H5I_GROUP: "a group"
                    case H5I_DATASET: "a dataset"
                    default: "a named type"
                    }
                throw HDF5Error.wrongKind(object: absolute, file: object.filePath, expected: expected, found: name)
            }
            return OpenObject(file: object.file, identifier: opened, path: absolute)
        }
    }

    /// Follows `path` link by link, because libhdf5 reports a missing intermediate group as a failure.
    ///
    /// - Returns: the path to pass to libhdf5.
    private func resolve(_ path: String, from group: hid_t) throws -> String {
        guard !path.utf8.contains(0) else {
            throw HDF5Error.invalidString(object: "path of an object", file: object.filePath)
        }
        let names = path.split(separator: "/")
        // Groups may contain each other, so a path can be endless.
        guard names.count <= 64 else {
            throw HDF5Error.tooLarge(
                object: absolutePath(names.prefix(3).joined(separator: "/")) + "/...", file: object.filePath,
                reason: "a path of \(names.count) names; at most 64 are followed")
        }
        var prefix = path.hasPrefix("/") ? "/" : "."
        for name in names {
            prefix += prefix.hasSuffix("/") ? String(name) : "/" + name
            guard name == "." || H5Lexists(group, prefix, CHDF5_default()) > 0 else {
                throw HDF5Error.missing(object: absolutePath(prefix), file: object.filePath)
            }
            let link = name == "." ? Int32(H5L_TYPE_HARD.rawValue) : CHDF5_link_type(group, prefix)
            // Link types beyond hard and soft ones are external or user-defined.
            guard link <= H5L_TYPE_SOFT.rawValue else {
                throw HDF5Error.elsewhere(
                    object: absolutePath(prefix), file: object.filePath, found: "a link into another file")
            }
            guard H5Oexists_by_name(group, prefix, CHDF5_default()) > 0 else {
                throw HDF5Error.missing(object: absolutePath(prefix), file: object.filePath)
            }
        }
        return prefix
    }

    /// The absolute path of `path`, without superfluous slashes and dots.
    func absolutePath(_ path: String) -> String {
        let base = path.hasPrefix("/") ? "" : self.path
        let names = (base + "/" + path).split(separator: "/").filter { $0 != "." }
        return "/" + names.joined(separator: "/")
    }
}
