import Foundation
import Imaging
import System

/// CIFAR-10 (Krizhevsky, 2009): 50,000 + 10,000 photographs of 32x32 pixels in ten classes.
///
/// Reads the official binary files: records of one label byte and 1,024 bytes each of red, green and blue, row by row.
/// A file may hold any number of whole records, so that a part of the data set works too.
public enum CIFAR10 {
    /// The folder in the official archive.
    public static let folderName = "cifar-10-batches-bin"
    static let trainFiles = (1...5).map { "data_batch_\($0).bin" }
    static let testFile = "test_batch.bin"
    static let namesFile = "batches.meta.txt"
    /// The names of the classes, by label.
    public static let classNames = [
        "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]
    private static let side = 32
    static let recordSize = 1 + 3 * side * side
    /// The number of records in all official files together; a single file has 10,000.
    static let mostRecords = 60_000

    /// Loads the data set from the first place that has it, or downloads it: `directory` if given; else
    /// `$PYIMAGESEARCH_DATA`, `data/`, and the user's cache folder, in this order.
    ///
    /// - Parameters:
    ///   - directory: the only place to look in.
    ///   - verbose: whether a download shows its progress.
    /// - Throws: ``DatasetError`` or `FileError`, naming the file, what was expected and what was found.
    public static func load(from directory: String? = nil, verbose: Bool = true) throws -> ImageDataset {
        let folder = try CIFAR10Location.find(directory) { folder in
            var archive = CIFAR10Archive.official
            archive.verbose = verbose
            try archive.install(into: folder)
        }
        return try read(folder)
    }

    /// Reads the files of `folder`.
    static func read(_ folder: String) throws -> ImageDataset {
        let training = try images(trainFiles.map { "\(folder)/\($0)" })
        let testing = try images(["\(folder)/\(testFile)"])
        return ImageDataset(
            trainImages: training.images, trainLabels: training.labels, testImages: testing.images,
            testLabels: testing.labels, classNames: try names("\(folder)/\(namesFile)"))
    }

    private static func images(_ files: [String]) throws -> (images: ByteImages, labels: [Int]) {
        var pixels: [UInt8] = [], labels: [Int] = []
        // An array that grows is in memory twice.
        let size = files.reduce(0) { $0 + min(FileSystem.size(of: $1) ?? 0, mostRecords * recordSize) }
        pixels.reserveCapacity(min(size, mostRecords * recordSize))
        for file in files { try append(file, &pixels, &labels) }
        return (ByteImages(shape: [labels.count, side, side, 3], bytes: pixels), labels)
    }

    private static func append(_ file: String, _ pixels: inout [UInt8], _ labels: inout [Int]) throws {
        let data = try contents(file)
        guard data.count > 0, data.count % recordSize == 0 else {
            throw DatasetError(
                "\(file) has \(data.count) bytes, which is not a whole number of records of \(recordSize): it is "
                    + "truncated or not a CIFAR-10 file; unpack the archive again")
        }
        let records = data.count / recordSize
        let plane = side * side
        try data.withUnsafeBytes { bytes in
            for record in 0..<records {
                let start = record * recordSize
                let label = Int(bytes[start])
                guard label < classNames.count else {
                    throw DatasetError(
                        "\(file): record \(record) has label \(label), but labels go from 0 to 9: the file is damaged, "
                            + "or it is not CIFAR-10's; unpack the archive again")
                }
                labels.append(label)
                for pixel in start + 1..<start + 1 + plane {
                    pixels.append(bytes[pixel])
                    pixels.append(bytes[pixel + plane])
                    pixels.append(bytes[pixel + 2 * plane])
                }
            }
        }
    }

    /// The class names beside the data, or the official ones if the file is missing.
    private static func names(_ file: String) throws -> [String] {
        guard FileSystem.exists(file) else { return classNames }
        let names = try TextLines.readTrimmed(file).filter { !$0.isEmpty }
        guard names.count == classNames.count else {
            throw DatasetError("\(file) names \(names.count) classes, not \(classNames.count)")
        }
        return names
    }

    private static func contents(_ file: String) throws -> [UInt8] {
        guard FileSystem.exists(file) else {
            throw DatasetError("\(file) does not exist; the folder must hold all files of the official archive")
        }
        guard !FileSystem.isFolder(file) else { throw DatasetError("\(file) is a folder, but should be a file") }
        return try FileBytes.read(file, limit: mostRecords * recordSize)
    }
}
