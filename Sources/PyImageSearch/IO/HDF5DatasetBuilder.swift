import HDF5
import Imaging
import System

/// Decodes the images of a data set into HDF5 files, one for each of its sets, and computes the means of the training
/// set: the common part of the book's `build_*.py` scripts.
///
/// Either all files get their places or none does: a training set beside the test set of another split would share
/// images with it. The file of means is deleted first and written last. Training needs it, so the files of an
/// interrupted build are never used. The same images give the same bytes, however many threads decode them.
///
/// ```swift
/// let aap = AspectAwarePreprocessor(width: 256, height: 256)
/// var builder = HDF5DatasetBuilder(side: 256, classNames: ["cat", "dog"], source: folder)
/// builder.add("train", training, to: "train.hdf5")
/// builder.add("val", validation, to: "val.hdf5")
/// try builder.build(means: "means.json") { try aap.preprocess($0) }
/// ```
public struct HDF5DatasetBuilder {
    /// Makes an image of the data set's size of a picture.
    public typealias Preprocessing = @Sendable (Image) throws -> Image

    /// Bytes of pixels in memory at a time; as many again are being written.
    private static let chunkSize = 24 << 20

    private let side: Int
    private let classNames: [String]
    private let source: String
    private let elementType: ElementType
    private let chunkRows: Int?
    private let compression: HDF5Compression?
    private let jobs: Int
    private let skipsUnreadable: Bool
    private let overwrites: Bool
    private var sets: [NamedSet] = []

    private struct NamedSet {
        let name: String
        var pictures: PictureDataset
        let path: String
    }

    private typealias Decoded = (image: Image, mean: (red: Double, green: Double, blue: Double))

    /// - Parameters:
    ///   - side: height and width of all images, in pixels.
    ///   - classNames: by label.
    ///   - source: the folder of the images, for messages.
    ///   - elementType: the type in which pixels are stored, from 0 to 255.
    ///   - chunkRows: images in a block of the file; see ``HDF5DatasetWriter``.
    ///   - compression: of the blocks; `nil` for none.
    ///   - jobs: number of threads that decode.
    ///   - skipsUnreadable: whether images that cannot be decoded are left out. All images are then decoded twice,
    ///     because the size of a file must be known before it is begun.
    ///   - overwrites: whether existing files are replaced.
    public init(
        side: Int, classNames: [String], source: String, elementType: ElementType = .uint8, chunkRows: Int? = nil,
        compression: HDF5Compression? = nil, jobs: Int = 1, skipsUnreadable: Bool = false, overwrites: Bool = false
    ) {
        (self.side, self.classNames, self.source, self.elementType) = (side, classNames, source, elementType)
        (self.chunkRows, self.compression) = (chunkRows, compression)
        (self.jobs, self.skipsUnreadable, self.overwrites) = (jobs, skipsUnreadable, overwrites)
    }

    /// Adds a set, whose images are stored in this order. The first set is the training set.
    ///
    /// - Parameters:
    ///   - name: of the set in messages: `train`, `val`, `test`.
    ///   - pictures: of the set.
    ///   - path: of the HDF5 file.
    public mutating func add(_ name: String, _ pictures: PictureDataset, to path: String) {
        sets.append(NamedSet(name: name, pictures: pictures, path: path))
    }

    /// Builds all files.
    ///
    /// Progress goes to standard output. An interrupting signal ends the build with an error.
    ///
    /// - Parameters:
    ///   - meansPath: the file for the means of the training set.
    ///   - preprocess: makes an image of a picture; called from several threads.
    /// - Returns: the means of the training set.
    /// - Throws: ``HDF5DatasetError``; an error of reading or of `preprocess`, unless such images are skipped;
    ///   ``DatasetError``, `FileError` or `HDF5Error` if a file cannot be written.
    @discardableResult
    public func build(
        means meansPath: String, _ preprocess: @escaping Preprocessing = { $0 }
    ) throws -> ChannelMeans {
        Interruption.listen()
        let kept = skipsUnreadable ? try sets.map { try readable($0, preprocess) } : sets
        try check(kept)

        var writers: [HDF5DatasetWriter] = []
        var means = ChannelMeans(red: 0, green: 0, blue: 0, classNames: classNames)
        for (index, set) in kept.enumerated() {
            let (writer, mean) = try write(set, preprocess)
            writers.append(writer)
            if index == 0 { (means.red, means.green, means.blue) = mean }
        }

        FileSystem.remove(meansPath)
        for writer in writers { try writer.close() }
        info("serializing means: R \(digits(means.red)), G \(digits(means.green)), B \(digits(means.blue))...")
        try means.write(to: meansPath)
        func count(_ sets: [NamedSet]) -> Int { sets.reduce(0) { $0 + $1.pictures.count } }
        let skipped = count(sets) - count(kept)
        if skipped > 0 {
            info("\(counted(skipped, "image")) could not be decoded and \(skipped == 1 ? "was" : "were") left out")
        }
        return means
    }

