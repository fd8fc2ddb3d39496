import Foundation
import System

/// ImageNet as in the classification challenge of 2012 (ILSVRC), in its official folders: `train/<wnid>/*.JPEG`,
/// `val/*.JPEG`, and a list with the classes of the validation images. The validation images may also be in one folder
/// per class, a common arrangement that needs no list.
///
/// There are as many classes as `train` has folders. Pictures may be PNG files too.
public struct ImageNet: Sendable {
    /// The file of an image and its class, an index into ``wordNetIDs``.
    public typealias Sample = (path: String, label: Int)

    /// The classes, sorted: the order of the network's outputs.
    public let wordNetIDs: [String]
    /// The validation images, sorted by file name.
    public let validation: [Sample]
    /// The source of the numbers of classes, if the list has numbers.
    public let counting: String?
    /// Whether the validation images are in one folder per class.
    public let isValidationSorted: Bool
    /// Files and folders beside the validation images and the classes' folders that belong to no set.
    public let passedOver: PictureFolders
    private let trainFolder: String

    /// Lists the classes and the validation images; no image is opened.
    ///
    /// Each line of the list is the class of one validation file, in the sorted order of the file names: its WordNet
    /// ID, or its number, counted from 1. A number is a line of `wnids.txt`, beside the list or in `folder`. Without
    /// that file numbers are refused, because the challenge's own list numbers the classes as in its `meta.mat`.
    ///
    /// - Parameters:
    ///   - folder: the unpacked data set.
    ///   - classes: uses only so many classes, the first in sorted order, and only their images.
    ///   - groundTruth: the list; by default ``groundTruthName`` in the folder.
    ///   - sortedLabels: whether numbers count the sorted folders of `train`, even if there is a `wnids.txt`.
    /// - Throws: ``DatasetError`` naming the file or folder that is not as expected; `FileError` if a folder cannot be
    ///   read.
    public init(
        _ folder: String, classes: Int? = nil, groundTruth: String? = nil, sortedLabels: Bool = false
    ) throws {
        trainFolder = "\(folder)/train"
        for part in ["train", "val"] where !FileSystem.isFolder("\(folder)/\(part)") {
            throw DatasetError(
                "\(folder) is not ImageNet as it is unpacked: it has no folder \(part); \(Self.layout)",
                remedy: .anotherFolder)
        }
        var passedOver = PictureFolders()
        let all = try passedOver.classes(in: trainFolder)
        guard !all.isEmpty else {
            throw DatasetError("\(folder)/train holds no folders: \(Self.layout)", remedy: .anotherFolder)
        }
        if let classes, classes < 1 || classes > all.count {
            throw DatasetError(
                "\(folder)/train has \(counted(all.count, "class")), not \(classes)", remedy: .classes(upTo: all.count))
        }
        wordNetIDs = Array(all.prefix(classes ?? all.count))
        let labels = Dictionary(zip(all, 0...)) { first, _ in first }

        let val = "\(folder)/val"
        isValidationSorted = try PictureFolders.areSortedByClass(in: val)
        if isValidationSorted {
            if let groundTruth {
                throw DatasetError(
                    "\(val) holds its images in folders by their classes, which need no list: leave \(groundTruth) out")
            }
            counting = nil
            validation = try passedOver.sortedByClass(
                in: val, labels: Dictionary(zip(wordNetIDs, 0...)) { first, _ in first }, known: Set(all),
                of: trainFolder, place: .folderFirst)
        } else {
            let list = groundTruth ?? "\(folder)/\(Self.groundTruthName)"
            let files = try passedOver.pictures(in: val, place: .folderFirst)
            let (classes, counting) = try Self.listed(
                list, of: folder, folders: all, count: files.count, sortedLabels: sortedLabels)
            self.counting = counting
            var validation: [Sample] = []
            for (number, (file, identifier)) in zip(files, classes).enumerated() {
                guard let label = labels[identifier] else {
                    throw DatasetError(
                        "\(list), line \(number + 1): the class \"\(identifier)\" of \(file) is not in \(trainFolder)")
                }
                if label < wordNetIDs.count { validation.append(("\(val)/\(file)", label)) }
            }
            self.validation = validation
        }
        self.passedOver = passedOver
    }

