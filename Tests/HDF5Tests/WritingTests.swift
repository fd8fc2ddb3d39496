import Foundation
import Testing
@testable import HDF5

/// Values are read back from a file that was closed after writing.
@Suite struct WritingTests {
    let folder = try? TemporaryFolder()

    private func newPath() throws -> String {
        try #require(folder).file("written.hdf5")
    }

    @Test func aFileMadeInMemoryIsLikeAnyOtherOnDisk() throws {
        let path = try newPath()
        let file = try HDF5File(inMemory: path)
        try file.root.createDataset("a/b", shape: [100_000], type: .float32).write((0..<100_000).map(Float.init))
        try file.root.attributes.set("names", ["one", "two"])
        #expect(!FileManager.default.fileExists(atPath: path))
        try file.contents().write(to: URL(fileURLWithPath: path))
        try file.close()
        #expect(throws: HDF5Error.closed(file: path)) { try file.contents() }
        #expect(!FileManager.default.fileExists(atPath: path + ".h5"))

        let read = try HDF5File(reading: path)
        #expect(try read.root.dataset("a/b").read(as: Float.self) == (0..<100_000).map(Float.init))
        #expect(try read.root.attributes.strings("names") == ["one", "two"])
    }

    @Test func numbersOfEveryTypeAreWritten() throws {
        let path = try newPath()
        let file = try HDF5File(creating: path)
        let values: [Double] = [0, 1, 2, 3, 100, 255]
        for type in [ElementType.uint8, .int32, .int64, .float32, .float64] {
            try file.root.createDataset("a/b/\(type)", shape: [2, 3], type: type).write(values)
        }
        try file.close()

        let group = try HDF5File(reading: path).root.group("a/b")
        #expect(try group.names() == ["float32", "float64", "int32", "int64", "uint8"])
        for name in try group.names() {
            #expect(try group.dataset(name).shape == [2, 3])
            #expect(try group.dataset(name).read(as: Double.self) == values)
            #expect(try group.dataset(name).holdsBytes() == (name == "uint8"))
        }
    }

    @Test func valuesAreStoredInTheirType() throws {
        let file = try HDF5File(creating: newPath())
        let third = try file.root.createDataset("third", shape: [1], type: .float32)
        try third.write([1.0 / 3.0])
        #expect(try third.read(as: Double.self) == [Double(Float(1.0 / 3.0))])
        let bytes = try file.root.createDataset("bytes", shape: [3], type: .uint8)
        try bytes.write([-1.0, 2.75, 300] as [Float])
        #expect(try bytes.read(as: Int.self) == [0, 2, 255])
        let large = try file.root.createDataset("large", shape: [1], type: .int64)
        try large.write([Int.max])
        #expect(try large.read(as: Int.self) == [Int.max])
    }

    @Test func scalarsAreWritten() throws {
        let path = try newPath()
        let file = try HDF5File(creating: path)
        let dataset = try file.root.createDataset("optimizer_weights/SGD/iter:0", shape: [], type: .int64)
        #expect(dataset.shape == [])
        try dataset.write([1234])
        try file.close()
        #expect(try HDF5File(reading: path).root.dataset("optimizer_weights/SGD/iter:0").read(as: Int64.self) == [1234])
    }

    @Test(arguments: [nil, [4, 2, 3], [1, 1, 1]])
    func rowsAreWritten(chunk: [Int]?) throws {
        let path = try newPath()
        let file = try HDF5File(creating: path)
        let dataset = try file.root.createDataset("images", shape: [10, 2, 3], type: .float32, chunk: chunk)
        try dataset.write((12..<30).map(Float.init), rows: 2..<5)
        try dataset.write((30..<60).map(Float.init), rows: 5..<10)
        try dataset.write([] as [Float], rows: 3..<3)
        try file.close()

        let read = try HDF5File(reading: path).root.dataset("images")
        #expect(try read.read(as: Int.self) == Array(repeating: 0, count: 12) + Array(12..<60))
        #expect(try read.read(as: Int.self, rows: 4..<6) == Array(24..<36))
        #expect(try read.read(as: UInt8.self, rows: 9..<10) == [54, 55, 56, 57, 58, 59])
    }

    @Test func emptyDatasetsAreWritten() throws {
        let file = try HDF5File(creating: newPath())
        let empty = try file.root.createDataset("empty", shape: [0, 3], type: .float32)
        try empty.write([] as [Float])
        #expect(try empty.read(as: Float.self) == [])
        try file.root.createStrings("labels", [])
        #expect(try file.root.dataset("labels").readStrings() == [])
    }

    @Test func listsOfStringsAreWritten() throws {
        let path = try newPath()
        let file = try HDF5File(creating: path)
        let labels = ["airplane", "", "Bücher 日本語", String(repeating: "x", count: 100_000)]
        try file.root.createStrings("names/label_names", labels)
        try file.close()
        let dataset = try HDF5File(reading: path).root.dataset("names/label_names")
        #expect(dataset.shape == [4])
        #expect(try dataset.readStrings() == labels)
    }

