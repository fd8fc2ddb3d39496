import Testing
@testable import HDF5

/// A file written by Keras has the contents that h5py reports.
@Suite struct ReadingKerasTests {
    let root: HDF5Group

    init() throws {
        root = try HDF5File(reading: Fixtures.keras2).root
    }

    @Test func groupsListTheirLinks() throws {
        #expect(try root.names() == ["model_weights", "optimizer_weights"])
        #expect(try root.group("model_weights").names().count == 29)
        #expect(try root.group("model_weights/conv2d/conv2d").names() == ["bias:0", "kernel:0"])
        #expect(try root.group("model_weights").group("conv2d").path == "/model_weights/conv2d")
    }

    @Test func theRootHasItsAttributes() throws {
        #expect(try root.attributes.names() == ["backend", "keras_version", "model_config", "training_config"])
        #expect(try root.attributes.string("backend") == "tensorflow")
        #expect(try root.attributes.string("keras_version") == "2.21.0")
        let config = try #require(try root.attributes.string("model_config"))
        #expect(config.utf8.count == 13699)
        #expect(config.hasPrefix(#"{"class_name": "Functional", "config": {"name": "small_miniception""#))
        #expect(config.hasSuffix("}"))
        #expect(try root.attributes.string("missing") == nil)
        #expect(root.attributes.contains("backend"))
        #expect(!root.attributes.contains("missing"))
    }

    @Test func layersAndWeightsHaveTheirNames() throws {
        let weights = try root.group("model_weights")
        let layers = try #require(try weights.attributes.strings("layer_names"))
        #expect(layers.count == 28)
        #expect(layers.prefix(4) == ["input_1", "conv2d", "batch_normalization", "activation"])
        #expect(layers.last == "activation_6")
        #expect(
            try weights.group("conv2d").attributes.strings("weight_names") == ["conv2d/kernel:0", "conv2d/bias:0"])
    }

    @Test func aLayerWithoutWeightsHasAnEmptyArrayOfNumbers() throws {
        let attributes = try root.group("model_weights/flatten").attributes
        #expect(try attributes.strings("weight_names") == [])
        #expect(try attributes.numbers("weight_names") == [])
    }

    @Test func weightsHaveTheirValues() throws {
        let kernel = try root.dataset("model_weights/conv2d/conv2d/kernel:0")
        #expect(kernel.shape == [3, 3, 3, 12])
        #expect(kernel.path == "/model_weights/conv2d/conv2d/kernel:0")
        let values = try kernel.read(as: Float.self)
        #expect(values.count == 324)
        #expect(values[0].bitPattern == 0xbcd0582a)
        #expect(values[2].bitPattern == 0x3d245bcb)
        #expect(values[323].bitPattern == 0xbe36ccc2)
        #expect(try kernel.read(as: Double.self) == values.map(Double.init))
        #expect(try kernel.read(as: Float.self, rows: 1..<3) == Array(values[108..<324]))
        #expect(try kernel.read(as: Float.self, rows: 2..<2) == [])
    }

    @Test func theOptimizersCounterIsAScalar() throws {
        let counter = try root.dataset("optimizer_weights/SGD/iter:0")
        #expect(counter.shape == [])
        #expect(try counter.read(as: Int.self) == [2])
        #expect(try counter.read(as: Float.self) == [2])
    }

    @Test func containsLooksAtEveryStep() throws {
        #expect(root.contains("model_weights/conv2d/conv2d/kernel:0"))
        #expect(root.contains("/model_weights"))
        #expect(try root.group("model_weights").contains("/optimizer_weights"))
        #expect(root.contains(""))
        #expect(!root.contains("model_weights/conv2d/kernel:0"))
        #expect(!root.contains("nothing/at/all"))
        #expect(!root.contains("model_weights/conv2d/conv2d/kernel:0/below_a_dataset"))
        #expect(!root.contains("model_weights\0"))
    }
}
