import System

/// CALTECH-101 (Fei-Fei, Fergus and Perona, "Learning generative visual models from few training examples", 2004): 8,677
/// pictures of 101 kinds of objects, 31 to 800 of each, about 300x200 pixels.
public enum Caltech101: PictureCollection {
    /// The archive's pictures of no class, which the book leaves out too.
    private static let background = "BACKGROUND_Google"
    private static let classCount = 101

    /// Names, places and layout.
    public static let published = PublishedPictures(
        name: "caltech101", title: "CALTECH-101",
        folderNames: ["101_ObjectCategories", "caltech-101", "caltech101"], inside: ["101_ObjectCategories", "images"],
        url: "https://data.caltech.edu/records/mzrjq-6wc02",
        layout: "the 101 folders of 101_ObjectCategories (\(background) is left out)")

    /// The pictures in the 101 folders.
    ///
    /// - Throws: ``DatasetError`` if pictures are missing; `FileError` if a folder cannot be read.
    public static func pictures(in folder: String) throws -> PictureDataset? {
        let folders = Set(try FolderContents(folder).folders).subtracting([background])
        guard folders.count == classCount, folders.contains("Faces_easy") else { return nil }
        return try PictureDataset(folder: folder, leavingOut: [background])
    }
}
