import System

/// The book's Animals: 1,000 photographs each of cats, dogs and pandas, most from the Kaggle competition Dogs vs. Cats and
/// from ImageNet.
public enum Animals: PictureCollection {
    private static let classes: Set = ["cats", "dogs", "panda"]

    /// Names, places and layout.
    public static let published = PublishedPictures(
        name: "animals", title: "Animals", folderNames: ["animals"], inside: ["images"],
        url: "https://github.com/pavan555/DeepLearning4OpenCV (datasets/animals)",
        layout: "the folders cats, dogs and panda with 1,000 pictures each")

    /// The pictures in the three folders.
    ///
    /// - Throws: ``DatasetError`` if pictures are missing; `FileError` if a folder cannot be read.
    public static func pictures(in folder: String) throws -> PictureDataset? {
        Set(try FolderContents(folder).folders) == classes ? try PictureDataset(folder: folder) : nil
    }
}
