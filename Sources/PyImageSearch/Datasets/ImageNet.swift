import Files
import Foundation

/// ImageNet as the classification challenge of 2012 had it (ILSVRC), in its official folders: `train/<wnid>/*.JPEG`,
/// `val/*.JPEG`, and a list of the classes of the validation images.
///
/// Nothing assumes 1000 classes: there are as many as `train` has folders.
public struct ImageNet: Sendable {
    /// The file of an image and its class, an index into ``wordNetIDs``.
    public typealias Sample = (path: String, label: Int)

    /// Sorted: the order of the network's outputs.
    public let wordNetIDs: [String]
    /// In the sorted order of the files' names.
    public let validation: [Sample]
    /// What gave the classes their numbers, where the list has numbers.
    public let counting: String?
    private let trainFolder: String

    /// Lists the classes and the validation images; no image is opened.
    ///
    /// A line of the list is the class of one validation file, in the sorted order of their names: its WordNet ID, or
    /// its number, counted from 1. Numbers count the lines of `wnids.txt`, beside the list or in `folder`, where there
    /// is one, else the sorted folders of `train`. (The challenge's own list counts in an order of its own, that of its
    /// `meta.mat`: it needs that order as `wnids.txt`.)
    ///
    /// - Parameters:
    ///   - classes: only the first so many, sorted, and only their images.
    ///   - groundTruth: the list; that of ``groundTruthName`` in the folder where not given.
    /// - Throws: ``DatasetError`` naming what is not as it should be.
    public init(_ folder: String, classes: Int? = nil, groundTruth: String? = nil) throws {
        trainFolder = "\(folder)/train"
        let all = try Self.names(in: "train", of: folder)
            .filter { !$0.hasPrefix(".") && Self.isFolder("\(folder)/train/\($0)") }
        guard !all.isEmpty else {
            throw DatasetError("\(folder)/train holds no folders: \(Self.layout)")
        }
        if let classes, classes < 1 || classes > all.count {
            throw DatasetError("--classes must be from 1 to the \(all.count) of \(folder)/train, not \(classes)")
        }
        wordNetIDs = Array(all.prefix(classes ?? all.count))

        let files = try Self.names(in: "val", of: folder).filter(Self.isJPEG)
        let list = groundTruth ?? "\(folder)/\(Self.groundTruthName)"
        let lines = try Self.lines(list)
        guard lines.count == files.count else {
            throw DatasetError(
                "\(list) has \(lines.count) lines, but \(folder)/val holds \(files.count) JPEG files; it must have one "
                    + "for each file, in the sorted order of their names")
        }
        let labels = Dictionary(zip(all, 0...)) { first, _ in first }
        // Folders may have numbers for names.
        let hasNumbers = lines.contains { Int($0) != nil } && !lines.allSatisfy { labels[$0] != nil }
        let (counted, counting) = hasNumbers ? try Self.countedClasses(folder, list, of: all) : ([], nil)
        if counting != nil, let folder = all.first(where: { Int($0) != nil }) {
            throw DatasetError(
                "\(list) has numbers, and the folder \(folder) of train is called by one: which is meant cannot be told; "
                    + "write the names of the folders into the list, all of them")
        }
        self.counting = counting
        var validation: [Sample] = []
        for (number, (file, line)) in zip(files, lines).enumerated() {
            var identifier = line
            if hasNumbers, let position = Int(line) {
                guard position >= 1, position <= counted.count else {
                    throw DatasetError(
                        "\(list), line \(number + 1): there is no class \(position); they go from 1 to \(counted.count)"
                    )
                }
                identifier = counted[position - 1]
            }
            guard let label = labels[identifier] else {
                throw DatasetError(
                    "\(list), line \(number + 1): the class \"\(identifier)\" of \(file) is not in \(folder)/train"
                )
            }
            if label < wordNetIDs.count { validation.append(("\(folder)/val/\(file)", label)) }
        }
        self.validation = validation
    }

    /// The name that the challenge gave to its list.
    public static let groundTruthName = "ILSVRC2012_validation_ground_truth.txt"

    /// All training images, class by class; no image is opened.
    ///
    /// - Throws: ``DatasetError`` for a class without images.
    public func train() throws -> [Sample] {
        var samples: [Sample] = []
        for (label, identifier) in wordNetIDs.enumerated() {
            let folder = "\(trainFolder)/\(identifier)"
            let files = try Self.names(in: folder).filter(Self.isJPEG)
            guard !files.isEmpty else { throw DatasetError("\(folder) holds no JPEG files: unpack it again") }
            samples += files.map { ("\(folder)/\($0)", label) }
        }
        return samples
    }

    private static let layout =
        "expected are train/<wnid>/*.JPEG, val/*.JPEG and \(groundTruthName) in the folder that --data names"

    private static func isJPEG(_ name: String) -> Bool {
        let name = name.lowercased()
        return !name.hasPrefix(".") && (name.hasSuffix(".jpeg") || name.hasSuffix(".jpg"))
    }

    private static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    private static func names(in part: String, of folder: String) throws -> [String] {
        guard isFolder("\(folder)/\(part)") else {
            throw DatasetError("\(folder) is not ImageNet as it is unpacked: it has no folder \(part); \(layout)")
        }
        return try names(in: "\(folder)/\(part)")
    }

    private static func names(in folder: String) throws -> [String] {
        do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
            throw DatasetError("\(folder) cannot be read")
        }
    }

    /// The classes in the order in which the ground-truth list counts them, and where that order is from.
    private static func countedClasses(
        _ folder: String, _ list: String, of all: [String]
    ) throws -> (classes: [String], source: String) {
        let beside = "\((list as NSString).deletingLastPathComponent)/wnids.txt"
        for file in [beside, "\(folder)/wnids.txt"] where FileManager.default.fileExists(atPath: file) {
            return (try lines(file), file)
        }
        return (all, "the sorted folders of \(folder)/train")
    }

    /// Without white space around them.
    private static func lines(_ file: String) throws -> [String] {
        do { return try TextLines.read(file).map { $0.trimmingCharacters(in: .whitespaces) } } catch {
            throw DatasetError("\(error); \(layout)")
        }
    }
}
