import System

/// Kaggle's competition Dogs vs. Cats (2013): 25,000 photographs of any size, `cat.0.jpg` to `cat.12499.jpg` and as many of
/// dogs.
public enum DogsVsCats: PictureCollection {
    /// By label.
    public static let classNames = ["cat", "dog"]

    /// Names, places and layout.
    public static let published = PublishedPictures(
        name: "dogs-vs-cats", title: "Dogs vs. Cats",
        folderNames: ["kaggle_dogs_vs_cats", "dogs-vs-cats", "dogs_vs_cats"], inside: ["train"],
        url: "https://www.kaggle.com/c/dogs-vs-cats/data (train.zip)",
        layout: "cat.0.jpg, dog.0.jpg and so on in one folder, as train.zip has them")

    /// The pictures are in one folder, and the name of each file begins with its class. Any number of them will do.
    ///
    /// - Throws: ``DatasetError`` if there is one class only, or a file of another class; `FileError` if the folder cannot be
    ///   read.
    public static func pictures(in folder: String) throws -> PictureDataset? {
        var passedOver = PictureFolders()
        let files = try passedOver.pictures(in: folder)
        guard files.contains(where: { label(of: $0) != nil }) else { return nil }
        var samples: [(file: String, label: Int)] = []
        for file in files {
            guard let label = label(of: file) else {
                throw DatasetError(
                    "\(folder)/\(file) is neither a cat nor a dog by its name, but other pictures there are: the class comes "
                        + "first, as in cat.0.jpg")
            }
            samples.append((file, label))
        }
        // Class by class, as all data sets of pictures.
        samples.sort { ($0.label, $0.file) < ($1.label, $1.file) }
        for (label, name) in classNames.enumerated() where !samples.contains(where: { $0.label == label }) {
            throw DatasetError("\(folder) has no pictures of a \(name), only of the other class")
        }
        return PictureDataset(
            files: samples.map { "\(folder)/\($0.file)" }, labels: samples.map(\.label), classNames: classNames,
            passedOver: passedOver)
    }

    /// The class before the first dot; `nil` for another one.
    private static func label(of file: String) -> Int? {
        classNames.firstIndex { $0[...] == file.prefix { $0 != "." } }
    }
}
