import Files
import Foundation

/// Tiny ImageNet (Stanford's cs231n): 200 classes with 500 + 50 + 50 JPEGs of 64x64 pixels each, in the official
/// folders. The official test images have no labels: the book, and this package, test on a part of the training set.
public struct TinyImageNet: Sendable {
    /// The file of an image and its class, an index into ``wordNetIDs``.
    public typealias Sample = (path: String, label: Int)

    /// Sorted, as scikit-learn's `LabelEncoder` would number them.
    public let wordNetIDs: [String]
    public let train: [Sample]
    public let validation: [Sample]

    /// Lists the files of the unpacked folder; no image is opened.
    ///
    /// - Parameter classes: only the first so many of `wnids.txt`.
    /// - Throws: ``DatasetError`` or `FileError`, naming what is not as it should be.
    public init(_ folder: String, classes: Int? = nil) throws {
        let listed = try Self.lines("\(folder)/wnids.txt", of: folder).filter { !$0.isEmpty }
        guard !listed.isEmpty else { throw DatasetError("\(folder)/wnids.txt lists no classes") }
        if let stray = listed.first(where: { !Self.isName($0) }) {
            throw DatasetError("\(folder)/wnids.txt: \"\(stray)\" is not the name of a folder in train")
        }
        if let classes, classes < 1 || classes > listed.count {
            throw DatasetError("--classes must be from 1 to the \(listed.count) of \(folder)/wnids.txt, not \(classes)")
        }
        wordNetIDs = listed.prefix(classes ?? listed.count).sorted()
        let labels = Dictionary(zip(wordNetIDs, 0...)) { first, _ in first }
        guard labels.count == wordNetIDs.count else { throw DatasetError("\(folder)/wnids.txt lists a class twice") }

        var train: [Sample] = []
        for (label, identifier) in wordNetIDs.enumerated() {
            let images = "\(folder)/train/\(identifier)/images"
            guard let files = try? FileManager.default.contentsOfDirectory(atPath: images) else {
                throw DatasetError(
                    "\(images) does not exist, but wnids.txt lists the class \(identifier): unpack again")
            }
            let pictures = files.filter { $0.lowercased().hasSuffix(".jpeg") || $0.lowercased().hasSuffix(".jpg") }
            guard !pictures.isEmpty else { throw DatasetError("\(images) holds no JPEG files: unpack again") }
            train += pictures.sorted().map { ("\(images)/\($0)", label) }
        }
        self.train = train

        let annotations = "\(folder)/val/val_annotations.txt"
        let known = Set(listed)
        var validation: [Sample] = []
        for (number, line) in try Self.lines(annotations, of: folder).enumerated() where !line.isEmpty {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            guard fields.count >= 2 else {
                throw DatasetError(
                    "\(annotations), line \(number + 1): not a file name and a class, separated by a tab")
            }
            let identifier = String(fields[1])
            guard known.contains(identifier) else {
                throw DatasetError(
                    "\(annotations), line \(number + 1): the class \(identifier) of \(fields[0]) is not in wnids.txt")
            }
            guard Self.isName(fields[0]) else {
                throw DatasetError("\(annotations), line \(number + 1): \(fields[0]) is not the name of a file")
            }
            if let label = labels[identifier] { validation.append(("\(folder)/val/images/\(fields[0])", label)) }
        }
        self.validation = validation
    }

    private static func lines(_ file: String, of folder: String) throws -> [String] {
        guard FileManager.default.fileExists(atPath: file) else {
            throw DatasetError(
                "\(folder) is not the unpacked tiny-imagenet-200: it has no \(file.dropFirst(folder.count + 1)); "
                    + "download http://cs231n.stanford.edu/tiny-imagenet-200.zip, unzip it and name the folder with --data"
            )
        }
        return try TextLines.read(file)
    }

    /// Of something inside a folder, and not of a way out of it.
    private static func isName(_ text: some StringProtocol) -> Bool {
        // Byte by byte: with an accent behind it, a slash is another character for Swift, but not for the system.
        !text.isEmpty && !text.utf8.contains(UInt8(ascii: "/")) && text != "." && text != ".."
    }
}