    @Test func attributesAreWritten() throws {
        let path = try newPath()
        let file = try HDF5File(creating: path)
        let group = try file.root.createGroup("model_weights/conv2d")
        let layers = (0..<3000).map { "layer_\($0)" }
        // A large model's configuration is a string of more than 64 KB.
        let config = String(repeating: "{\"class_name\": \"Conv2D\"}", count: 10_000)
        try group.attributes.set("layer_names", layers)
        try group.attributes.set("weight_names", [])
        try group.attributes.set("model_config", config)
        try group.attributes.set("empty", "")
        try group.attributes.set("epoch", 1 << 40)
        try group.attributes.set("rate", 0.1)
        let dataset = try file.root.createDataset("x", shape: [1], type: .float32)
        try dataset.attributes.set("kind", "bias")
        try file.close()

        let root = try HDF5File(reading: path).root
        let read = try root.group("model_weights/conv2d").attributes
        #expect(try read.names() == ["empty", "epoch", "layer_names", "model_config", "rate", "weight_names"])
        #expect(try read.strings("layer_names") == layers)
        #expect(try read.strings("weight_names") == [])
        #expect(try read.numbers("weight_names") == [])
        #expect(try read.string("model_config") == config)
        #expect(try read.string("empty") == "")
        #expect(try read.numbers("epoch") == [Double(1 << 40)])
        #expect(try read.numbers("rate") == [0.1])
        #expect(try root.dataset("x").attributes.string("kind") == "bias")
    }

    @Test func settingAnAttributeAgainReplacesIt() throws {
        let path = try newPath()
        var file = try HDF5File(creating: path)
        try file.root.attributes.set("epoch", "first")
        try file.root.attributes.set("epoch", 2)
        try file.close()
        file = try HDF5File(updating: path)
        #expect(try file.root.attributes.numbers("epoch") == [2])
        try file.root.attributes.set("epoch", ["a", "b"])
        try file.close()
        #expect(try HDF5File(reading: path).root.attributes.strings("epoch") == ["a", "b"])
    }

    @Test func updatingKeepsOtherContents() throws {
        let path = try newPath()
        var file = try HDF5File(creating: path)
        try file.root.createDataset("a", shape: [3], type: .float32).write([1, 2, 3] as [Float])
        try file.close()
        file = try HDF5File(updating: path)
        try file.root.dataset("a").write([20] as [Float], rows: 1..<2)
        _ = try file.root.createGroup("b")
        try file.close()
        let root = try HDF5File(reading: path).root
        #expect(try root.names() == ["a", "b"])
        #expect(try root.dataset("a").read(as: Float.self) == [1, 20, 3])
    }

    @Test func creatingEmptiesAnExistingFile() throws {
        let path = try newPath()
        let file = try HDF5File(creating: path)
        _ = try file.root.createGroup("old")
        try file.close()
        #expect(try HDF5File(creating: path).root.names() == [])
    }

    @Test func flushedDataAreInTheFile() throws {
        let path = try newPath()
        let file = try HDF5File(creating: path)
        try file.root.createStrings("labels", ["flushed already"])
        try file.flush()
        let copy = path + ".copy"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        #expect(try HDF5File(reading: copy).root.dataset("labels").readStrings() == ["flushed already"])
    }

    @Test func equalContentsAreEqualFiles() throws {
        let path = try newPath()
        for name in ["", ".again"] {
            let file = try HDF5File(creating: path + name)
            try file.root.createDataset("a/b", shape: [3], type: .float32).write([1, 2, 3] as [Float])
            try file.root.attributes.set("backend", "tensorflow")
            try file.close()
            // Time stamps in HDF5 have whole seconds.
            if name.isEmpty { Thread.sleep(forTimeInterval: 1.1) }
        }
        let (first, second) = (
            FileManager.default.contents(atPath: path), try Data(contentsOf: fileURL(path + ".again"))
        )
        #expect(first == second)
    }

    private func fileURL(_ path: String) -> URL {
        URL(fileURLWithPath: path)
    }

    @Test func intermediateGroupsAreShared() throws {
        let file = try HDF5File(creating: newPath())
        let layer = try file.root.createGroup("model_weights/conv2d")
        _ = try layer.createDataset("conv2d/kernel:0", shape: [3, 3], type: .float32)
        _ = try layer.createDataset("conv2d/bias:0", shape: [3], type: .float32)
        #expect(try layer.group("conv2d").names() == ["bias:0", "kernel:0"])
        _ = try layer.createGroup("/top")
        #expect(try file.root.names() == ["model_weights", "top"])
    }
}
