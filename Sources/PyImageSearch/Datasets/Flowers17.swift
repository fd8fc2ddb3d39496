import System

/// Flowers-17 (Nilsback and Zisserman, "A visual vocabulary for flower classification", 2006): 17 species with 80 photographs
/// each, most of about 500 pixels.
public enum Flowers17: PictureCollection {
    /// The species in the order in which the archive numbers their pictures, 80 each.
    static let numberedClasses = [
        "daffodil", "snowdrop", "lilyvalley", "bluebell", "crocus", "iris", "tigerlily", "tulip", "fritillary",
        "sunflower",
        "daisy", "coltsfoot", "dandelion", "cowslip", "buttercup", "windflower", "pansy",
    ]
    private static let picturesPerClass = 80

    /// Names, places and layout.
    public static let published = PublishedPictures(
        name: "flowers17", title: "Flowers-17", folderNames: ["17flowers", "flowers17"], inside: ["images", "jpg"],
        url: "https://www.robots.ox.ac.uk/~vgg/data/flowers/17/17flowers.tgz",
        layout: "image_0001.jpg to image_1360.jpg, as the archive has them, or a folder for each of 17 species")

    /// The pictures may be numbered, as in the archive, or sorted into a folder for each species.
    ///
    /// - Throws: ``DatasetError`` if a picture is missing; `FileError` if the folder cannot be read.
    public static func pictures(in folder: String) throws -> PictureDataset? {
        try numbered(in: folder) ?? sorted(in: folder)
    }

    /// A folder of each species; `nil` if there are other folders than those.
    private static func sorted(in folder: String) throws -> PictureDataset? {
        guard Set(try FolderContents(folder).folders) == Set(numberedClasses) else { return nil }
        return try PictureDataset(folder: folder)
    }

    /// The archive's pictures; `nil` if there are none. The number of a picture tells its species.
    private static func numbered(in folder: String) throws -> PictureDataset? {
        var passedOver = PictureFolders()
        let files = try passedOver.pictures(in: folder)
        let names = numberedClasses.indices.map { label in
            (1...picturesPerClass).map { fileName(label * picturesPerClass + $0) }
        }
        let found = Set(files), expected = Set(names.joined())
        guard !found.isDisjoint(with: expected) else { return nil }
        if let missing = names.joined().first(where: { !found.contains($0) }) {
            throw DatasetError(
                "\(folder) has no \(missing), but other pictures of Flowers-17: unpack the archive again")
        }
        passedOver.passOver(unlisted: found.subtracting(expected).count)
        let classes = numberedClasses.sorted()
        let ordered = classes.flatMap { name in names[numberedClasses.firstIndex(of: name) ?? 0] }
        return PictureDataset(
            files: ordered.map { "\(folder)/\($0)" }, labels: ordered.indices.map { $0 / picturesPerClass },
            classNames: classes, passedOver: passedOver)
    }

    private static func fileName(_ number: Int) -> String {
        let digits = "\(number)"
        return "image_" + String(repeating: "0", count: 4 - digits.count) + digits + ".jpg"
    }
}
