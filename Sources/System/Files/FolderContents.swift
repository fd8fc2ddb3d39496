import Foundation

/// The contents of a folder, sorted by name, without the files of the system or a file manager. Everything that looks
/// through a folder uses this one rule.
public struct FolderContents: Sendable {
    /// The names of files and of links to files. Broken links are among them, so that opening them reports an error.
    public private(set) var files: [String] = []
    /// The names of folders and of links to folders.
    public private(set) var folders: [String] = []
    /// The number of names that were skipped because of ``isHidden(_:)``.
    public private(set) var hiddenCount = 0
    /// The number of names that are neither files nor folders.
    public private(set) var otherCount = 0

    /// - Throws: ``FileError`` if the folder cannot be read.
    public init(_ folder: String) throws {
        for (name, type) in try FileSystem.entries(in: folder) {
            guard !Self.isHidden(name) else {
                hiddenCount += 1
                continue
            }
            switch Self.kind(of: "\(folder)/\(name)", type) {
            case S_IFREG: files.append(name)
            case S_IFDIR: folders.append(name)
            default: otherCount += 1
            }
        }
    }

    /// Whether a name is not part of the data: it begins with a dot (`.DS_Store`, or `._NAME`, which macOS writes beside
    /// each file on foreign disks), or an archiver or a system uses it for its own folder.
    public static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") || systemNames.contains(name) }

    private static let systemNames: Set = [
        "__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN", "System Volume Information",
    ]

    /// The file type bits of `stat`. A link has the type of its target; a broken link counts as a file.
    private static func kind(of path: String, _ listed: Int32) -> mode_t {
        // Most file systems list the type, which saves one call for each of a million files.
        if listed == Int32(DT_REG) { return S_IFREG }
        if listed == Int32(DT_DIR) { return S_IFDIR }
        return FileSystem.status(of: path).map { $0.st_mode & S_IFMT } ?? S_IFREG
    }
}
