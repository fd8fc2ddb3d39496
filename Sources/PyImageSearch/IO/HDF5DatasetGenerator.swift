import HDF5
import Imaging
import NeuralNetwork
import Tensors

/// Batches from an HDF5 file of images and labels, which may be larger than the memory: the book's
/// `HDF5DatasetGenerator`.
///
/// Samples come in the file's order, as in the book (the builder has shuffled them), or in another order every epoch.
/// Every image passes through the preprocessors, then through the augmentation. The last batch of an epoch may have
/// fewer samples.
public final class HDF5DatasetGenerator: BatchGenerator {
    /// Samples in every batch; the last one of an epoch may have fewer.
    public let batchSize: Int
    /// All labels, in the file's order.
    public let labels: [Int]
    /// The names of the classes, if the file has them.
    public let classNames: [String]?
    /// Number of classes: columns of one-hot targets.
    public let classes: Int
    /// Samples in one epoch.
    public var sampleCount: Int { labels.count }
    /// The file.
    public let path: String

    private let database: HDF5File
    private let images: HDF5Dataset
    /// Whether the images are stored as bytes, and not as floats.
    private let holdsBytes: Bool
    private let dataKey: String
    let imageShape: Shape
    let preprocessors: [any Preprocessor]
    private let augmentation: ImageDataGenerator?
    private let binarize: Bool
    private let outputs: Int
    private let order: EpochOrder?
    private let seed: UInt64

    /// Opens the file, reads its labels and checks the preprocessors on an image of its size.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - batchSize: samples in every batch; the last one of an epoch may have fewer.
    ///   - preprocessors: applied to every image in this order.
    ///   - augmentation: applied to the preprocessed images.
    ///   - binarize: whether targets are one-hot rows, `[batch, classes]`, or the labels themselves, `[batch, 1]`.
    ///   - outputs: number of the model's outputs; all learn the same targets.
    ///   - training: the data set that the network is trained on, if it is another one: both must use the same labels
    ///     for the same classes. Without it there are as many classes as `label_names` has, or as the labels need.
    ///   - shuffle: whether every epoch has another order.
    ///   - seed: determines orders, preprocessing and augmentation.
    ///   - limit: uses only so many samples, the first ones.
    ///   - dataKey: the name of the images in the file.
    /// - Throws: ``DatasetError`` or `HDF5Error` naming what is wrong with the file; `ClassMismatchError` if its
    ///   classes are not those of `training`, or of the means that a preprocessor subtracts.
    public init(
        _ path: String, batchSize: Int, preprocessors: [any Preprocessor] = [], augmentation: ImageDataGenerator? = nil,
        binarize: Bool = true, outputs: Int = 1, classesOf training: HDF5DatasetGenerator? = nil, shuffle: Bool = false,
        seed: UInt64 = 42,
        limit: Int? = nil, dataKey: String = "images"
    ) throws {
        guard batchSize > 0 else { throw DatasetError("a batch needs at least one sample, not \(batchSize)") }
        guard limit ?? 0 >= 0, outputs > 0 else {
            throw DatasetError("\(path) is to give \(limit ?? 0) samples to \(outputs) outputs of a model")
        }
        self.path = path
        self.batchSize = batchSize
        self.preprocessors = preprocessors
        self.augmentation = augmentation
        self.binarize = binarize
        self.outputs = outputs
        self.seed = seed
        self.dataKey = dataKey
        database = try HDF5File(reading: path)
        images = try database.root.dataset(dataKey)
        holdsBytes = try images.holdsBytes()
        guard images.shape.count == 4, images.shape.allSatisfy({ $0 > 0 }) else {
            throw DatasetError(
                "\(path): \(dataKey) has the shape \(images.shape), not (samples, height, width, channels)")
        }
        imageShape = Shape(Array(images.shape.dropFirst()))
        guard imageShape.isCountable, imageShape.count <= Self.largestImage else {
            throw DatasetError(
                "\(path): an image of shape \(imageShape) is larger than the \(Self.largestImage) numbers that are read"
            )
        }
        let stored = try database.root.dataset("labels")
        guard Shape(stored.shape).isCountable, stored.shape.reduce(1, *) == images.shape[0] else {
            throw DatasetError("\(path) has \(images.shape[0]) images, but labels of shape \(stored.shape)")
        }
        let all = try stored.readLabels(path)
        labels = Array(all.prefix(limit ?? all.count))
        classNames =
            database.root.contains("label_names") ? try database.root.dataset("label_names").readStrings() : nil
        // The book's own files have no class names.
        let classes = training?.classes ?? classNames?.count ?? max(0, min(all.max() ?? 0, Self.mostClasses)) + 1
        guard (1...Self.mostClasses).contains(classes) else {
            throw DatasetError(
                "\(path): its \(classNames == nil ? "labels" : "label_names") ask for \(classes) classes, but there can "
                    + "be from 1 to \(Self.mostClasses)")
        }
        self.classes = classes
        if let stray = labels.first(where: { !(0..<classes).contains($0) }) {
            throw DatasetError(
                "\(path) has the label \(stray), but labels of \(classes) classes go from 0 to \(classes - 1)")
        }
        if let training {
            try checkSameClasses(
                training.classNames, of: training.path, classNames, of: path,
                advice: "build both again, from one data set")
        }
        for case let means as MeanPreprocessor in preprocessors { try means.check(belongsTo: path, of: classNames) }
        order = shuffle ? EpochOrder(count: labels.count, seed: seed) : nil
        // Fail now, not after the first epoch, if the preprocessors reject these images.
        if !preprocessors.isEmpty {
            let random = RandomStream(seed: seed, purpose: .preprocessing)
            _ = try preprocess(Tensor(repeating: 0, shape: imageShape), random)
        }
    }

