import ArgumentParser
import CommandLine
import FixtureSupport
import Foundation
import HDF5
import NeuralNetwork
import PyImageSearch
import Tensors

/// Writes our predictions for a model file, and one more training step, for `check_keras.py` to compare.
@main
struct Interop: ProgramCommand {
    static let configuration = CommandConfiguration(
        commandName: "Interop", abstract: "Predictions and one training step of a model file, for check_keras.py.",
        version: PackageVersion.number)

    @Argument(help: "A compiled model with one input and one output.")
    var model: String

    @Argument(help: "The HDF5 file to write.")
    var probe: String

    @Option(help: "Also save the model that was read to this file, to be opened in Keras.")
    var resave: String?

    @Option(help: "Predict CIFAR-10's test images from this folder instead of made-up ones.")
    var data: String?

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        let network = try Model.load(model, backend: compute.backend)
        if let resave { try network.save(resave) }
        guard let input = network.layers.first(where: { $0.className == "InputLayer" })?.outputShape,
            let classes = network.layers.last?.outputShape.count, network.outputNames.count == 1
        else { throw ValidationError("\(model) does not have one input and one output") }

        // Images as in training: from 0 to 255, with their mean subtracted.
        func images(_ key: String, _ count: Int) -> Tensor {
            var images = hashImages(key, input.batched(count))
            for i in images.scalars.indices { images.scalars[i] *= 100 }
            return images
        }
        let x = try testImages() ?? images("interop/x", 16)
        let batch = images("interop/batch", 8)
        var targets = Tensor(repeating: 0, shape: [8, classes])
        for row in 0..<8 { targets.scalars[row * classes + (7 * row + 1) % classes] = 1 }

        let root = try HDF5File(creating: probe).root
        func write(_ name: String, _ tensor: Tensor) throws {
            try root.createDataset(name, shape: tensor.shape.dimensions, type: .float32).write(tensor.scalars)
        }
        try write("x", x)
        try write("prediction", network.predict(x))
        try write("batch", batch)
        try write("targets", targets)
        try root.createDataset("iterations", shape: [1], type: .int64).write([network.state.iterations])

        // Dropout is random, so the step is taken without.
        let still = try network.withoutDropout()
        let loss = try still.trainOnBatch(Batch(inputs: [batch], targets: [targets]))
        try write("loss", Tensor(shape: [1], scalars: [Float(loss)]))
        let kernels = zip(still.graph.parameters, try still.weights()).filter { $0.0.name.hasSuffix("/kernel") }
        guard let first = kernels.first, let last = kernels.last else {
            throw ValidationError("\(model) has no kernels")
        }
        try write("after_first_kernel", first.1)
        try write("after_last_kernel", last.1)
        print("\(probe) holds our predictions and our next step from \(model)")
    }

    /// The test images as in the chapter, with the mean of the training images subtracted.
    private func testImages() throws -> Tensor? {
        guard let data else { return nil }
        var dataset = try CIFAR10.load(from: data)
        dataset.normalize(.meanImage)
        return dataset.testImages.tensor
    }
}
