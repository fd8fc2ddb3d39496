import FixtureSupport
import Foundation
import HDF5
import Imaging
import NeuralNetwork
@testable import PyImageSearch
import ScikitLearn
import Tensors
import Testing

/// The writer's files, and the generator's batches of them.
@Suite struct HDF5DatasetTests {
    private let folder: String = {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        return folder
    }()
    private var path: String { "\(folder)/set.hdf5" }

    /// Ten images of 4x5 pixels; the first pixel of each is its number.
    private func write(
        _ type: ElementType = .uint8, bufferSize: Int = 3, labels: [Int] = [0, 1, 2, 0, 1, 2, 0, 1, 2, 0]
    ) throws {
        let writer = try HDF5DatasetWriter(
            dims: [10, 4, 5, 3], outputPath: path, elementType: type, bufferSize: bufferSize, overwrite: true)
        try writer.storeClassLabels(["ant", "bee", "ærøskøbing"])
        for first in stride(from: 0, to: 10, by: 2) {
            try writer.add((first..<first + 2).flatMap(pixels), labels: Array(labels[first..<first + 2]))
        }
        try writer.close()
    }

    private func pixels(of image: Int) -> [UInt8] { (0..<60).map { UInt8($0 == 0 ? image : (image * 60 + $0) % 251) } }

    @Test(arguments: [ElementType.uint8, .float32, .float64, .int32], [1, 3, 1000])
    func imagesReadAreTheImagesWritten(type: ElementType, bufferSize: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(type, bufferSize: bufferSize)
        let file = try HDF5File(reading: path)
        #expect(try file.root.dataset("images").shape == [10, 4, 5, 3])
        #expect(try file.root.dataset("images").read(as: UInt8.self) == (0..<10).flatMap(pixels))
        #expect(try file.root.dataset("labels").read(as: Int.self) == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
        #expect(try file.root.dataset("label_names").readStrings() == ["ant", "bee", "ærøskøbing"])
    }