    /// A file with more classes is damaged: all of ImageNet has 21,841.
    private static let mostClasses = 100_000
    /// In numbers; 268 MB.
    private static let largestImage = 1 << 26

    private func preprocess(_ image: Tensor, _ random: RandomStream) throws -> Tensor {
        do { return try preprocessors.preprocess(image, random: random) } catch let error as PreprocessingError {
            throw DatasetError("\(path): \(error)")
        }
    }

    /// The batch of a step: images `[batch, height, width, channels]`, and the targets of every output.
    ///
    /// - Throws: ``DatasetError`` naming the sample that cannot be used, `HDF5Error` if the file cannot be read,
    ///   `TrainingError` for a step that an epoch does not have.
    public func batch(epoch: Int, step: Int) throws -> Batch {
        try batch(of: rows(ofStep: step, epoch: epoch, in: order), epoch: epoch)
    }

    /// Some samples of the batch of a step. Only these are read.
    ///
    /// - Throws: as ``batch(epoch:step:)``, and `TrainingError` for samples that a step does not have.
    public func batch(epoch: Int, step: Int, samples: Range<Int>) throws -> Batch {
        try batch(of: rows(ofStep: step, samples: samples, epoch: epoch, in: order), epoch: epoch)
    }

    private func batch(of rows: [Int], epoch: Int) throws -> Batch {
        let pictures = try zip(rows, stored(rows)).map { row, image in
            try preprocess(image, RandomStream(seed: seed, purpose: .preprocessing, epoch: epoch, index: row))
        }
        return Batch(
            inputs: [try stacked(pictures, rows, epoch: epoch)],
            targets: [Tensor](repeating: targets(rows), count: outputs), rows: rows)
    }

    /// The images of these rows, as they are in the file. Without an order of its own, an epoch has the file's order.
    private func stored(_ rows: [Int]) throws -> [Tensor] {
        func read<Value: HDF5Scalar>(as type: Value.Type) throws -> [Value] {
            order == nil
                ? try images.read(as: type, rows: rows[0]..<rows[0] + rows.count)
                : try rows.flatMap { try images.read(as: type, rows: $0..<$0 + 1) }
        }
        let size = imageShape.count
        let places = rows.indices.map { $0 * size..<($0 + 1) * size }
        if holdsBytes {
            let bytes = try read(as: UInt8.self)
            return places.map { ByteConversion.plain.tensor(bytes[$0], shape: imageShape) }
        }
        let floats = try read(as: Float.self)
        if let scalar = floats.firstIndexThatIsNotFinite {
            throw DatasetError(
                "\(path): the data are not finite: sample \(rows[scalar / size]) of \(dataKey), counted from 0, holds an "
                    + "infinity or a NaN; build the data set again, or leave it out")
        }
        return places.map { Tensor(shape: imageShape, scalars: Array(floats[$0])) }
    }

    /// One tensor of all images, augmented.
    private func stacked(_ pictures: [Tensor], _ rows: [Int], epoch: Int) throws -> Tensor {
        let shape = pictures[0].shape
        var scalars: [Float] = []
        scalars.reserveCapacity(rows.count * shape.count)
        for (picture, row) in zip(pictures, rows) {
            guard picture.shape == shape else {
                throw DatasetError(
                    "\(path): preprocessing leaves images of different sizes, \(shape) and \(picture.shape)")
            }
            guard let augmentation else {
                scalars += picture.scalars
                continue
            }
            let change = augmentation.randomChange(
                seed: seed, epoch: epoch, index: row, height: shape[0], width: shape[1])
            scalars += augmentation.apply(change, to: picture).scalars
        }
        return Tensor(shape: shape.batched(rows.count), scalars: scalars)
    }

    private func targets(_ rows: [Int]) -> Tensor {
        guard binarize else { return Tensor(shape: [rows.count, 1], scalars: rows.map { Float(labels[$0]) }) }
        var targets = Tensor(repeating: 0, shape: [rows.count, classes])
        for (position, row) in rows.enumerated() { targets.scalars[position * classes + labels[row]] = 1 }
        return targets
    }

    /// Calls `body` with the batches of some epochs, one after the other: the book's `generator(passes=...)`.
    ///
    /// - Parameters:
    ///   - epochs: number of epochs.
    ///   - body: called with every batch.
    /// - Throws: an error of a batch or of `body`.
    public func forEachBatch(epochs: Int = 1, _ body: (Batch) throws -> Void) throws {
        for epoch in 0..<max(epochs, 0) {
            for step in 0..<stepsPerEpoch { try body(batch(epoch: epoch, step: step)) }
        }
    }

    /// All images of the first epoch, preprocessed, with their labels. They are read when they are needed, a batch at a
    /// time.
    public var labeledImages: some Sequence<Result<(image: Tensor, label: Int), any Error>> {
        (0..<stepsPerEpoch).lazy.flatMap { step -> [Result<(image: Tensor, label: Int), any Error>] in
            do {
                let batch = try self.batch(epoch: 0, step: step)
                let images = batch.inputs[0]
                return (batch.rows ?? []).enumerated().map { position, row in
                    let image = images[rows: position..<position + 1].reshaped(to: images.shape.sample)
                    return .success((image, self.labels[row]))
                }
            } catch { return [.failure(error)] }
        }
    }

    /// Closes the file. Later batches throw an error.
    ///
    /// - Throws: `HDF5Error`.
    public func close() throws { try database.close() }
}
