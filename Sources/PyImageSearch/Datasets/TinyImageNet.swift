import Foundation
import System

/// Tiny ImageNet (Stanford's cs231n): 200 classes with 500 + 50 + 50 JPEGs of 64x64 pixels each, in the official
/// folders. The official test images have no labels: the book, and this package, test on a part of the training set.
///
/// Pictures may be PNG files too. The pictures of a class may be in its folder or in the subfolder `images`. The
/// validation images may be in one folder per class, a common arrangement, instead of in `val/images` with its
/// annotations.
public struct TinyImageNet: Sendable {
    /// The file of an image and its class, an index into ``wordNetIDs``.
    public typealias Sample = (path: String, label: Int)

    /// The classes, sorted, as scikit-learn's `LabelEncoder` numbers them.
    public let wordNetIDs: [String]
    /// The training images, class by class.
    public let train: [Sample]
    /// The validation images.
    public let validation: [Sample]
    /// Files and folders of the data set that belong to no set.
    public let passedOver: PictureFolders
    /// Whether the validation images are in one folder per class.
    public let isValidationSorted: Bool

    /// Lists the files of the unpacked data set; no image is opened.
    ///
    /// - Parameters:
    ///   - folder: the unpacked data set.
    ///   - classes: uses only so many classes, the first in `wnids.txt`.
    /// - Throws: ``DatasetError`` or `FileError`, naming the file or folder that is not as expected.
    public init(_ folder: String, classes: Int? = nil) throws {
        let list = try Self.list("wnids.txt", of: folder)
        let listed = try TextLines.readTrimmed(list).filter { !$0.isEmpty }
        guard !listed.isEmpty else { throw DatasetError("\(list) lists no classes") }
        if let stray = listed.first(where: { !Self.isName($0) }) {
            throw DatasetError("\(list): \"\(stray)\" is not the name of a folder in train")
        }
        if let classes, classes < 1 || classes > listed.count {
            throw DatasetError(
                "\(list) has \(counted(listed.count, "class")), not \(classes)", remedy: .classes(upTo: listed.count))
        }
        wordNetIDs = listed.prefix(classes ?? listed.count).sorted()
        let labels = Dictionary(zip(wordNetIDs, 0...)) { first, _ in first }
        guard labels.count == wordNetIDs.count else { throw DatasetError("\(list) lists a class twice") }
        let known = Set(listed)

        var passedOver = PictureFolders()
        let folders = Set(try passedOver.classes(in: "\(folder)/train"))
        passedOver.passOver(unlisted: folders.subtracting(known).count)
        var train: [Sample] = []
        for (label, identifier) in wordNetIDs.enumerated() {
            let images = "\(folder)/train/\(identifier)"
            guard folders.contains(identifier) else {
                throw DatasetError(
                    "\(images)/images does not exist, but wnids.txt lists the class \(identifier): unpack again")
            }
            let pictures = try passedOver.pictures(in: images, place: .imagesFirst)
            guard !pictures.isEmpty else {
                throw DatasetError("\(images) holds no JPEG or PNG files, nor does its folder images: unpack again")
            }
            train += pictures.map { ("\(images)/\($0)", label) }
        }
        self.train = train

        let val = "\(folder)/val"
        isValidationSorted = FileSystem.isFolder(val) ? try PictureFolders.areSortedByClass(in: val) : false
        if isValidationSorted {
            validation = try passedOver.sortedByClass(
                in: val, labels: labels, known: known, of: list, place: .imagesFirst)
        } else {
            let annotated = try Self.annotated(folder, known)
            let images = "\(val)/images"
            if FileSystem.isFolder(images) {
                let named = Set(annotated.map(\.file))
                passedOver.passOver(unlisted: try passedOver.pictures(in: images).count { !named.contains($0) })
            }
            validation = annotated.compactMap { file, identifier in
                labels[identifier].map { ("\(images)/\(file)", $0) }
            }
        }
        self.passedOver = passedOver
    }

    /// The names of the validation images and their classes, as in `val_annotations.txt`.
    private static func annotated(_ folder: String, _ known: Set<String>) throws -> [(file: String, class: String)] {
        let annotations = try list("val/val_annotations.txt", of: folder)
        return try TextLines.read(annotations).enumerated().compactMap { number, line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard fields.contains(where: { !$0.isEmpty }) else { return nil }
            guard fields.count >= 2 else {
                throw DatasetError(
                    "\(annotations), line \(number + 1): not a file name and a class, separated by a tab")
            }
            let (file, identifier) = (fields[0], fields[1])
            guard known.contains(identifier) else {
                throw DatasetError(
                    "\(annotations), line \(number + 1): the class \(identifier) of \(file) is not in wnids.txt")
            }
            guard isName(file) else {
                throw DatasetError("\(annotations), line \(number + 1): \(file) is not the name of a file")
            }
            return (file, identifier)
        }
    }

    /// - Returns: the path of the list.
    /// - Throws: ``DatasetError`` if it does not exist.
    private static func list(_ name: String, of folder: String) throws -> String {
        let file = "\(folder)/\(name)"
        guard FileSystem.exists(file) else {
            throw DatasetError(
                "\(folder) is not the unpacked tiny-imagenet-200: it has no \(name); "
                    + "download http://cs231n.stanford.edu/tiny-imagenet-200.zip and unzip it",
                remedy: .anotherFolder)
        }
        return file
    }

    /// Whether this is the name of a file or folder, and not a path that leads elsewhere.
    private static func isName(_ text: some StringProtocol) -> Bool {
        // Byte by byte: a slash with a combining accent is another character for Swift, but a slash for the system.
        !text.isEmpty && !text.utf8.contains(UInt8(ascii: "/")) && text != "." && text != ".."
    }
}