    /// - Throws: ``HDF5DatasetError`` if a set is empty, or a class has no training images.
    private func check(_ sets: [NamedSet]) throws {
        if let empty = sets.first(where: { $0.pictures.count == 0 }) {
            throw HDF5DatasetError.noImages(set: empty.name, source: source)
        }
        let trained = Set(sets.first?.pictures.labels ?? [])
        for (label, name) in classNames.enumerated() where !trained.contains(label) {
            throw HDF5DatasetError.noTrainingImages(of: name)
        }
    }

    /// The set without the images that cannot be decoded.
    private func readable(_ set: NamedSet, _ preprocess: @escaping Preprocessing) throws -> NamedSet {
        var (kept, rows) = (set, [Int]())
        try forEachChunk(of: set, rows: Self.chunkSize / imageSize, "checked", preprocess, warn: { _ in }) {
            chunk, images in
            for (row, image) in zip(chunk, images) {
                switch image {
                case .success: rows.append(row)
                case .failure(let error): info("left out: \(error)")
                }
            }
        }
        kept.pictures = set.pictures.gathered(rows: rows)
        return kept
    }

    /// Writes the file of a set, which gets its place only when it is closed.
    ///
    /// - Returns: also the mean of each channel, 0 to 255.
    private func write(
        _ set: NamedSet, _ preprocess: @escaping Preprocessing
    ) throws -> (HDF5DatasetWriter, mean: (red: Double, green: Double, blue: Double)) {
        info("building \(set.path)...")
        // Each chunk is written at once, on another thread, while the next one is decoded.
        let writer = try HDF5DatasetWriter(
            dims: [set.pictures.count, side, side, 3], outputPath: set.path, elementType: elementType,
            chunkRows: chunkRows, compression: compression, bufferSize: 1, overwrite: overwrites)
        try writer.storeClassLabels(classNames)
        var (red, green, blue) = (0.0, 0.0, 0.0)
        // Whole blocks: one that is written in two parts is compressed twice.
        let block = writer.chunkRows ?? 1
        let rows = max(1, Self.chunkSize / imageSize / block) * block
        try forEachChunk(of: set, rows: rows, "decoded", preprocess, warn: { warn($0) }) { rows, images in
            var pixels: [UInt8] = []
            pixels.reserveCapacity(rows.count * imageSize)
            for image in images {
                let (image, mean) = try image.get()
                pixels += image.pixels
                (red, green, blue) = (red + mean.red, green + mean.green, blue + mean.blue)
            }
            try writer.add(pixels, labels: Array(set.pictures.labels[rows]))
        }
        try writer.complete()
        let count = Double(set.pictures.count)
        return (writer, (red / count, green / count, blue / count))
    }

    /// Bytes of an image.
    private var imageSize: Int { side * side * 3 }

    /// Decodes the images of a set, a chunk at a time, under a progress bar.
    ///
    /// - Parameters:
    ///   - count: images in a chunk; at least 1 is taken.
    ///   - verb: `decoded` or `checked`, for the progress bar.
    private func forEachChunk(
        of set: NamedSet, rows count: Int, _ verb: String, _ preprocess: @escaping Preprocessing,
        warn: @escaping @Sendable (String) -> Void,
        _ body: (Range<Int>, [Result<Decoded, any Error>]) throws -> Void
    ) throws {
        let pictures = set.pictures
        let bar = ProgressBar("images \(verb) for \(set.name)", total: pictures.count)
        let count = max(1, count)
        for start in stride(from: 0, to: pictures.count, by: count) {
            guard !Interruption.isRequested else { throw HDF5DatasetError.interrupted(set: set.name) }
            let rows = start..<min(start + count, pictures.count)
            let images = Array(rows).concurrentMap(jobs: jobs) { [side] row -> Decoded in
                let image = try preprocess(pictures.picture(row, warn: warn))
                guard image.height == side, image.width == side else {
                    throw HDF5DatasetError.wrongSize(
                        pictures.names[row], width: image.width, height: image.height, side: side)
                }
                return (image, image.mean)
            }
            try body(rows, images)
            bar.update(rows.upperBound)
        }
    }
}