    /// Bytes are read as bytes, and everything else as floats: a batch is the same.
    @Test(arguments: [ElementType.float32, .float64, .int32], [false, true])
    func batchesDoNotDependOnTheStoredType(type: ElementType, shuffle: Bool) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func batches(_ type: ElementType) throws -> [Tensor] {
            try write(type)
            let generator = try HDF5DatasetGenerator(
                path, batchSize: 4, preprocessors: [MeanPreprocessor(red: 100.1, green: 90.7, blue: 80)],
                shuffle: shuffle)
            #expect(try HDF5File(reading: path).root.dataset("images").holdsBytes() == (type == .uint8))
            return try (0..<3).map { try generator.batch(epoch: 1, step: $0).inputs[0] }
        }
        let bytes = try batches(.uint8)
        #expect(try batches(type) == bytes)
        #expect(bytes.map { $0.shape[0] } == [4, 4, 2])
    }

    /// The error names both files and the first class in which they differ. A file without names is accepted.
    @Test func otherClassesAreRefused() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func generator(
            _ names: [String]?, as training: HDF5DatasetGenerator? = nil, means: ChannelMeans? = nil
        ) throws -> HDF5DatasetGenerator {
            let path = "\(folder)/\(names?.joined() ?? "none").hdf5"
            let writer = try HDF5DatasetWriter(dims: [1, 2, 2, 3], outputPath: path, overwrite: true)
            if let names { try writer.storeClassLabels(names) }
            try writer.add([UInt8](repeating: 1, count: 12), labels: [0])
            try writer.close()
            return try HDF5DatasetGenerator(
                path, batchSize: 1, preprocessors: means.map { [$0.preprocessor] } ?? [], classesOf: training)
        }
        let training = try generator(["ant", "bee"])
        _ = try generator(["ant", "bee"], as: training)
        _ = try generator(nil, as: training)
        for (names, words) in [
            (["ant", "cow"], "class 1 is \"bee\" in the first and \"cow\" in the second"),
            (["bee", "ant"], "class 0 is \"ant\" in the first and \"bee\" in the second"),
            (["ant"], "class 1 is \"bee\" in the first and missing (it has 1 in all) in the second"),
            (["ant", "bee", "cow"], "class 2 is missing (it has 2 in all) in the first and \"cow\" in the second"),
        ] {
            #expect {
                try generator(names, as: training)
            } throws: {
                let message = "\($0)"
                return message.contains(words) && message.contains(training.path)
                    && message.contains("\(names.joined()).hdf5")
            }
        }
        // The means of a training set hold its classes; the book's own do not.
        let means = ChannelMeans(red: 1, green: 2, blue: 3, classNames: ["ant", "bee"])
        try means.write(to: "\(folder)/means.json")
        let read = try ChannelMeans(contentsOf: "\(folder)/means.json")
        _ = try generator(["ant", "bee"], means: read)
        _ = try generator(["ant", "cow"], means: ChannelMeans(red: 1, green: 2, blue: 3))
        #expect {
            try generator(["ant", "cow"], means: read)
        } throws: {
            $0 is ClassMismatchError && "\($0)".contains("\(folder)/means.json")
        }
    }

    @Test func anExistingFileIsKept() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write()
        let before = FileManager.default.contents(atPath: path)
        #expect { try HDF5DatasetWriter(dims: [1, 2], outputPath: path) } throws: { "\($0)".contains("already exists") }
        #expect(FileManager.default.contents(atPath: path) == before)
    }

    /// No file has the name before it is complete, and an earlier file stays.
    @Test func anUnfinishedFileHasNoName() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        do {
            let writer = try HDF5DatasetWriter(dims: [2, 3], outputPath: path)
            try writer.add([1, 2, 3], labels: [0])
            #expect { try writer.close() } throws: { "\($0)".contains("2 samples, but was given 1") }
            #expect(throws: DatasetError.self) { try writer.add([1, 2, 3, 4, 5, 6], labels: [0, 1]) }
            #expect(throws: DatasetError.self) { try writer.add([1, 2], labels: [0]) }
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    /// Before anything is written.
    @Test func aDiskThatIsTooSmallIsReported() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect { try HDF5DatasetWriter(dims: [1 << 32, 1 << 20], outputPath: path) } throws: {
            "\($0)".contains("set.hdf5: ") && !"\($0)".contains(".tmp")
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func batchesKeepTheOrderAndTheLastIsShorter() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write(.float64)
        let generator = try HDF5DatasetGenerator(path, batchSize: 4)
        #expect(generator.stepsPerEpoch == 3 && generator.classes == 3)
        var seen: [Float] = [], sizes: [Int] = []
        try generator.forEachBatch(epochs: 2) { batch in
            sizes.append(batch.count)
            let images = batch.inputs[0]
            for row in 0..<batch.count { seen.append(images[rows: row..<row + 1].scalars[0]) }
            #expect(batch.targets[0].shape == [batch.count, 3])
        }
        #expect(sizes == [4, 4, 2, 4, 4, 2])
        #expect(seen == (0..<20).map { Float($0 % 10) })
        let images = try generator.labeledImages.map { try $0.get() }
        #expect(images.map(\.label) == generator.labels && images.map(\.image.scalars[0]) == (0..<10).map(Float.init))
        #expect(images.allSatisfy { $0.image.shape == [4, 5, 3] })
        let first = try generator.batch(epoch: 0, step: 0)
        #expect(first.inputs[0].scalars == (0..<4).flatMap(pixels).map(Float.init))
        #expect(first.targets[0].scalars == [1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0])
        let plain = try HDF5DatasetGenerator(path, batchSize: 4, binarize: false)
        #expect(try plain.batch(epoch: 0, step: 0).targets[0] == Tensor(shape: [4, 1], scalars: [0, 1, 2, 0]))
    }

    @Test func everyEpochHasEveryImageOnceInAnotherOrder() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write()
        let generator = try HDF5DatasetGenerator(path, batchSize: 3, shuffle: true, seed: 5)
        func order(_ epoch: Int) throws -> [Float] {
            try (0..<generator.stepsPerEpoch).flatMap { step in
                let images = try generator.batch(epoch: epoch, step: step).inputs[0]
                return (0..<images.shape[0]).map { images[rows: $0..<$0 + 1].scalars[0] }
            }
        }
        #expect(try order(0).sorted() == (0..<10).map(Float.init))
        #expect(try order(0) != order(1) && order(1) == order(1))
        let limited = try HDF5DatasetGenerator(path, batchSize: 3, limit: 4)
        #expect(limited.sampleCount == 4 && limited.stepsPerEpoch == 2)
    }

    /// Preprocessors run first, in their order, then the augmentation. The result is the same for any thread at any
    /// time.
    @Test func imagesArePreprocessedThenAugmented() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try write()
        let steps: [any Preprocessor] = [
            SimplePreprocessor(width: 4, height: 4), MeanPreprocessor(red: 1, green: 2, blue: 3),
        ]
        let mirror = ImageDataGenerator(horizontalFlip: true)
        let generator = try HDF5DatasetGenerator(
            path, batchSize: 10, preprocessors: steps, augmentation: mirror, seed: 9)
        let batch = try generator.batch(epoch: 3, step: 0)
        #expect(batch.inputs[0].shape == [10, 4, 4, 3])
        for row in 0..<10 {
            let image = Tensor(Image(height: 4, width: 5, pixels: pixels(of: row)))
            var expected = try SimplePreprocessor(width: 4, height: 4).preprocess(image)
            expected = try MeanPreprocessor(red: 1, green: 2, blue: 3).preprocess(expected)
            let change = mirror.randomChange(seed: 9, epoch: 3, index: row, height: 4, width: 4)
            #expect(batch.inputs[0][rows: row..<row + 1].scalars == mirror.apply(change, to: expected).scalars)
        }
        #expect(try generator.batch(epoch: 3, step: 0).inputs == batch.inputs)
    }

    /// A file as the book's script writes it: no names of classes, pixels as 64-bit floats.
    @Test func aFileWithoutNamesHasAsManyClassesAsItsLabelsNeed() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = try HDF5File(creating: path)
        try file.root.createDataset("images", shape: [3, 2, 2, 3], type: .float64).write((0..<36).map(Double.init))
        try file.root.createDataset("labels", shape: [3], type: .int64).write([1, 3, 0])
        try file.close()
        let generator = try HDF5DatasetGenerator(path, batchSize: 3)
        #expect(generator.classes == 4 && generator.classNames == nil)
        #expect(try generator.batch(epoch: 0, step: 0).inputs[0].scalars == (0..<36).map(Float.init))
    }

    /// Rounded to whole numbers, they would be other classes.
    @Test(arguments: [1.5, -0.5, .nan, 1e30])
    func labelsMustBeWholeNumbers(label: Double) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/set.hdf5"
        let file = try HDF5File(creating: path)
        try file.root.createDataset("images", shape: [2, 1, 1, 3], type: .uint8).write([UInt8](repeating: 1, count: 6))
        try file.root.createDataset("labels", shape: [2], type: .float64).write([1, label])
        try file.close()
        let error = #expect(throws: DatasetError.self) { try HDF5DatasetGenerator(path, batchSize: 1) }
        #expect(
            error?.description.contains("label 1, counted from 0, is \(label)") == true, "\(error?.description ?? "")")
    }

    @Test func errorsOfAFileAreReported() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func message(_ make: () throws -> Void) -> String {
            do { try make() } catch { return "\(error)" }
            return "no error"
        }
        #expect(throws: HDF5Error.self) { try HDF5DatasetGenerator("/nowhere.hdf5", batchSize: 1) }
        try write(labels: [0, 1, 2, 0, 1, 7, 0, 1, 2, 0])
        #expect(message { _ = try HDF5DatasetGenerator(path, batchSize: 1) }.contains("the label 7"))
        try write()
        #expect(throws: HDF5Error.self) { try HDF5DatasetGenerator(path, batchSize: 1, dataKey: "features") }
        let whole = try #require(FileManager.default.contents(atPath: path))
        try whole.prefix(whole.count / 2).write(to: URL(fileURLWithPath: path))
        #expect(throws: HDF5Error.self) {
            let generator = try HDF5DatasetGenerator(path, batchSize: 10)
            _ = try generator.batch(epoch: 0, step: 0)
        }
        let other = try HDF5File(creating: path)
        try other.root.createDataset("images", shape: [2, 3], type: .float32).write([Float](repeating: 0, count: 6))
        try other.root.createDataset("labels", shape: [2], type: .int64).write([0, 1])
        try other.close()
        #expect(message { _ = try HDF5DatasetGenerator(path, batchSize: 1) }.contains("has the shape [2, 3]"))
    }

    @Test func aStratifiedSplitHasTheSameShareOfEveryClass() {
        let labels = (0..<3000).map { $0 % 3 == 0 ? 0 : $0 % 2 + 1 }
        let (train, test) = trainTestSplit(labels: labels, testShare: 0.1, seed: 1)
        #expect((train + test).sorted() == Array(0..<3000))
        #expect((0..<3).map { label in test.count { labels[$0] == label } } == [100, 100, 100])
        #expect(train != train.sorted())
        // No class is early or late in the order.
        for label in 0..<3 {
            let places = train.indices.filter { labels[train[$0]] == label }
            let middle = Double(places.reduce(0, +)) / Double(places.count) / Double(train.count)
            #expect(abs(middle - 0.5) < 0.08, "class \(label): \(middle)")
        }
        #expect(trainTestSplit(labels: labels, testShare: 0.1, seed: 1).test == test)
        #expect(trainTestSplit(labels: labels, testShare: 0.1, seed: 2).test != test)
    }
}

