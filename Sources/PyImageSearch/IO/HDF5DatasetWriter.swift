import Dispatch
import Foundation
import HDF5
import Imaging
import Synchronization
import System
import Tensors

/// Writes samples and their labels to an HDF5 file, through a buffer: the book's `HDF5DatasetWriter`.
///
/// The file appears under its name when it is closed, whole. It holds `images` (or `dataKey`), `labels` (int64) and, if
/// stored, `label_names`. The book stores float64. Pixels that are bytes lose nothing as `uint8`, take an eighth of the
/// space (Tiny ImageNet: 1.1 GB instead of 8.8), and are converted by readers.
public final class HDF5DatasetWriter {
    /// The shape of all data, samples first.
    public let dims: [Int]
    private let file: UnfinishedFile
    private let database: HDF5File
    private let data: HDF5Dataset
    private let labels: HDF5Dataset
    private let elementType: ElementType
    private let bufferSize: Int
    private let rowSize: Int
    /// Samples in a block, which is allocated when it is written; `nil` if the data are in one piece.
    public let chunkRows: Int?
    private var buffer: (data: Values, labels: [Int]) = (.bytes([]), [])
    private var index = 0
    /// Bytes of the finished file.
    private var size: Int?
    /// Writes one buffer while the next one fills.
    private let behind = WriteBehind()

    /// Begins the file, and reserves its space if the data are stored in one piece.
    ///
    /// - Parameters:
    ///   - dims: the shape of all data, samples first, as `[90000, 64, 64, 3]`.
    ///   - outputPath: of the file.
    ///   - dataKey: the name of the data in the file.
    ///   - elementType: the type in which values are stored.
    ///   - chunkRows: samples in a block, the least that can be read at once; `nil` for data in one piece, or for one sample
    ///     in each block if they are compressed.
    ///   - compression: of the blocks; `nil` for none.
    ///   - bufferSize: samples in the buffer; at least 1.
    ///   - overwrite: whether an existing file is replaced, once the new one is whole.
    /// - Throws: ``HDF5DatasetError`` if the file exists, ``DatasetError`` for a shape without samples, `FileError` or
    ///   `HDF5Error` if the file cannot be written.
    public init(
        dims: [Int], outputPath: String, dataKey: String = "images", elementType: ElementType = .uint8,
        chunkRows: Int? = nil, compression: HDF5Compression? = nil, bufferSize: Int = 1000, overwrite: Bool = false
    ) throws {
        try Self.checkFree(outputPath, overwrite: overwrite)
        guard let samples = dims.first, samples > 0, dims.allSatisfy({ $0 > 0 }) else {
            throw DatasetError("a data set of shape \(dims) has no samples to write to \(outputPath)")
        }
        guard Shape(Array(dims.dropFirst())).isCountable, samples <= 1 << 40 else {
            throw DatasetError("a data set of shape \(dims) is too large to write to \(outputPath)")
        }
        self.dims = dims
        self.elementType = elementType
        self.bufferSize = max(1, bufferSize)
        rowSize = dims.dropFirst().reduce(1, *)
        let chunkRows = (chunkRows ?? (compression == nil ? nil : 1)).map { min(max($0, 1), samples) }
        if let chunkRows, chunkRows > Self.largestChunk / elementType.size / rowSize {
            throw DatasetError(
                "a block of \(counted(chunkRows, "sample")) of \(Array(dims.dropFirst())) has more than "
                    + "\(Self.largestChunk >> 20) MB, and can only be read as a whole: take fewer")
        }
        self.chunkRows = chunkRows
        file = try UnfinishedFile(outputPath)
        // Fail now, not after an hour, if the disk is too small; and libhdf5 does not survive a failed write.
        let (bytes, overflow) = samples.multipliedReportingOverflow(
            by: rowSize * elementType.size + ElementType.int64.size)
        let size = overflow ? Int.max : bytes &+ (1 << 20)
        if chunkRows == nil { try file.reserve(bytes: size) }
        database = try HDF5File(creating: file.temporary)
        // A block is allocated when it is written: its size is not known before, and the last one is padded with zeros.
        data = try database.root.createDataset(
            dataKey, shape: dims, type: elementType,
            chunk: chunkRows.map { [$0] + dims.dropFirst() }, compression: compression,
            allocatesEarly: chunkRows == nil)
        labels = try database.root.createDataset("labels", shape: [samples], type: .int64, allocatesEarly: true)
        // Creating the file has released the space.
        if chunkRows == nil { try file.reserve(bytes: size) }
    }

