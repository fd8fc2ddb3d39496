import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Data and weights that are not finite do not give plausible numbers, on either backend: a ReLU turns NaN into 0.
@Suite struct NotFiniteTests {
    /// Every number passes a ReLU, and a maximum pooling, which ignores NaN.
    private func network(_ backend: TestBackend) throws -> Model {
        let input = Input(shape: [8, 8, 3], name: "pixels")
        var x = Conv2D(8, kernelSize: (3, 3), activation: .relu, name: "conv")(input)
        x = MaxPooling2D((2, 2))(Activation(.relu)(BatchNormalization(name: "bn")(x)))
        let model = try Model(inputs: input, outputs: Dense(4, activation: .softmax, name: "out")(Flatten()(x)))
            .on(backend)
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.01))
        return model
    }

    private let images = hashImages("not finite", [20, 8, 8, 3])
    private let targets: Tensor = {
        var targets = Tensor(shape: [20, 4])
        for row in 0..<20 { targets.scalars[row * 4 + row % 4] = 1 }
        return targets
    }()

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    /// All computations of a model, in batches of 8.
    private func messages(_ model: Model, _ images: Tensor, _ targets: Tensor) -> [String] {
        [
            message { _ = try model.predict(images, batchSize: 8) },
            message { _ = try model.evaluate(images, targets, batchSize: 8) },
        ]
    }

    @Test(arguments: TestBackend.allCases, [Float.nan, .infinity, -.infinity])
    func anImageIsNamed(backend: TestBackend, value: Float) throws {
        let model = try network(backend)
        var images = images
        images.scalars[13 * 8 * 8 * 3 + 7] = value
        let place = "sample 6 of the batch, at the input \"pixels\" (row 13 of the data, counted from 0)"
        for message in messages(model, images, targets) {
            #expect(message.hasPrefix("the data are not finite: " + place), "\(message)")
        }
        #expect(message { _ = try model.outputs(ofLayers: ["conv"], for: images, batchSize: 8) }.contains(place))
        for shuffle in [false, true] {
            let training = message {
                try model.fit(images, targets, batchSize: 8, shuffle: shuffle, verbose: false)
            }
            #expect(training.contains("(row 13 of the data") && training.contains(", in epoch 1, step "), "\(training)")
        }
        let validation = message {
            try model.fit(self.images, targets, batchSize: 8, validation: (images, targets), verbose: false)
        }
        #expect(validation.contains(place + ", in the validation after epoch 1"), "\(validation)")
    }

    @Test(arguments: TestBackend.allCases)
    func soIsATarget(backend: TestBackend) throws {
        let model = try network(backend)
        var targets = targets
        targets.scalars[17 * 4] = .nan
        let message = message { _ = try model.evaluate(images, targets, batchSize: 8) }
        #expect(message.contains("sample 2 of the batch, for the output \"out\" (row 17 of the data"), "\(message)")
    }

    @Test(
        arguments: TestBackend.allCases,
        ["conv/kernel", "conv/bias", "bn/gamma", "bn/beta", "bn/moving_mean", "bn/moving_variance", "out/kernel"])
    func aWeightIsNamed(backend: TestBackend, name: String) throws {
        for value in [Float.nan, .infinity] {
            let model = try network(backend)
            // Checked once already, and finite.
            _ = try model.predict(images)
            var weights = try model.weights()
            let index = try #require(model.graph.parameters.firstIndex { $0.name == name })
            weights[index].scalars[0] = value
            try model.setWeights(weights)
            for message in messages(model, images, targets) {
                #expect(message.contains("the weight \"\(name)\" holds an infinity or a NaN"), "\(message)")
            }
            // The same after loading a file, and on another backend.
            let path = temporaryPath()
            defer { try? FileManager.default.removeItem(atPath: path) }
            try model.save(path)
            let loaded = try Model.load(path, on: backend)
            #expect(messages(loaded, images, targets).allSatisfy { $0.contains("\"\(name)\"") })
            try loaded.move(to: backend.other.backend)
            #expect(messages(loaded, images, targets).allSatisfy { $0.contains("\"\(name)\"") })
        }
    }

    /// Finite weights with which a root or a sum is not finite.
    @Test(arguments: TestBackend.allCases, [("bn/moving_variance", -1 as Float, "bn"), ("conv/kernel", 3e38, "conv")])
    func aLayerThatMakesNaNIsNamed(backend: TestBackend, change: (name: String, value: Float, layer: String)) throws {
        let model = try network(backend)
        var weights = try model.weights()
        let index = try #require(model.graph.parameters.firstIndex { $0.name == change.name })
        weights[index] = Tensor(repeating: change.value, shape: weights[index].shape)
        // The products of such a kernel have both signs.
        if change.value > 1 {
            for i in stride(from: 0, to: weights[index].count, by: 2) { weights[index].scalars[i] *= -1 }
        }
        try model.setWeights(weights)
        for message in messages(model, images, targets) {
            #expect(message.contains("the first layer whose output is not finite is \"\(change.layer)\""), "\(message)")
        }
    }

    @Test(arguments: TestBackend.allCases)
    func finiteNumbersArePredicted(backend: TestBackend) throws {
        let model = try network(backend)
        #expect(try model.predict(images).isFinite)
        #expect(try model.evaluate(images, targets)["loss"]?.isFinite == true)
        // No images.
        #expect(message { _ = try model.predict(images[rows: 0..<0]) } == "there are no samples")
    }

    /// In a network this deep, magnitudes have to be checked on the way. What fits is predicted; what does not is
    /// named, however many layers after it a ReLU has hidden it.
    @Test(arguments: TestBackend.allCases)
    func deepNetworksAreChecked(backend: TestBackend) throws {
        let input = Input(shape: [4, 4, 3], name: "pixels")
        var x = input
        for number in 0..<30 {
            x = Conv2D(8, kernelSize: (3, 3), padding: .same, activation: .relu, name: "conv\(number)")(x)
        }
        let model = try Model(inputs: input, outputs: Dense(2, name: "out")(GlobalAveragePooling2D()(x))).on(backend)
        let images = hashImages("deep", [4, 4, 4, 3])
        var weights = try model.weights()
        for i in weights.indices where weights[i].shape.rank == 4 {
            for j in weights[i].scalars.indices { weights[i].scalars[j] *= 1.5 }
        }
        try model.setWeights(weights)
        #expect(model.graph.nodesToLookAt(within: 65_536) { weights[$0.index] }?.isEmpty == false)
        let predicted = try model.predict(images)
        let plain = try model.plan(batchSize: 4, mode: .inference(outputs: model.graph.outputs))
        #expect(try plain.predict([images]) == [predicted])
        // Every product of the twentieth layer exceeds 32 bits, with both signs.
        let spoiled = try #require(model.graph.parameters.firstIndex { $0.name == "conv20/kernel" })
        weights[spoiled].scalars = weights[spoiled].scalars.map { $0 < 0 ? -3e38 : 3e38 }
        try model.setWeights(weights)
        #expect(message { _ = try model.predict(images) }.contains("is \"conv2"))
    }
}