/// Features of networks in files.
@Suite struct FeaturesFileTests {
    private func write(
        _ path: String, _ type: ElementType = .float32, labels: [Int] = [0, 1, 1], labelShape: Int = 3,
        features: [Float] = [1, 2, 3, 4, 5, 6.5]
    ) throws {
        let file = try HDF5File(creating: path)
        try file.root.createDataset("features", shape: [3, 2], type: type).write(features)
        try file.root.createDataset("labels", shape: [labels.count], type: .int64).write(labels)
        try file.root.createStrings("label_names", ["a", "b"])
        try file.close()
    }

    @Test(arguments: [ElementType.float32, .float64], [1, 2, 100])
    func floatsReadAreTheFloatsWritten(type: ElementType, bufferSize: Int) throws {
        let folder = try TemporaryPath()
        let writer = try HDF5DatasetWriter(
            dims: [5, 2], outputPath: folder.file, dataKey: "features", elementType: type, bufferSize: bufferSize)
        let values: [Float] = [0.1, -2, 3, .pi, 1e-30, 6, 7, 8e30, 9, 10]
        for row in 0..<5 { try writer.add(floats: Array(values[2 * row..<2 * row + 2]), labels: [row % 2]) }
        try writer.storeClassLabels(["x", "y"])
        try writer.storeOrigin(.init(dataset: "shapes", body: "small", imagesPerSecond: 12.5))
        try writer.close()
        let file = try FeaturesFile(folder.file)
        #expect(file.labels == [0, 1, 0, 1, 0] && file.classNames == ["x", "y"] && file.featureCount == 2)
        #expect(try file.features(rows: 1..<4).scalars == Array(values[2..<8]))
        #expect(try file.origin() == .init(dataset: "shapes", body: "small", imagesPerSecond: 12.5))
        // Three quarters, rounded down.
        #expect(file.testStart == 3)
    }

