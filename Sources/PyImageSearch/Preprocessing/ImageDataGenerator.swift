import ComputeGraph
import Imaging
import NeuralNetwork
import System
import Tensors

/// Random changes to training images that keep their labels: Keras's `ImageDataGenerator`.
///
/// Every image of every epoch is rotated, shifted, sheared and zoomed by its own random amounts, then perhaps mirrored.
/// At last a square may be erased, which Keras's does not do. The amounts are a pure function of (seed, epoch, sample).
/// The changes are composed in Keras's order, around the exact center, with shifts of rows as shifts of rows; every
/// generation of Keras has an error in one of these.
public struct ImageDataGenerator: Described {
    /// The largest rotation in degrees, in both directions.
    public var rotationRange: Double
    /// The largest horizontal shift, in both directions: a fraction of the width if below 1, else pixels.
    public var widthShiftRange: Double
    /// The largest vertical shift, in both directions: a fraction of the height if below 1, else pixels.
    public var heightShiftRange: Double
    /// Whether shifts are whole numbers of pixels, all equally likely. Nothing is interpolated then: the image is a
    /// random crop of a padded one.
    public var shiftsByWholePixels: Bool
    /// The largest shear in degrees, in both directions. The documents' 0.15 was in radians in their Keras: 8.6
    /// degrees.
    public var shearRange: Double
    /// The range of zoom factors, drawn separately for rows and columns; a factor below 1 magnifies.
    public var zoomRange: ClosedRange<Double>
    /// Whether half of the images are mirrored left to right.
    public var horizontalFlip: Bool
    /// Whether half of the images are mirrored top to bottom.
    public var verticalFlip: Bool
    /// The side of the square that becomes 0 in every image, in pixels; 0 for none: `cutout` (DeVries and Taylor, 2017).
    /// Its center may be any pixel, so that a part of the square may lie outside of the image. With normalized pixels, 0
    /// is their mean.
    public var cutout: Int
    /// The pixels outside of the image.
    public var fillMode: FillMode
    /// What lies between pixels. Keras took the nearest pixel before version 2.1.4. Its mean of four since then makes
    /// training images smoother than the images of a test.
    public var interpolationOrder: SplineOrder

    /// By default nothing is changed. The program ends with one line if `zoomRange` is not finite, or `cutout` negative.
    ///
    /// - Parameters:
    ///   - rotationRange: the largest rotation in degrees.
    ///   - widthShiftRange: the largest horizontal shift: a fraction of the width if below 1, else pixels.
    ///   - heightShiftRange: the largest vertical shift: a fraction of the height if below 1, else pixels.
    ///   - shiftsByWholePixels: whether shifts are whole numbers of pixels.
    ///   - shearRange: the largest shear in degrees.
    ///   - zoomRange: z stands for factors from 1 - z to 1 + z.
    ///   - horizontalFlip: whether half of the images are mirrored left to right.
    ///   - verticalFlip: whether half of the images are mirrored top to bottom.
    ///   - cutout: the side of the square that becomes 0, in pixels.
    ///   - fillMode: the pixels outside of the image.
    ///   - interpolationOrder: what lies between pixels.
    public init(
        rotationRange: Double = 0, widthShiftRange: Double = 0, heightShiftRange: Double = 0,
        shiftsByWholePixels: Bool = false, shearRange: Double = 0, zoomRange: Double = 0, horizontalFlip: Bool = false,
        verticalFlip: Bool = false, cutout: Int = 0, fillMode: FillMode = .nearest,
        interpolationOrder: SplineOrder = .linear
    ) {
        guard cutout >= 0 else { stop("ImageDataGenerator: a square to cut out cannot have a side of \(cutout)") }
        guard zoomRange.isFinite else { stop("ImageDataGenerator: \(zoomRange) is not a range to zoom by") }
        self.rotationRange = rotationRange
        self.widthShiftRange = widthShiftRange
        self.heightShiftRange = heightShiftRange
        self.shiftsByWholePixels = shiftsByWholePixels
        self.shearRange = shearRange
        self.zoomRange = 1 - abs(zoomRange)...1 + abs(zoomRange)
        self.horizontalFlip = horizontalFlip
        self.verticalFlip = verticalFlip
        self.cutout = cutout
        self.fillMode = fillMode
        self.interpolationOrder = interpolationOrder
    }

