import Foundation

/// What lies in a folder, sorted by name, without what the system or a file manager has put there: the one rule of all
/// that look through folders.
public struct FolderContents: Sendable {
    /// What can be read as a file, links included; also links that lead nowhere, so that opening them says so.
    public private(set) var files: [String] = []
    public private(set) var folders: [String] = []
    /// How many names were passed over for ``isHidden(_:)``.
    public private(set) var hiddenCount = 0
    /// How many are neither files nor folders.
    public private(set) var otherCount = 0

    /// - Throws: ``FileError`` where the folder cannot be read.
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

    /// Whether a name is nobody's data: one that begins with a dot (`.DS_Store`, and the `._NAME` that macOS leaves
    /// beside each file on other people's disks), or a folder that an archiver or a system makes for itself.
    public static func isHidden(_ name: String) -> Bool { name.hasPrefix(".") || systemNames.contains(name) }

    private static let systemNames: Set = [
        "__MACOSX", "@eaDir", "lost+found", "$RECYCLE.BIN", "System Volume Information",
    ]

    /// The bits of `stat` that tell files from folders; what a link leads to, a file where it leads nowhere.
    private static func kind(of path: String, _ listed: Int32) -> mode_t {
        // Most file systems say it in the listing, which saves a call for each of a million files.
        if listed == Int32(DT_REG) { return S_IFREG }
        if listed == Int32(DT_DIR) { return S_IFDIR }
        return FileSystem.status(of: path).map { $0.st_mode & S_IFMT } ?? S_IFREG
    }
}
