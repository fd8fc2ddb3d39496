import Foundation
import System

/// ImageNet as the classification challenge of 2012 had it (ILSVRC), in its official folders: `train/<wnid>/*.JPEG`,
/// `val/*.JPEG`, and a list of the classes of the validation images. These may also lie in folders by their classes, as
/// many prepare them: then no list is needed.
///
/// Nothing assumes 1000 classes: there are as many as `train` has folders. Pictures may be PNG files too.
public struct ImageNet: Sendable {
    /// The file of an image and its class, an index into ``wordNetIDs``.
    public typealias Sample = (path: String, label: Int)

    /// Sorted: the order of the network's outputs.
    public let wordNetIDs: [String]
    /// In the sorted order of the files' names.
    public let validation: [Sample]
    /// What gave the classes their numbers, where the list has numbers.
    public let counting: String?
    /// Whether the validation images lie in folders by their classes.
    public let isValidationSorted: Bool
    /// What lies beside the validation images and the folders of the classes, and is in none of the sets.
    public let passedOver: PictureFolders
    private let trainFolder: String

    /// Lists the classes and the validation images; no image is opened.
    ///
    /// A line of the list is the class of one validation file, in the sorted order of their names: its WordNet ID, or
    /// its number, counted from 1. Numbers count the lines of `wnids.txt`, beside the list or in `folder`. Without that
    /// file they are refused, for the challenge's own list counts in an order of its own, that of its `meta.mat`.
    ///
    /// - Parameters:
    ///   - classes: only the first so many, sorted, and only their images.
    ///   - groundTruth: the list; that of ``groundTruthName`` in the folder where not given.
    ///   - sortedLabels: numbers count the sorted folders of `train`, whatever `wnids.txt` there is.
    /// - Throws: ``DatasetError`` naming what is not as it should be; `FileError` where a folder cannot be read.
    public init(
        _ folder: String, classes: Int? = nil, groundTruth: String? = nil, sortedLabels: Bool = false
    ) throws {
        trainFolder = "\(folder)/train"
        for part in ["train", "val"] where !FileSystem.isFolder("\(folder)/\(part)") {
            throw DatasetError("\(folder) is not ImageNet as it is unpacked: it has no folder \(part); \(Self.layout)")
        }
        var passedOver = PictureFolders()
        let all = try passedOver.classes(in: trainFolder)
        guard !all.isEmpty else {
            throw DatasetError("\(folder)/train holds no folders: \(Self.layout)")
        }
        if let classes, classes < 1 || classes > all.count {
            throw DatasetError("--classes must be from 1 to the \(all.count) of \(folder)/train, not \(classes)")
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

    /// The classes of the validation images, as the list has them, and what its numbers count.
    ///
    /// - Parameters:
    ///   - folders: all of `train`, sorted.
    ///   - count: of the images.
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
        // Folders may have numbers for names.
        guard lines.contains(where: { Int($0) != nil }), !lines.allSatisfy(names.contains) else { return (lines, nil) }
        if let folder = folders.first(where: { Int($0) != nil }) {
            throw DatasetError(
                "\(list) has numbers, and the folder \(folder) of train is called by one: which is meant cannot be told; "
                    + "write the names of the folders into the list, all of them")
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

    /// The name that the challenge gave to its list.
    public static let groundTruthName = "ILSVRC2012_validation_ground_truth.txt"

    /// All training images, class by class; no image is opened.
    ///
    /// - Throws: ``DatasetError`` for a class without images; `FileError` where a folder cannot be read.
    public func train() throws -> [Sample] {
        var ignored = PictureFolders()
        return try train(passingOver: &ignored)
    }

    /// All training images, class by class; no image is opened.
    ///
    /// - Parameter passedOver: counts what else lies in their folders.
    /// - Throws: as ``train()``.
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
        "expected are train/<wnid>/*.JPEG, and val/*.JPEG with \(groundTruthName) or val/<wnid>/*.JPEG, in the folder that "
        + "--data names"

    /// The classes in the order in which the ground-truth list counts them, and where that order is from.
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
                        "\(file), line \(number + 1) is empty: what the numbers of \(list) count must have none")
                }
                if let before = lineNumbers.updateValue(number + 1, forKey: identifier) {
                    throw DatasetError("\(file) lists \(identifier) twice, in lines \(before) and \(number + 1)")
                }
            }
            return (classes, file)
        }
        throw DatasetError(
            "\(list) has numbers, and there is no wnids.txt to say what they count: those of the challenge follow an order "
                + "of its own, that of its meta.mat; write that order into \(folder)/wnids.txt, a WordNet ID a line, or "
                + "pass --sorted-labels where they count the sorted folders of \(folder)/train from 1")
    }

    private static func lines(_ file: String) throws -> [String] {
        do { return try TextLines.readTrimmed(file) } catch {
            throw DatasetError("\(error); \(layout)")
        }
    }
}
