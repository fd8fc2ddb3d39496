import ArgumentParser
import Experiments
import PyImageSearch
import System

/// The data set of a chapter that reads pictures of any size, or drawn shapes instead.
public struct PictureOptions: ParsableArguments {
    @Option(
        name: [.customShort("d"), .long],
        help: """
            flowers17, animals, caltech101 or dogs-vs-cats, which are looked for in $PYIMAGESEARCH_DATA, in data/ and in the \
            cache folder; or a folder with a folder of pictures for each class (default: drawn shapes, which need no files).
            """,
        transform: Path.argument)
    public var dataset: String?

    public init() {}

    public func validate() throws {
        guard let dataset, named(dataset) == nil, !FileSystem.exists(dataset) else { return }
        let names = pictureCollections.map { $0.published.name }.joined(separator: ", ")
        throw ValidationError("\(dataset): no such folder; known by name are \(names)")
    }

    /// Whether the pictures are drawn, and not read from files.
    public var isDrawn: Bool { dataset == nil }

    /// The name of the data set in records.
    public var name: DatasetName {
        guard let dataset else { return .shapes }
        let collection =
            named(dataset) ?? pictureCollections.first { ((try? $0.recognized(in: dataset)) ?? nil) != nil }
        return collection.flatMap { DatasetName(rawValue: $0.published.name) } ?? .pictures
    }

    /// The experiment as it is run on the data set that the flag chooses.
    ///
    /// - Parameter drawnEpochs: the number of epochs for drawn shapes.
    public func experiment(_ experiment: Experiment, drawnEpochs: Int) -> Experiment {
        experiment.on(name, epochs: isDrawn ? drawnEpochs : nil)
    }

    /// What messages call it.
    public var origin: String { dataset ?? "the drawn shapes" }

    /// Lists the pictures, class by class.
    ///
    /// - Parameters:
    ///   - count: number of drawn pictures.
    ///   - kinds: the kinds of drawn shapes.
    ///   - side: height of drawn pictures, in pixels. They are a quarter wider than high.
    ///   - seed: of drawn pictures.
    /// - Throws: `DatasetError` or `FileError` if there are no pictures, or some are missing.
    public func list(
        drawn count: Int = 1_000, kinds: Range<Int> = Shapes10.classNames.indices, side: Int, seed: UInt64
    ) throws -> PictureDataset {
        guard let dataset else {
            return Shapes10.pictures(count, kinds: kinds, width: side * 5 / 4, height: side, seed: seed)
        }
        let pictures = try listed(dataset)
        if !pictures.passedOver.isEmpty { info("\(pictures.passedOver)") }
        return pictures
    }

    /// Makes sure, before a network is downloaded or trained, that the pictures are there.
    ///
    /// - Throws: `DatasetError` or `FileError` if there are none, or some are missing.
    public func check() throws { if let dataset { _ = try listed(dataset) } }

    private func listed(_ dataset: String) throws -> PictureDataset {
        try named(dataset)?.list() ?? (recognized(dataset) ?? PictureDataset(folder: dataset))
    }

    private func named(_ dataset: String) -> (any PictureCollection.Type)? {
        pictureCollections.first { $0.published.name == dataset }
    }

    private func recognized(_ folder: String) throws -> PictureDataset? {
        for collection in pictureCollections {
            if let pictures = try collection.recognized(in: folder) { return pictures }
        }
        return nil
    }
}