    @Test func aFileKeepsOneKindOfValues() throws {
        let folder = try TemporaryPath()
        let floats = try HDF5DatasetWriter(dims: [2, 1], outputPath: folder.file, elementType: .float32)
        try floats.add(floats: [Float(1)], labels: [0])
        #expect(throws: DatasetError.self) { try floats.add([UInt8(1)], labels: [0]) }
        let bytes = try HDF5DatasetWriter(dims: [2, 1], outputPath: folder.file + "2", elementType: .uint8)
        #expect(throws: DatasetError.self) { try bytes.add(floats: [Float(1)], labels: [0]) }
    }

    @Test func aFileThatDoesNotFitIsRefusedInOneLine() throws {
        let folder = try TemporaryPath()
        func message() -> String {
            do {
                let file = try FeaturesFile(folder.file)
                _ = try file.features(rows: 0..<file.labels.count)
                return ""
            } catch { return "\(error)" }
        }
        #expect(throws: NotBuiltError.self) { try FeaturesFile(folder.file) }
        for (labels, words) in [
            ([0, 1], "labels of shape"), ([0, 1, 2], "has the label 2"), ([0, 1, -1], "has the label -1"),
        ] {
            try write(folder.file, labels: labels)
            #expect(message().hasPrefix(folder.file) && message().contains(words), "\(message())")
        }
        try write(folder.file, features: [1, 2, .nan, 4, 5, 6])
        #expect(message().contains("sample 1, counted from 0"), "\(message())")
        try write(folder.file)
        #expect(message().isEmpty)
    }

    /// The book's files do not say where they come from.
    @Test func aFileWithoutAnOriginIsRead() throws {
        let folder = try TemporaryPath()
        try write(folder.file, .float64)
        #expect(try FeaturesFile(folder.file).origin() == .init(dataset: "unknown", body: "unknown"))
    }
}

/// A file in a folder that is deleted after the test.
private final class TemporaryPath {
    private let folder: TemporaryFolder
    var file: String { "\(folder.path)/features.hdf5" }

    init() throws { folder = try TemporaryFolder() }
}
