import Foundation

/// Queries to the file system. Paths have the meaning described at ``Path``, and symbolic links are followed.
public enum FileSystem {
    /// Whether there is anything at `path`.
    public static func exists(_ path: String) -> Bool { status(of: path) != nil }
    /// Whether there is a folder at `path`.
    public static func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }
    /// Whether there is a regular file at `path`.
    public static func isFile(_ path: String) -> Bool { kind(of: path) == S_IFREG }

    /// Whether `path` itself is a symbolic link, even one to nothing.
    public static func isLink(_ path: String) -> Bool {
        var status = stat()
        return path.withPath { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// The size in bytes, or `nil` if nothing is there.
    public static func size(of path: String) -> Int? { status(of: path).map { Int($0.st_size) } }

    /// The time of the last write, or `nil` if nothing is there.
    public static func modificationDate(of path: String) -> Date? {
        status(of: path).map { status in
            #if os(Linux)
                let time = status.st_mtim
            #else
                let time = status.st_mtimespec
            #endif
            return Date(timeIntervalSince1970: Double(time.tv_sec) + Double(time.tv_nsec) / 1e9)
        }
    }

    /// The names in a folder except `.` and `..`, sorted by their bytes.
    ///
    /// - Throws: ``FileError`` if it cannot be read.
    public static func names(in folder: String) throws -> [String] { try entries(in: folder).map(\.name) }

    /// The names in a folder, sorted by their bytes, with their types in the listing (`DT_REG` and so on).
    ///
    /// - Throws: ``FileError`` if it cannot be read.
    static func entries(in folder: String) throws -> [(name: String, type: Int32)] {
        guard !folder.utf8.contains(0) else { throw FileError("cannot read a folder whose name holds a NUL character") }
        guard let stream = folder.withPath({ opendir($0) }), let nameOffset = MemoryLayout<dirent>.offset(of: \.d_name)
        else { throw FileError("cannot read \(folder)", code: errno) }
        defer { closedir(stream) }
        var entries: [(bytes: [UInt8], type: Int32)] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw FileError("cannot read \(folder)", code: errno) }
                break
            }
            let name = UnsafeRawPointer(entry).advanced(by: nameOffset).assumingMemoryBound(to: CChar.self)
            guard strcmp(name, ".") != 0, strcmp(name, "..") != 0 else { continue }
            let bytes = Array(UnsafeRawBufferPointer(start: name, count: strlen(name)))
            entries.append((bytes, Int32(entry.pointee.d_type)))
        }
        return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
            .map { (String(pathBytes: $0.bytes), $0.type) }
    }

    /// Removes a file, or an empty folder.
    ///
    /// - Returns: whether this call removed it.
    @discardableResult
    public static func remove(_ path: String) -> Bool { path.withPath { Foundation.remove($0) } == 0 }

    /// Renames a file or folder to the first free name of `path.1`, `path.2` and so on.
    ///
    /// - Returns: the new name.
    /// - Throws: ``FileError`` if it cannot be renamed.
    public static func setAside(_ path: String) throws -> String {
        var number = 1
        while exists(Path.beside(path, suffix: ".\(number)")) { number += 1 }
        let aside = Path.beside(path, suffix: ".\(number)")
        guard path.withPath({ old in aside.withPath { rename(old, $0) } }) == 0 else {
            throw FileError("cannot keep \(path) as \(aside)", code: errno)
        }
        return aside
    }

    /// Whether two paths lead to one file or folder; links are followed.
    public static func isSame(_ path: String, _ other: String) -> Bool {
        guard let one = status(of: path), let two = status(of: other) else { return false }
        return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino)
    }

    static func status(of path: String) -> stat? {
        guard !path.utf8.contains(0) else { return nil }
        var status = stat()
        return path.withPath { stat($0, &status) } == 0 ? status : nil
    }

    private static func kind(of path: String) -> mode_t? { status(of: path).map { $0.st_mode & S_IFMT } }
}
