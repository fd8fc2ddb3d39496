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
/// var builder = HDF5DatasetBuilder(side: 256, classNames: ["cat", "dog"], source: folder)
/// builder.add("train", training, to: "train.hdf5")
/// builder.add("val", validation, to: "val.hdf5")
/// try builder.build(means: "means.json") { path, warn in
///     try AspectAwarePreprocessor(width: 256, height: 256).preprocess(Image(contentsOf: path, warn: warn))
/// }
/// ```
public struct HDF5DatasetBuilder {
    /// The file of an image and its class, an index into the names of the classes.
    public typealias Sample = (path: String, label: Int)

    /// Reads the file at `path` and preprocesses the image. `warn` receives a line about what is missing in the file.
    public typealias Decoding = @Sendable (_ path: String, _ warn: @Sendable (String) -> Void) throws -> Image

    /// Bytes of pixels in memory at a time; as many again are being written.
    private static let chunkSize = 24 << 20

    private let side: Int
    private let classNames: [String]
    private let source: String
    private let elementType: ElementType
    private let jobs: Int
    private let skipsUnreadable: Bool
    private let overwrites: Bool
    private var sets: [NamedSet] = []

    private struct NamedSet {
        let name: String
        var samples: [Sample]
        let path: String
    }

    private typealias Decoded = (image: Image, mean: (red: Double, green: Double, blue: Double))

    /// - Parameters:
    ///   - side: height and width of all images, in pixels.
    ///   - classNames: by label.
    ///   - source: the folder of the images, for messages.
    ///   - elementType: the type in which pixels are stored, from 0 to 255.
    ///   - jobs: number of threads that decode.
    ///   - skipsUnreadable: whether images that cannot be decoded are left out. All images are then decoded twice,
    ///     because the size of a file must be known before it is begun.
    ///   - overwrites: whether existing files are replaced.
    public init(
        side: Int, classNames: [String], source: String, elementType: ElementType = .uint8, jobs: Int = 1,
        skipsUnreadable: Bool = false, overwrites: Bool = false
    ) {
        (self.side, self.classNames, self.source, self.elementType) = (side, classNames, source, elementType)
        (self.jobs, self.skipsUnreadable, self.overwrites) = (jobs, skipsUnreadable, overwrites)
    }

    /// Adds a set, whose images are stored in this order. The first set is the training set.
    ///
    /// - Parameters:
    ///   - name: of the set in messages: `train`, `val`, `test`.
    ///   - samples: files and their labels.
    ///   - path: of the HDF5 file.
    public mutating func add(_ name: String, _ samples: [Sample], to path: String) {
        sets.append(NamedSet(name: name, samples: samples, path: path))
    }

    /// Builds all files.
    ///
    /// Progress goes to standard output. An interrupting signal ends the build with an error.
    ///
    /// - Parameters:
    ///   - meansPath: the file for the means of the training set.
    ///   - decode: reads and preprocesses one image; called from several threads.
    /// - Returns: the means of the training set.
    /// - Throws: ``HDF5DatasetError``; an error of `decode`, unless such images are skipped; ``DatasetError``,
    ///   `FileError` or `HDF5Error` if a file cannot be written.
    @discardableResult
    public func build(means meansPath: String, _ decode: Decoding) throws -> ChannelMeans {
        Interruption.listen()
        let kept = skipsUnreadable ? try sets.map { try readable($0, decode) } : sets
        try check(kept)

        var writers: [HDF5DatasetWriter] = []
        var means = ChannelMeans(red: 0, green: 0, blue: 0, classNames: classNames)
        for (index, set) in kept.enumerated() {
            let (writer, mean) = try write(set, decode)
            writers.append(writer)
            if index == 0 { (means.red, means.green, means.blue) = mean }
        }

        FileSystem.remove(meansPath)
        for writer in writers { try writer.close() }
        info("serializing means: R \(digits(means.red)), G \(digits(means.green)), B \(digits(means.blue))...")
        try means.write(to: meansPath)
        func count(_ sets: [NamedSet]) -> Int { sets.reduce(0) { $0 + $1.samples.count } }
        let skipped = count(sets) - count(kept)
        if skipped > 0 {
            info("\(counted(skipped, "image")) could not be decoded and \(skipped == 1 ? "was" : "were") left out")
        }
        return means
    }

