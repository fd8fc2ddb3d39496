import Foundation
import System

/// A data set of pictures that its authors publish as an archive: ``Flowers17``, ``Animals``, ``Caltech101``, ``DogsVsCats``.
public protocol PictureCollection {
    /// Names, places and layout.
    static var published: PublishedPictures { get }
    /// The pictures in the folder that holds them; `nil` if its layout is another one.
    ///
    /// - Throws: ``DatasetError`` if pictures are missing; `FileError` if a folder cannot be read.
    static func pictures(in folder: String) throws -> PictureDataset?
}

/// What a collection is called, and where it is found.
public struct PublishedPictures: Sendable {
    /// The name on the command line: `flowers17`.
    public let name: String
    /// The name for readers: `Flowers-17`.
    public let title: String
    /// The names that its folder has, as it is unpacked and as people call it.
    let folderNames: [String]
    /// The folders in it that may hold the pictures.
    let inside: [String]
    /// Where to get it.
    let url: String
    /// What is looked for, for messages.
    let layout: String
}

/// All collections.
public var pictureCollections: [any PictureCollection.Type] {
    [Flowers17.self, Animals.self, Caltech101.self, DogsVsCats.self]
}

extension PictureCollection {
    /// Lists the pictures, class by class in alphabetical order; none is opened.
    ///
    /// - Parameter folder: the only folder to look in. Without it, the collection's folder is looked for in
    ///   `$PYIMAGESEARCH_DATA`, in `data/` and in the user's cache folder.
    /// - Throws: ``DatasetError`` that says where to get the data set, or which picture is missing; `FileError` if a folder
    ///   cannot be read.
    public static func list(_ folder: String? = nil) throws -> PictureDataset {
        try list(folder, environment: ProcessInfo.processInfo.environment)
    }

    static func list(_ given: String?, environment: [String: String]) throws -> PictureDataset {
        let places = DataPlaces.all(environment)
        let roots = given.map { [$0] } ?? places.flatMap { place in published.folderNames.map { "\(place)/\($0)" } }
        for root in roots {
            if let pictures = try recognized(in: root) { return pictures }
        }
        let missing: String
        if let root = given ?? roots.first(where: FileSystem.isFolder) {
            let found =
                FileSystem.isFolder(root)
                ? "is not \(published.title)" : FileSystem.exists(root) ? "is not a folder" : "does not exist"
            missing = "\(root) \(found); expected are \(published.layout). It is published at \(published.url)"
        } else {
            missing =
                "\(published.title) is in none of \(places.joined(separator: ", ")), as "
                + "\(published.folderNames.joined(separator: " or ")); expected are \(published.layout). Unpack "
                + "\(published.url) \(DataPlaces.choices(environment))"
        }
        throw DatasetError(missing, remedy: .anotherDataset)
    }

    /// The pictures in `folder`, or in a folder in it; `nil` if it is not this collection.
    ///
    /// - Throws: ``DatasetError`` if pictures are missing; `FileError` if a folder cannot be read.
    public static func recognized(in folder: String) throws -> PictureDataset? {
        for folder in published.inside.map({ "\(folder)/\($0)" }) + [folder] where FileSystem.isFolder(folder) {
            if let pictures = try pictures(in: folder) { return pictures }
        }
        return nil
    }
}