    /// In bytes. Whoever reads or writes a sample of a block holds all of it in memory.
    private static let largestChunk = 1 << 28

    /// Checks that a file may be written.
    ///
    /// - Parameters:
    ///   - outputPath: of the file.
    ///   - overwrite: whether it may exist.
    /// - Throws: ``HDF5DatasetError`` if the file exists and must not be replaced.
    public static func checkFree(_ outputPath: String, overwrite: Bool = false) throws {
        // Nobody should be told to delete a folder. Writing will say that it is one.
        guard overwrite || !FileSystem.exists(outputPath) || FileSystem.isFolder(outputPath) else {
            throw HDF5DatasetError.exists(outputPath)
        }
    }

    /// Checks that all files of a data set may be written.
    ///
    /// - Parameters:
    ///   - files: of the data set.
    ///   - overwrite: whether they may exist.
    /// - Throws: ``HDF5DatasetError`` naming the first file that exists and must not be replaced, or an interrupted
    ///   build.
    public static func checkFree(_ files: [String], overwrite: Bool) throws {
        func isThere(_ file: String) -> Bool { FileSystem.exists(file) }
        if !overwrite, let found = files.first(where: isThere), let missing = files.first(where: { !isThere($0) }) {
            throw HDF5DatasetError.incomplete(found: found, missing: missing)
        }
        for file in files { try checkFree(file, overwrite: overwrite) }
    }

    /// Adds samples of bytes with their labels.
    ///
    /// - Parameters:
    ///   - rows: the samples' values, one sample after the other.
    ///   - labels: one for each sample.
    /// - Throws: ``DatasetError`` if these are not whole samples, if they are too many, or after samples of floats; `HDF5Error`
    ///   if they cannot be written.
    public func add(_ rows: [UInt8], labels: [Int]) throws { try add(.bytes(rows), labels) }

    /// Adds samples of floats with their labels.
    ///
    /// - Parameters:
    ///   - rows: the samples' values, one sample after the other.
    ///   - labels: one for each sample.
    /// - Throws: ``DatasetError`` if these are not whole samples, if they are too many, after samples of bytes, or if the file
    ///   stores whole numbers; `HDF5Error` if they cannot be written.
    public func add(floats rows: [Float], labels: [Int]) throws {
        guard elementType == .float32 || elementType == .float64 else {
            throw DatasetError("\(file.path) stores \(elementType), which would round the floats that are added")
        }
        try add(.floats(rows), labels)
    }

    private func add(_ rows: Values, _ labels: [Int]) throws {
        guard rows.count == labels.count * rowSize else {
            throw DatasetError("\(rows.count) values are not \(labels.count) samples of \(rowSize) each")
        }
        guard index + buffer.labels.count + labels.count <= dims[0] else {
            throw DatasetError("\(file.path) has room for \(counted(dims[0], "sample")), but is given more")
        }
        guard buffer.data.append(rows) else {
            throw DatasetError("\(file.path) is given samples of floats and of bytes: add one kind")
        }
        buffer.labels += labels
        if buffer.labels.count >= bufferSize { try flush() }
    }

    private func flush() throws {
        let rows = index..<index + buffer.labels.count
        index = rows.upperBound
        let full = buffer
        buffer = (full.data.emptied, [])
        if let chunkRows {
            try behind.wait()
            // With the blocks at both ends, and their places in the index. What gzip cannot compress grows a little.
            let bytes = (rows.count + 2 * chunkRows) * (rowSize * elementType.size + 256)
            try file.reserve(bytes: database.sizeWhenClosed() + bytes + bytes / 500 + (1 << 20))
        }
        try behind.run { [data, labels, elementType] in
            switch full.data {
            case .floats(let floats): try data.write(floats, rows: rows)
            case .bytes(let bytes) where elementType == .uint8: try data.write(bytes, rows: rows)
            case .bytes(let bytes): try Self.write(bytes, as: elementType, to: data, rows: rows)
            }
            try labels.write(full.labels, rows: rows)
        }
    }