    /// Keras's arguments, `shifts_by_whole_pixels`, and `cutout` if there is one. Bilinear interpolation is not mentioned.
    public var described: JSON {
        JSON(
            className: "ImageDataGenerator",
            config: [
                "rotation_range": .number(rotationRange), "width_shift_range": .number(widthShiftRange),
                "height_shift_range": .number(heightShiftRange), "shifts_by_whole_pixels": .bool(shiftsByWholePixels),
                "shear_range": .number(shearRange), "zoom_range": JSON([zoomRange.lowerBound, zoomRange.upperBound]),
                "horizontal_flip": .bool(horizontalFlip), "vertical_flip": .bool(verticalFlip),
            ].merging(filling.merging(erasing.merging(interpolating) { $1 }) { $1 }) { $1 })
    }

    private var interpolating: [String: JSON] {
        interpolationOrder == .linear ? [:] : ["interpolation_order": JSON(interpolationOrder.rawValue)]
    }

    private var erasing: [String: JSON] { cutout == 0 ? [:] : ["cutout": .number(Double(cutout))] }

    /// Keras's `fill_mode`, and `cval` if it has an effect.
    private var filling: [String: JSON] {
        switch fillMode {
        case .nearest: ["fill_mode": "nearest"]
        case .constant(let value): ["fill_mode": "constant", "cval": .number(Double(value))]
        case .reflect: ["fill_mode": "reflect"]
        case .wrap: ["fill_mode": "wrap"]
        }
    }

    /// Batches of changed images: Keras's `flow`.
    ///
    /// The program ends with one line if the shapes do not fit or the batch size is not positive.
    ///
    /// - Parameters:
    ///   - images: `[samples, height, width, channels]`, floats or bytes.
    ///   - labels: `[samples, classes]`; `nil` if the batches need no targets.
    ///   - batchSize: samples in every batch; the last one of an epoch may have fewer.
    ///   - shuffle: whether every epoch has another order.
    ///   - seed: determines orders and changes.
    public func flow(
        _ images: some ImageArray, _ labels: Tensor? = nil, batchSize: Int = 32, shuffle: Bool = true, seed: UInt64 = 42
    ) -> AugmentedBatches {
        AugmentedBatches(
            images: images, labels: labels, generator: self, batchSize: batchSize, shuffle: shuffle, seed: seed)
    }

    /// The change of one image.
    public struct Change: Sendable, Equatable {
        /// Applied first, by interpolation.
        public var transform: AffineTransform
        /// Whether left and right are exchanged.
        public var isMirrored: Bool
        /// Whether top and bottom are exchanged.
        public var isUpsideDown: Bool
        /// The rows and columns of the result whose pixels become 0, last of all; none if one of them is empty.
        public var erasedRows: Range<Int>, erasedColumns: Range<Int>

        /// - Parameters:
        ///   - transform: applied first.
        ///   - isMirrored: whether left and right are exchanged.
        ///   - isUpsideDown: whether top and bottom are exchanged.
        ///   - erasedRows: rows that become 0, inside the image.
        ///   - erasedColumns: columns that become 0, inside the image.
        public init(
            transform: AffineTransform, isMirrored: Bool, isUpsideDown: Bool, erasedRows: Range<Int> = 0..<0,
            erasedColumns: Range<Int> = 0..<0
        ) {
            self.transform = transform
            self.isMirrored = isMirrored
            self.isUpsideDown = isUpsideDown
            self.erasedRows = erasedRows
            self.erasedColumns = erasedColumns
        }
    }