    /// The classes of the validation images according to the list, and the source of its numbers.
    ///
    /// - Parameters:
    ///   - folders: all folders of `train`, sorted.
    ///   - count: number of validation images.
    private static func listed(
        _ list: String, of folder: String, folders: [String], count: Int, sortedLabels: Bool
    ) throws -> (classes: [String], counting: String?) {
        let lines = try lines(list)
        guard lines.count == count else {
            throw DatasetError(
                "\(list) has \(lines.count) lines, but \(folder)/val holds \(count) JPEG files, or PNG files; it must have "
                    + "one for each file, in the sorted order of their names")
        }
        let names = Set(folders)
        // The folders' names may be numbers too.
        guard lines.contains(where: { Int($0) != nil }), !lines.allSatisfy(names.contains) else { return (lines, nil) }
        if let folder = folders.first(where: { Int($0) != nil }) {
            throw DatasetError(
                "\(list) has numbers, and the folder \(folder) of train has a number as its name: which is meant is "
                    + "unclear; write the names of the folders into the list, for every file")
        }
        let (counted, counting) = try countedClasses(folder, list, of: folders, sortedLabels: sortedLabels)
        let classes = try lines.enumerated().map { number, line in
            guard let position = Int(line) else { return line }
            guard position >= 1, position <= counted.count else {
                throw DatasetError(
                    "\(list), line \(number + 1): there is no class \(position); they go from 1 to \(counted.count)")
            }
            return counted[position - 1]
        }
        return (classes, counting)
    }

    /// The challenge's name of its list.
    public static let groundTruthName = "ILSVRC2012_validation_ground_truth.txt"

    /// All training images, class by class; no image is opened.
    ///
    /// - Returns: files with their labels, indices into ``wordNetIDs``.
    /// - Throws: ``DatasetError`` for a class without images; `FileError` if a folder cannot be read.
    public func train() throws -> [Sample] {
        var ignored = PictureFolders()
        return try train(passingOver: &ignored)
    }

    /// All training images, class by class; no image is opened.
    ///
    /// - Parameter passedOver: counts everything else in their folders.
    /// - Returns: files with their labels, indices into ``wordNetIDs``.
    /// - Throws: ``DatasetError`` for a class without images; `FileError` if a folder cannot be read.
    public func train(passingOver passedOver: inout PictureFolders) throws -> [Sample] {
        var samples: [Sample] = []
        for (label, identifier) in wordNetIDs.enumerated() {
            let folder = "\(trainFolder)/\(identifier)"
            let files = try passedOver.pictures(in: folder, place: .folderFirst)
            guard !files.isEmpty else {
                throw DatasetError("\(folder) holds no JPEG files, nor PNG files: unpack it again")
            }
            samples += files.map { ("\(folder)/\($0)", label) }
        }
        return samples
    }

    private static let layout =
        "expected are train/<wnid>/*.JPEG, and val/*.JPEG with \(groundTruthName) or val/<wnid>/*.JPEG"

    /// The classes in the order in which the list numbers them, and the source of that order.
    private static func countedClasses(
        _ folder: String, _ list: String, of all: [String], sortedLabels: Bool
    ) throws -> (classes: [String], source: String) {
        guard !sortedLabels else { return (all, "the sorted folders of \(folder)/train") }
        let beside = "\(Path.folder(of: list))/wnids.txt"
        for file in [beside, "\(folder)/wnids.txt"] where FileSystem.exists(file) {
            let classes = try lines(file)
            var lineNumbers: [String: Int] = [:]
            for (number, identifier) in classes.enumerated() {
                guard !identifier.isEmpty else {
                    throw DatasetError(
                        "\(file), line \(number + 1) is empty: the numbers of \(list) count its lines, so none may be empty"
                    )
                }
                if let before = lineNumbers.updateValue(number + 1, forKey: identifier) {
                    throw DatasetError("\(file) lists \(identifier) twice, in lines \(before) and \(number + 1)")
                }
            }
            return (classes, file)
        }
        throw DatasetError(
            "\(list) has numbers, but no wnids.txt says what they count: the challenge's own numbers follow its meta.mat; "
                + "write that order into \(folder)/wnids.txt, one WordNet ID per line", remedy: .sortedFolders)
    }

    private static func lines(_ file: String) throws -> [String] {
        do { return try TextLines.readTrimmed(file) } catch {
            throw DatasetError("\(error); \(layout)", remedy: .anotherFolder)
        }
    }
}
