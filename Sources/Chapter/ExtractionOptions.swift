import ArgumentParser
import CommandLine
import HDF5
import NeuralNetwork
import PyImageSearch
import Runs
import ScikitLearn
import System

/// How features of pictures are extracted: the flags of the programs that do it, and what such programs share.
public struct ExtractionOptions: ParsableArguments {
    @Option(
        name: [.customShort("s"), .long], help: "Pictures whose features wait to be written.", allowing: .batchSize)
    public var bufferSize = 1_000

    @Option(help: "How features are stored: float32, as the network computes them, or the book's float64.")
    public var dtype = FeatureType.float32

    @Option(help: FlagHelp.limit, allowing: .count)
    public var limit: Int?

    @Option(help: FlagHelp.seed())
    public var seed: UInt64 = 42

    @Flag(help: FlagHelp.overwrite)
    public var overwrite = false

    @OptionGroup public var compute: ComputeOptions

    public enum FeatureType: String, CaseIterable, ExpressibleByArgument, Sendable {
        case float32, float64

        var elementType: ElementType { self == .float32 ? .float32 : .float64 }
    }

    public init() {}

    public func validate() throws {
        guard seed <= UInt32.max else {
            throw ValidationError("--seed must be below \(UInt64(UInt32.max) + 1), as NumPy's, not \(seed)")
        }
    }

    /// Makes sure, before the work, that the file may be written.
    ///
    /// - Throws: `HDF5DatasetError` if it is there and may not be replaced; `FileError` if it cannot be written, or is one of
    ///   the network's own files.
    public func claim(_ output: String, reading network: ExtractorOptions) throws {
        try HDF5DatasetWriter.checkFree(output, overwrite: overwrite)
        try OutputFiles.claim([output], reading: network.files, in: Path.folder(of: output))
    }

    /// Shuffles pictures, and writes the features of each to a file.
    ///
    /// - Parameters:
    ///   - listed: the pictures.
    ///   - dataset: what they are, for records.
    ///   - extractor: computes the features.
    ///   - output: the file.
    ///   - batchSize: pictures that are computed together.
    /// - Throws: an error that names the picture that cannot be read, or the file that cannot be written.
    public func extract(
        _ listed: PictureDataset, of dataset: String, by extractor: PretrainedNetwork, to output: String,
        batchSize: Int
    ) throws {
        var random = RandomState(seed: UInt32(seed))
        let order = random.permutation(listed.count).prefix(limit ?? listed.count)
        let pictures = listed.gathered(rows: Array(order))

        let loader = SimpleDatasetLoader(
            [SimplePreprocessor(width: extractor.side, height: extractor.side, interpolation: .nearestExact)],
            jobs: try compute.backend.threads)
        let writer = try HDF5DatasetWriter(
            dims: [pictures.count, extractor.featureCount], outputPath: output, dataKey: FeaturesFile.dataKey,
            elementType: dtype.elementType, bufferSize: bufferSize, overwrite: overwrite)
        try writer.storeClassLabels(pictures.classNames)

        let bar = ProgressBar("features extracted", total: pictures.count)
        let start = ContinuousClock.now
        for first in stride(from: 0, to: pictures.count, by: batchSize) {
            let rows = Array(first..<min(first + batchSize, pictures.count))
            let images = try loader.load(pictures.gathered(rows: rows))
            let features = try extractor.features(of: images, batchSize: batchSize)
            try writer.add(floats: features.scalars, labels: rows.map { pictures.labels[$0] })
            bar.update(first + rows.count)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        try writer.storeOrigin(
            .init(dataset: dataset, body: extractor.title, imagesPerSecond: Double(pictures.count) / seconds))
        try writer.close()
        info("\(counted(pictures.count, "picture")) of \(pictures.classNames.count) classes in \(output)")
    }
}