    /// The change of sample `index` in `epoch`. The program ends with one line if a range is not finite.
    ///
    /// - Parameters:
    ///   - seed: determines all changes.
    ///   - epoch: counted from 0.
    ///   - index: the sample's place in the data set.
    ///   - height: of the image, in pixels.
    ///   - width: of the image, in pixels.
    public func randomChange(seed: UInt64, epoch: Int, index: Int, height: Int, width: Int) -> Change {
        guard rotationRange.isFinite, widthShiftRange.isFinite, heightShiftRange.isFinite, shearRange.isFinite else {
            stop(
                "ImageDataGenerator: rotationRange \(rotationRange), widthShiftRange \(widthShiftRange), heightShiftRange "
                    + "\(heightShiftRange) and shearRange \(shearRange) must be finite")
        }
        let stream = RandomStream(seed: seed, purpose: .augmentation, epoch: epoch, index: index)
        func symmetric(_ element: Int, _ range: Double) -> Double {
            range == 0 ? 0 : stream.uniform(element, in: -abs(range)...abs(range))
        }
        func shift(_ element: Int, _ range: Double, _ size: Int) -> Double {
            let pixels = abs(range < 1 ? range * Double(size) : range)
            guard shiftsByWholePixels else { return symmetric(element, pixels) }
            let most = pixels.rounded(.down)
            return (stream.uniform(element, in: 0...1) * (2 * most + 1)).rounded(.down) - most
        }
        let rotation = symmetric(0, rotationRange)
        let rows = shift(1, heightShiftRange, height)
        let columns = shift(2, widthShiftRange, width)
        let shear = symmetric(3, shearRange)
        let zoom = (stream.uniform(4, in: zoomRange), stream.uniform(5, in: zoomRange))

        var transform = AffineTransform.identity
        if rotation != 0 { transform = transform * .rotation(degrees: rotation) }
        if rows != 0 || columns != 0 { transform = transform * .shift(rows: rows, columns: columns) }
        if shear != 0 { transform = transform * .shear(degrees: shear) }
        if zoom != (1, 1) { transform = transform * .zoom(rows: zoom.0, columns: zoom.1) }
        if transform != .identity { transform = transform.centered(height: height, width: width) }
        /// The square's rows, or columns, inside the image.
        func erased(_ element: Int, _ size: Int) -> Range<Int> {
            guard cutout > 0 else { return 0..<0 }
            // A larger side also erases everything.
            let side = min(cutout, 2 * size)
            let first = stream.place(element, among: size) - side / 2
            return (first..<first + side).clamped(to: 0..<size)
        }
        return Change(
            transform: transform, isMirrored: horizontalFlip && stream.uniform(6) < 0.5,
            isUpsideDown: verticalFlip && stream.uniform(7) < 0.5, erasedRows: erased(8, height),
            erasedColumns: erased(9, width))
    }

    /// Applies a change to an image `[height, width, channels]`: warps it, mirrors it, turns it upside down, and erases a
    /// part.
    public func apply(_ change: Change, to image: Tensor) -> Tensor {
        let scalars = [Float](unsafeUninitializedCapacity: image.count) { buffer, count in
            image.scalars.withUnsafeBufferPointer { source in
                guard let source = source.baseAddress, let target = buffer.baseAddress else { return }
                apply(
                    change, to: source, into: target, height: image.shape[0], width: image.shape[1],
                    channels: image.shape[2])
            }
            count = image.count
        }
        return Tensor(shape: image.shape, scalars: scalars)
    }

    fileprivate func apply(
        _ change: Change, to image: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, height: Int,
        width: Int, channels: Int
    ) {
        warp(
            image, into: result, height: height, width: width, channels: channels, by: change.transform,
            fillMode: fillMode, order: interpolationOrder)
        let row = width * channels
        if change.isMirrored {
            for i in 0..<height {
                let row = result + i * row
                for j in 0..<width / 2 {
                    for c in 0..<channels {
                        let (left, right) = (j * channels + c, (width - 1 - j) * channels + c)
                        (row[left], row[right]) = (row[right], row[left])
                    }
                }
            }
        }
        if change.isUpsideDown {
            for i in 0..<height / 2 {
                let (upper, lower) = (result + i * row, result + (height - 1 - i) * row)
                for j in 0..<row { (upper[j], lower[j]) = (lower[j], upper[j]) }
            }
        }
        let columns = change.erasedColumns.clamped(to: 0..<width)
        for i in change.erasedRows.clamped(to: 0..<height) {
            (result + i * row + columns.lowerBound * channels).update(repeating: 0, count: columns.count * channels)
        }
    }
}

