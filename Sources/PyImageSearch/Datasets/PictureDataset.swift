import Imaging
import System

/// Pictures of any size with their classes, read one at a time: the list of image paths of the book's scripts.
///
/// ``SimpleDatasetLoader`` reads and preprocesses all of them.
public struct PictureDataset: Sendable {
    /// The names of the classes, sorted, as scikit-learn's `LabelEncoder` numbers them.
    public let classNames: [String]
    /// The class of each picture, an index into ``classNames``.
    public private(set) var labels: [Int]
    /// What messages call each picture: the path of its file, or what was drawn.
    public private(set) var names: [String]
    /// Files and folders that are no pictures of a class.
    public let passedOver: PictureFolders
    private var numbers: [Int]
    private let read: Reading

    /// Gives the picture of a number, counted from 0. `warn` receives a line about what is missing in its file.
    public typealias Reading = @Sendable (_ index: Int, _ warn: (String) -> Void) throws -> Image

    /// Number of pictures.
    public var count: Int { labels.count }

    /// Pictures from anywhere.
    ///
    /// - Parameters:
    ///   - classNames: by label.
    ///   - labels: of each picture.
    ///   - names: of each picture, for messages.
    ///   - read: gives a picture; called from several threads.
    public init(classNames: [String], labels: [Int], names: [String], read: @escaping Reading) {
        self.init(classNames: classNames, labels: labels, names: names, passedOver: PictureFolders(), read: read)
    }

    private init(
        classNames: [String], labels: [Int], names: [String], passedOver: PictureFolders, read: @escaping Reading
    ) {
        (self.classNames, self.labels, self.names, self.passedOver) = (classNames, labels, names, passedOver)
        (self.numbers, self.read) = (Array(labels.indices), read)
    }

    /// The files of a folder that has a folder of pictures for each class, class by class, sorted by file name. No picture is
    /// opened.
    ///
    /// - Parameters:
    ///   - folder: of the class folders.
    ///   - others: the names of folders that are no classes.
    /// - Throws: ``DatasetError`` if there are fewer than two classes, or a class has fewer than two pictures; `FileError` if
    ///   a folder cannot be read.
    public init(folder: String, leavingOut others: Set<String> = []) throws {
        var passedOver = PictureFolders()
        let folders = try passedOver.classes(in: folder)
        let classes = folders.filter { !others.contains($0) }
        passedOver.passOver(unlisted: folders.count - classes.count)
        guard classes.count > 1 else {
            throw DatasetError(
                "\(folder) has \(counted(classes.count, "folder")) of pictures; expected is one for each class, two at least",
                remedy: .anotherDataset)
        }
        var paths: [String] = [], labels: [Int] = []
        for (label, name) in classes.enumerated() {
            let pictures = try passedOver.pictures(in: "\(folder)/\(name)")
            guard pictures.count > 1 else {
                throw DatasetError(
                    "\(folder)/\(name) has \(counted(pictures.count, "JPEG or PNG file")); a class needs one to learn from and "
                        + "one to test with: add pictures, or take the folder away")
            }
            paths += pictures.map { "\(folder)/\(name)/\($0)" }
            labels += pictures.map { _ in label }
        }
        self.init(files: paths, labels: labels, classNames: classes, passedOver: passedOver)
    }

    /// Pictures in files.
    ///
    /// - Parameters:
    ///   - samples: the file of each picture, and its class, an index into `classNames`.
    ///   - classNames: by label.
    public init(_ samples: [(path: String, label: Int)], classNames: [String]) {
        self.init(
            files: samples.map(\.path), labels: samples.map(\.label), classNames: classNames,
            passedOver: PictureFolders())
    }

    /// - Parameters:
    ///   - files: the path of each picture.
    ///   - labels: of each picture.
    ///   - classNames: by label.
    ///   - passedOver: what was found and is not used.
    init(files: [String], labels: [Int], classNames: [String], passedOver: PictureFolders) {
        self.init(classNames: classNames, labels: labels, names: files, passedOver: passedOver) { index, warn in
            try Image(contentsOf: files[index], warn: warn)
        }
    }

    /// Reads a picture.
    ///
    /// The program ends with one line if there is none of this number.
    ///
    /// - Parameters:
    ///   - index: counted from 0, in the order of ``labels``.
    ///   - warn: receives one line about a file that is incomplete but has all pixels. The default writes it to standard error.
    /// - Throws: `ImageError` or `FileError` naming the file.
    public func picture(_ index: Int, warn: (String) -> Void = System.warn) throws -> Image {
        guard numbers.indices.contains(index) else { stop("picture \(index) is not among the \(count) of a data set") }
        return try read(numbers[index], warn)
    }

    /// The same pictures in another order, or some of them.
    ///
    /// The program ends with one line if one of them does not exist.
    ///
    /// - Parameter rows: indices of pictures.
    public func gathered(rows: [Int]) -> PictureDataset {
        if let row = rows.first(where: { !numbers.indices.contains($0) }) {
            stop("picture \(row) is not among the \(count) of a data set")
        }
        var gathered = self
        gathered.labels = rows.map { labels[$0] }
        gathered.names = rows.map { names[$0] }
        gathered.numbers = rows.map { numbers[$0] }
        return gathered
    }
}
