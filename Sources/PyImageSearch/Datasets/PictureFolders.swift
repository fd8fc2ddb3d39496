import Foundation
import System

/// Lists the pictures in folders, and counts the files and folders that it passes over.
///
/// A picture is a file with a suffix of JPEG or PNG files, in lower or upper case. Hidden files and folders, as
/// `FolderContents` defines them, do not count as pictures.
public struct PictureFolders: Sendable, CustomStringConvertible {
    /// Suffixes of pictures, in lower case without the dot. Readers go by the bytes of a file, not by its suffix.
    public static let suffixes: Set = ["jpeg", "jpg", "jpe", "jfif", "png"]

    private var hidden = 0
    private var folders = 0
    /// Counts by suffix.
    private var others: [String: Int] = [:]
    private var unnamed = 0
    /// Pictures and class folders in the right place that no list names.
    private(set) var unlisted = 0

    init() {}

    /// Whether nothing was passed over.
    public var isEmpty: Bool { description.isEmpty }

    /// The paths of all pictures in a folder and in the folders inside it, sorted.
    ///
    /// - Parameters:
    ///   - folder: the folder. Links to folders around it are not followed.
    ///   - leaveOut: receives the error of a folder inside it that cannot be read.
    /// - Throws: `FileError` if the folder itself cannot be read.
    public static func paths(in folder: String, leavingOut leaveOut: (any Error) -> Void) throws -> [String] {
        func paths(_ folder: String, inside around: [String]) throws -> [String] {
            let contents = try FolderContents(folder)
            let own = contents.files.filter(isPicture).map { "\(folder)/\($0)" }
            let known = around + [folder]
            return own
                + contents.folders.map { "\(folder)/\($0)" }.flatMap { inner -> [String] in
                    guard !known.contains(where: { FileSystem.isSame($0, inner) }) else { return [] }
                    do { return try paths(inner, inside: known) } catch {
                        leaveOut(error)
                        return []
                    }
                }
        }
        return try paths(folder, inside: [])
    }

    /// Whether the pictures of a class are in its folder, or in the subfolder `images`.
    enum Place {
        case folder
        /// In `images` if there are any, as in Tiny ImageNet.
        case imagesFirst
        /// In the folder itself if there are any.
        case folderFirst
    }

    /// The pictures in `folder`, sorted by name.
    ///
    /// - Returns: paths relative to `folder`.
    /// - Throws: `FileError` if a folder cannot be read.
    mutating func pictures(in folder: String, place: Place = .folder) throws -> [String] {
        let contents = try FolderContents(folder)
        hidden += contents.hiddenCount
        unnamed += contents.otherCount
        var own: [String] = []
        for file in contents.files {
            if Self.isPicture(file) {
                own.append(file)
            } else if place == .folder || !file.hasSuffix(Self.boxesSuffix) {
                others[Self.suffix(of: file), default: 0] += 1
            }
        }
        let readsImages =
            switch place {
            case .folder: false
            case .imagesFirst: contents.folders.contains(Self.imagesFolder)
            case .folderFirst: own.isEmpty && contents.folders.contains(Self.imagesFolder)
            }
        folders += contents.folders.count - (readsImages ? 1 : 0)
        guard readsImages else { return own }
        let inner = try pictures(in: "\(folder)/\(Self.imagesFolder)").map { "\(Self.imagesFolder)/\($0)" }
        guard !inner.isEmpty else { return own }
        unlisted += own.count
        return inner
    }

    private static let imagesFolder = "images"
    /// Tiny ImageNet's files with the places of the objects.
    private static let boxesSuffix = "_boxes.txt"

    /// The folders in `folder`, sorted by name. Everything else in it counts as passed over.
    ///
    /// - Throws: `FileError` if the folder cannot be read.
    mutating func classes(in folder: String) throws -> [String] {
        let contents = try FolderContents(folder)
        hidden += contents.hiddenCount
        unnamed += contents.otherCount
        for file in contents.files { others[Self.suffix(of: file), default: 0] += 1 }
        return contents.folders
    }

    /// The pictures of all folders in `folder`, which are named after their classes.
    ///
    /// - Parameters:
    ///   - labels: of the classes that are wanted.
    ///   - known: all classes of `list`.
    ///   - place: of the pictures of a class.
    /// - Returns: paths and labels, sorted by file name: the first ones are of many classes, as in a single folder.
    /// - Throws: ``DatasetError`` for a folder that is not named after a class; `FileError` if a folder cannot be read.
    mutating func sortedByClass(
        in folder: String, labels: [String: Int], known: Set<String>, of list: String, place: Place
    ) throws -> [(path: String, label: Int)] {
        var found: [(name: Substring, path: String, label: Int)] = []
        for identifier in try classes(in: folder) where identifier != Self.imagesFolder {
            guard known.contains(identifier) else {
                throw DatasetError("\(folder)/\(identifier): the class \(identifier) is not in \(list)")
            }
            guard let label = labels[identifier] else { continue }
            for picture in try pictures(in: "\(folder)/\(identifier)", place: place) {
                let name = picture.split(separator: "/").last ?? ""
                found.append((name, "\(folder)/\(identifier)/\(picture)", label))
            }
        }
        return found.sorted { ($0.name, $0.label) < ($1.name, $1.label) }.map { ($0.path, $0.label) }
    }

    /// Whether the pictures of `folder` are in folders by class: there are folders, and no pictures beside them or in
    /// `images`.
    static func areSortedByClass(in folder: String) throws -> Bool {
        let contents = try FolderContents(folder)
        guard contents.folders.contains(where: { $0 != imagesFolder }) else { return false }
        var ignored = PictureFolders()
        return try ignored.pictures(in: folder, place: .imagesFirst).isEmpty
    }

    /// Counts pictures or class folders in the right place that no list names.
    mutating func passOver(unlisted count: Int) { unlisted += count }

    static func isPicture(_ name: String) -> Bool { suffixes.contains(suffix(of: name)) }

    private static func suffix(of name: String) -> String { Path.suffix(of: name).lowercased() }

    /// `passed over: 3 hidden, 2 folders, 4 files of other kinds (.bmp, .txt)`; empty if nothing was passed over.
    public var description: String {
        let kinds = others.keys.sorted().map { $0.isEmpty ? "without a suffix" : ".\($0)" }
        let named = kinds.prefix(5).joined(separator: ", ") + (kinds.count > 5 ? ", ..." : "")
        let parts = [
            (hidden, "hidden"), (folders, folders == 1 ? "folder" : "folders"),
            (others.values.reduce(0, +), "of other kinds (\(named))"), (unlisted, "that no list names"),
            (unnamed, "that are not files, or whose names are not text"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return parts.isEmpty ? "" : "passed over: \(parts.joined(separator: ", "))"
    }
}