/// The batches of ``ImageDataGenerator/flow(_:_:batchSize:shuffle:seed:)``.
public struct AugmentedBatches: BatchGenerator {
    let images: any ImageArray
    private let labels: Tensor?
    private let generator: ImageDataGenerator
    private let order: EpochOrder?
    private let seed: UInt64
    /// Samples in every batch; the last one of an epoch may have fewer.
    public let batchSize: Int
    /// Samples in one epoch.
    public var sampleCount: Int { images.shape[0] }

    init(
        images: any ImageArray, labels: Tensor?, generator: ImageDataGenerator, batchSize: Int, shuffle: Bool,
        seed: UInt64
    ) {
        guard images.shape.rank == 4 else {
            stop("images must have the shape (samples, height, width, channels), not \(images.shape)")
        }
        if let labels, images.shape[0] != labels.rowCount {
            stop("\(images.shape[0]) images cannot have \(labels.rowCount) rows of labels")
        }
        guard batchSize > 0 else { stop("a batch needs at least one sample, not \(batchSize)") }
        self.images = images
        self.labels = labels
        self.generator = generator
        self.batchSize = batchSize
        self.seed = seed
        order = shuffle ? EpochOrder(count: images.shape[0], seed: seed) : nil
    }

    /// The batch of a step: images `[batch, height, width, channels]` and, if there are any, labels `[batch, classes]`.
    ///
    /// - Throws: `TrainingError` for a step that an epoch does not have.
    public func batch(epoch: Int, step: Int) throws -> Batch {
        batch(of: try rows(ofStep: step, epoch: epoch, in: order), epoch: epoch)
    }

    /// Some samples of the batch of a step.
    ///
    /// - Throws: `TrainingError` for a step that an epoch does not have, or samples that a step does not have.
    public func batch(epoch: Int, step: Int, samples: Range<Int>) throws -> Batch {
        batch(of: try rows(ofStep: step, samples: samples, epoch: epoch, in: order), epoch: epoch)
    }

    private func batch(of rows: [Int], epoch: Int) -> Batch {
        Batch(inputs: [tensor(rows, epoch: epoch)], targets: targets(rows), rows: rows)
    }

    /// The same batch with the images' bytes and changes; `nil` if the images are floats.
    ///
    /// - Throws: `TrainingError` for a step that an epoch does not have.
    public func storedBatch(epoch: Int, step: Int) throws -> Batch? {
        guard let images = images as? ByteImages else { return nil }
        let rows = try rows(ofStep: step, epoch: epoch, in: order)
        let stored = try StoredImages(
            images.gathered(rows: rows), changes: rows.map { change($0, epoch: epoch) }, fillMode: generator.fillMode,
            order: generator.interpolationOrder
        ) { tensor(rows, epoch: epoch) }
        return stored.map { Batch(images: $0, targets: targets(rows), rows: rows) }
    }

    private func change(_ row: Int, epoch: Int) -> ImageDataGenerator.Change {
        generator.randomChange(seed: seed, epoch: epoch, index: row, height: images.shape[1], width: images.shape[2])
    }

    private func targets(_ rows: [Int]) -> [Tensor] { labels.map { [$0.gathered(rows: rows)] } ?? [] }

    private func tensor(_ rows: [Int], epoch: Int) -> Tensor {
        let (height, width, channels) = (images.shape[1], images.shape[2], images.shape[3])
        let size = height * width * channels
        let scalars = [Float](unsafeUninitializedCapacity: rows.count * size) { buffer, count in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: size) { image in
                guard let image = image.baseAddress, let target = buffer.baseAddress else { return }
                for (position, row) in rows.enumerated() {
                    images.copyImage(row, to: image)
                    generator.apply(
                        change(row, epoch: epoch), to: image, into: target + position * size, height: height,
                        width: width, channels: channels)
                }
            }
            count = rows.count * size
        }
        return Tensor(shape: images.shape.sample.batched(rows.count), scalars: scalars)
    }
}
