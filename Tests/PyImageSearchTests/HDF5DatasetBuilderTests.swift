import Foundation
import HDF5
import Imaging
import PyImageSearch
import Synchronization
import Tensors
import Testing

/// What the programs that build data sets have in common. The images are made, not read: a path is a number.
@Suite struct HDF5DatasetBuilderTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    private var means: String { "\(folder)/means.json" }

    private struct Unreadable: Error, Equatable {
        let path: String
    }

    /// An image of one color, which the number in its path gives.
    private static func image(_ path: String, side: Int = 2) throws -> Image {
        guard let number = UInt8(path) else { throw Unreadable(path: path) }
        let color = [number, 2 * number, 255 - number]
        return Image(height: side, width: side, pixels: (0..<side * side).flatMap { _ in color })
    }

    private func builder(
        side: Int = 2, type: ElementType = .uint8, jobs: Int = 2, skips: Bool = false, overwrites: Bool = false,
        train: [(String, Int)] = [("10", 0), ("20", 1), ("60", 0)], test: [(String, Int)] = [("100", 1)],
        chunkRows: Int? = nil, compression: HDF5Compression? = nil,
        read: @escaping @Sendable (String, (String) -> Void) throws -> Image = { path, _ in try image(path) }
    ) throws -> HDF5DatasetBuilder {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var builder = HDF5DatasetBuilder(
            side: side, classNames: ["cat", "dog"], source: "pets", elementType: type, chunkRows: chunkRows,
            compression: compression, jobs: jobs, skipsUnreadable: skips, overwrites: overwrites)
        func pictures(_ samples: [(String, Int)]) -> PictureDataset {
            let names = samples.map(\.0)
            return PictureDataset(classNames: ["cat", "dog"], labels: samples.map(\.1), names: names) {
                try read(names[$0], $1)
            }
        }
        builder.add("train", pictures(train), to: "\(folder)/train.hdf5")
        builder.add("test", pictures(test), to: "\(folder)/test.hdf5")
        return builder
    }

    private var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    private func contents(_ name: String) -> Data? { FileManager.default.contents(atPath: "\(folder)/\(name)") }

    @Test(arguments: [ElementType.uint8, .float32, .float64])
    func allSetsAreStoredAndTheMeansAreThoseOfTheFirst(type: ElementType) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let built = try builder(type: type).build(means: means)
        #expect(built == ChannelMeans(red: 30, green: 60, blue: 225, classNames: ["cat", "dog"]))
        let filed = try ChannelMeans(contentsOf: means)
        #expect((filed.red, filed.green, filed.blue) == (30, 60, 225) && filed.classNames == ["cat", "dog"])
        #expect(files == ["means.json", "test.hdf5", "train.hdf5"])
        let train = try HDF5File(reading: "\(folder)/train.hdf5").root
        #expect(try train.dataset("images").shape == [3, 2, 2, 3])
        let pixels = try train.dataset("images").read(as: UInt8.self)
        #expect(pixels == (try ["10", "20", "60"].flatMap { try Self.image($0).pixels }))
        #expect(try train.dataset("labels").read(as: Int.self) == [0, 1, 0])
        #expect(try train.dataset("label_names").readStrings() == ["cat", "dog"])
        #expect(try HDF5File(reading: "\(folder)/test.hdf5").root.dataset("labels").read(as: Int.self) == [1])
    }

    /// Eight images of this size are a chunk.
    @Test func theNumberOfThreadsDoesNotChangeTheBytes() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let train = (0..<19).map { ("\($0)", $0 % 2) }
        func build(jobs: Int) throws -> Data? {
            try builder(side: 1024, jobs: jobs, overwrites: true, train: train) { path, _ in
                try Self.image(path, side: 1024)
            }.build(means: means)
            return contents("train.hdf5")
        }
        let one = try build(jobs: 1)
        #expect(try one != nil && build(jobs: 3) == one)
        let images = try HDF5File(reading: "\(folder)/train.hdf5").root.dataset("images").read(as: UInt8.self)
        let stored = stride(from: 0, to: images.count, by: 3 << 20).map { Int(images[$0]) }
        #expect(stored == Array(0..<19))
    }

    @Test func whatCannotBeDecodedIsLeftOutOrEndsTheBuild() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let train = [("10", 0), ("broken", 1), ("30", 1)]
        #expect(throws: Unreadable(path: "broken")) {
            try builder(train: train).build(means: means)
        }
        #expect(files.isEmpty)
        let told = Mutex<[String]>([])
        let built = try builder(skips: true, train: train) { path, warn in
            warn("\(path) ends too soon")
            told.withLock { $0.append(path) }
            return try Self.image(path)
        }.build(means: means)
        #expect(built.red == 20)
        #expect(try HDF5File(reading: "\(folder)/train.hdf5").root.dataset("labels").read(as: Int.self) == [0, 1])
        // Those that are kept are decoded twice.
        #expect(told.withLock { $0.sorted() } == ["10", "10", "100", "100", "30", "30", "broken"])
    }

    @Test func aSetOrAClassWithoutImagesIsRefused() throws {
        func expect(
            _ error: HDF5DatasetError, _ builder: HDF5DatasetBuilder, location: SourceLocation = #_sourceLocation
        ) {
            #expect(throws: error, sourceLocation: location) { try builder.build(means: means) }
            #expect(files.isEmpty, sourceLocation: location)
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        expect(.noImages(set: "test", source: "pets"), try builder(test: []))
        expect(.noImages(set: "test", source: "pets"), try builder(skips: true, test: [("broken", 0)]))
        expect(.noTrainingImages(of: "dog"), try builder(train: [("10", 0)]))
        expect(.noTrainingImages(of: "cat"), try builder(skips: true, train: [("broken", 0), ("10", 1)]))
        expect(.wrongSize("10", width: 2, height: 2, side: 3), try builder(side: 3))
    }

    /// A build that fails at its last set leaves all files of the one before, and its means.
    @Test func allFilesAreReplacedOrNone() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try builder().build(means: means)
        let before = ["means.json", "test.hdf5", "train.hdf5"].map(contents)
        func rebuild(_ builder: HDF5DatasetBuilder) throws {
            try builder.build(means: means)
        }
        #expect(throws: HDF5DatasetError.exists("\(folder)/train.hdf5")) { try rebuild(builder()) }
        #expect(throws: Unreadable.self) {
            try rebuild(builder(overwrites: true, train: [("1", 0), ("2", 1)], test: [("3", 0), ("broken", 1)]))
        }
        #expect(files == ["means.json", "test.hdf5", "train.hdf5"] && files.map(contents) == before)
        try rebuild(builder(overwrites: true, train: [("1", 0), ("2", 1)]))
        #expect(try ChannelMeans(contentsOf: means).red == 1.5)
    }

    /// As for Dogs vs. Cats, whose pictures are of any size.
    @Test func imagesCanBePreprocessed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try builder(side: 4) { path, _ in try Self.image(path, side: 9) }.build(means: means) {
            try AspectAwarePreprocessor(width: 4, height: 4).preprocess($0)
        }
        let images = try HDF5File(reading: "\(folder)/train.hdf5").root.dataset("images")
        #expect(try images.shape == [3, 4, 4, 3] && images.read(as: UInt8.self)[0] == 10)
    }

    /// Blocks of one image, of several, and of more than there are; noise, which gzip cannot compress, and flat images.
    @Test(arguments: [nil, 1, 4, 100] as [Int?], [ElementType.uint8, .float64])
    func compressedFilesHoldTheSameImages(chunkRows: Int?, type: ElementType) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let train = (0..<19).map { ("\($0)", $0 % 2) }
        @Sendable func image(_ path: String) throws -> Image {
            let number = Int(path) ?? 0
            guard number % 3 == 0 else { return try Self.image(path, side: 64) }
            let random = RandomStream(seed: 1, purpose: .drawing, index: number)
            return Image(height: 64, width: 64, pixels: (0..<64 * 64 * 3).map { UInt8(random.uniform($0) * 255) })
        }
        func bytes(_ compression: HDF5Compression?) throws -> Data? {
            try builder(
                side: 64, type: type, overwrites: true, train: train, chunkRows: chunkRows, compression: compression
            ) { path, _ in try image(path) }.build(means: means)
            return contents("train.hdf5")
        }
        let plain = try #require(try bytes(nil)), small = try #require(try bytes(.gzip()))
        // The bytes of floats are shuffled, or they would take 8.5 % here.
        #expect(small.count < plain.count * (type == .uint8 ? 75 : 7) / 100)
        #expect(try bytes(.gzip()) == small)
        let images = try HDF5File(reading: "\(folder)/train.hdf5").root.dataset("images")
        #expect(try images.read(as: UInt8.self) == train.flatMap { try image($0.0).pixels })
        #expect(try images.read(as: UInt8.self, rows: 18..<19) == image("18").pixels)
    }

    @Test func aBlockLargerThanHDF5AllowsIsRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: DatasetError.self) {
            try HDF5DatasetWriter(
                dims: [2_000_000, 64, 64, 3], outputPath: "\(folder)/large.hdf5", chunkRows: 1_000_000)
        }
        #expect("\(try #require(error))".contains("1000000 samples of [64, 64, 3] has more than 256 MB"))
        #expect(files.isEmpty)
    }

    @Test func aFileInTheWayIsNamed() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let (there, missing) = ("\(folder)/a", "\(folder)/b")
        try Data().write(to: URL(filePath: there))
        #expect(throws: HDF5DatasetError.incomplete(found: there, missing: missing)) {
            try HDF5DatasetWriter.checkFree([missing, there], overwrite: false)
        }
        #expect(throws: HDF5DatasetError.exists(there)) { try HDF5DatasetWriter.checkFree([there], overwrite: false) }
        try HDF5DatasetWriter.checkFree([missing, there], overwrite: true)
    }
}
