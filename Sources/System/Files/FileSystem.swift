import Foundation

/// Questions to the file system, with the meaning that ``Path`` gives to paths. Symbolic links are followed.
public enum FileSystem {
    public static func exists(_ path: String) -> Bool { status(of: path) != nil }
    public static func isFolder(_ path: String) -> Bool { kind(of: path) == S_IFDIR }
    public static func isFile(_ path: String) -> Bool { kind(of: path) == S_IFREG }

    /// Whether the name itself is a symbolic link, wherever it leads.
    public static func isLink(_ path: String) -> Bool {
        var status = stat()
        return path.withPath { lstat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFLNK
    }

    /// In bytes; `nil` where nothing is there.
    public static func size(of path: String) -> Int? { status(of: path).map { Int($0.st_size) } }

    /// When the file was last written; `nil` where nothing is there.
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

    /// The names in a folder but `.` and `..`, in the order of their bytes.
    ///
    /// - Throws: ``FileError`` where it cannot be read.
    public static func names(in folder: String) throws -> [String] { try entries(in: folder).map(\.name) }

    /// What lies in a folder, in the order of the names' bytes, and of what sort the listing says that each is: `DT_REG`, ...
    ///
    /// - Throws: ``FileError`` where it cannot be read.
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
    /// - Returns: whether it is gone by this.
    @discardableResult
    public static func remove(_ path: String) -> Bool { path.withPath { Foundation.remove($0) } == 0 }

    /// Renames what lies at `path` to the first free one of `path.1`, `path.2`, ...
    ///
    /// - Returns: the new name.
    /// - Throws: ``FileError`` where it cannot be renamed.
    public static func setAside(_ path: String) throws -> String {
        var number = 1
        while exists(Path.beside(path, suffix: ".\(number)")) { number += 1 }
        let aside = Path.beside(path, suffix: ".\(number)")
        guard path.withPath({ old in aside.withPath { rename(old, $0) } }) == 0 else {
            throw FileError("cannot keep \(path) as \(aside)", code: errno)
        }
        return aside
    }

    static func status(of path: String) -> stat? {
        guard !path.utf8.contains(0) else { return nil }
        var status = stat()
        return path.withPath { stat($0, &status) } == 0 ? status : nil
    }

    private static func kind(of path: String) -> mode_t? { status(of: path).map { $0.st_mode & S_IFMT } }
}