    /// - Throws: ``HDF5DatasetError`` if a set is empty, or a class has no training images.
    private func check(_ sets: [NamedSet]) throws {
        if let empty = sets.first(where: \.samples.isEmpty) {
            throw HDF5DatasetError.noImages(set: empty.name, source: source)
        }
        let trained = Set(sets.first?.samples.map(\.label) ?? [])
        for (label, name) in classNames.enumerated() where !trained.contains(label) {
            throw HDF5DatasetError.noTrainingImages(of: name)
        }
    }

    /// The set without the images that cannot be decoded.
    private func readable(_ set: NamedSet, _ decode: Decoding) throws -> NamedSet {
        var kept = set
        kept.samples = []
        try forEachChunk(of: set, "checked", { path in try decode(path) { _ in } }) { samples, images in
            for (sample, image) in zip(samples, images) {
                switch image {
                case .success: kept.samples.append(sample)
                case .failure(let error): info("left out: \(error)")
                }
            }
        }
        return kept
    }

    /// Writes the file of a set, which gets its place only when it is closed.
    ///
    /// - Returns: also the mean of each channel, 0 to 255.
    private func write(
        _ set: NamedSet, _ decode: Decoding
    ) throws -> (HDF5DatasetWriter, mean: (red: Double, green: Double, blue: Double)) {
        info("building \(set.path)...")
        // Each chunk is written at once, on another thread, while the next one is decoded.
        let writer = try HDF5DatasetWriter(
            dims: [set.samples.count, side, side, 3], outputPath: set.path, elementType: elementType, bufferSize: 1,
            overwrite: overwrites)
        try writer.storeClassLabels(classNames)
        var (red, green, blue) = (0.0, 0.0, 0.0)
        try forEachChunk(of: set, "decoded", { path in try decode(path) { warn($0) } }) { samples, images in
            var pixels: [UInt8] = []
            pixels.reserveCapacity(samples.count * side * side * 3)
            for image in images {
                let (image, mean) = try image.get()
                pixels += image.pixels
                (red, green, blue) = (red + mean.red, green + mean.green, blue + mean.blue)
            }
            try writer.add(pixels, labels: samples.map(\.label))
        }
        try writer.complete()
        let count = Double(set.samples.count)
        return (writer, (red / count, green / count, blue / count))
    }

    /// Decodes the images of a set, a chunk at a time, under a progress bar.
    ///
    /// - Parameter verb: `decoded` or `checked`, for the progress bar.
    private func forEachChunk(
        of set: NamedSet, _ verb: String, _ decode: @Sendable (String) throws -> Image,
        _ body: (ArraySlice<Sample>, [Result<Decoded, any Error>]) throws -> Void
    ) throws {
        let bar = ProgressBar("images \(verb) for \(set.name)", total: set.samples.count)
        let chunk = max(1, Self.chunkSize / (side * side * 3))
        for start in stride(from: 0, to: set.samples.count, by: chunk) {
            guard !Interruption.isRequested else { throw HDF5DatasetError.interrupted(set: set.name) }
            let samples = set.samples[start..<min(start + chunk, set.samples.count)]
            let images = samples.map(\.path).concurrentMap(jobs: jobs) { [side] path -> Decoded in
                let image = try decode(path)
                guard image.height == side, image.width == side else {
                    throw HDF5DatasetError.wrongSize(path, width: image.width, height: image.height, side: side)
                }
                return (image, image.mean)
            }
            try body(samples, images)
            bar.update(start + samples.count)
        }
    }
}