    /// Converts values and writes them in pieces that fit into the processor's cache. The HDF5 library's own conversion
    /// takes several times as long.
    private static func write(
        _ values: [UInt8], as type: ElementType, to data: HDF5Dataset, rows: Range<Int>
    ) throws {
        let rowSize = values.count / max(rows.count, 1)
        let rowsPerPiece = max(1, (1 << 20) / max(rowSize * type.size, 1))
        for first in stride(from: 0, to: rows.count, by: rowsPerPiece) {
            let last = min(first + rowsPerPiece, rows.count)
            let piece = values[first * rowSize..<last * rowSize]
            let target = rows.lowerBound + first..<rows.lowerBound + last
            switch type {
            case .uint8: try data.write(Array(piece), rows: target)
            case .float32:
                let images = ByteConversion.plain.tensor(piece, shape: [target.count, rowSize])
                try data.write(images.scalars, rows: target)
            case .float64: try data.write(piece.map(Double.init), rows: target)
            case .int32, .int64: try data.write(piece.map(Int.init), rows: target)
            }
        }
    }

    /// Stores the names of the classes.
    ///
    /// - Parameter classLabels: by label.
    /// - Throws: `HDF5Error`.
    public func storeClassLabels(_ classLabels: [String]) throws {
        try database.root.createStrings("label_names", classLabels)
    }

    /// Stores where features come from.
    ///
    /// - Throws: `HDF5Error`.
    public func storeOrigin(_ origin: FeaturesFile.Origin) throws {
        let attributes = database.root.attributes
        try attributes.set("dataset", origin.dataset)
        try attributes.set("body", origin.body)
        if let speed = origin.imagesPerSecond { try attributes.set("images_per_second", speed) }
    }

    /// Writes the rest of the buffer, and puts the file in its place.
    ///
    /// - Throws: ``DatasetError`` if samples are missing, `FileError` or `HDF5Error` if the disk fails.
    public func close() throws {
        if size == nil { try complete() }
        try file.finish(size: size)
    }

    /// Writes the rest of the buffer. The file is whole, but gets its place only from ``close()``.
    ///
    /// - Throws: ``DatasetError`` if samples are missing, `FileError` or `HDF5Error` if the disk fails.
    public func complete() throws {
        try flush()
        try behind.wait()
        guard index == dims[0] else {
            throw DatasetError("\(file.path) was to hold \(counted(dims[0], "sample")), but was given \(index)")
        }
        size = try database.sizeWhenClosed()
        try database.close()
    }

    deinit {
        try? behind.wait()
        try? database.close()
    }
}

/// Samples in the buffer.
private enum Values: Sendable {
    case bytes([UInt8])
    case floats([Float])

    var count: Int {
        switch self {
        case .bytes(let bytes): bytes.count
        case .floats(let floats): floats.count
        }
    }

    /// No values of the same kind, with room for as many.
    var emptied: Values {
        switch self {
        case .bytes(var bytes):
            bytes.removeAll(keepingCapacity: true)
            return .bytes(bytes)
        case .floats(var floats):
            floats.removeAll(keepingCapacity: true)
            return .floats(floats)
        }
    }

    /// Appends values of the same kind.
    ///
    /// - Returns: `false` if they are of the other kind.
    mutating func append(_ values: Values) -> Bool {
        switch (self, values) {
        case (.bytes(var own), .bytes(let others)):
            self = .bytes([])
            own += others
            self = .bytes(own)
        case (.floats(var own), .floats(let others)):
            self = .floats([])
            own += others
            self = .floats(own)
        case _ where count == 0: self = values
        default: return false
        }
        return true
    }
}

/// One piece of work at a time, on another thread.
private final class WriteBehind: Sendable {
    private let queue = DispatchQueue(label: "HDF5DatasetWriter")
    private let failure = Mutex<(any Error)?>(nil)

    /// Waits for the last piece of work, then starts this one.
    ///
    /// - Throws: the error of the last piece of work.
    func run(_ work: @escaping @Sendable () throws -> Void) throws {
        try wait()
        queue.async { [self] in
            do { try work() } catch { failure.withLock { $0 = error } }
        }
    }

    func wait() throws {
        queue.sync {}
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
