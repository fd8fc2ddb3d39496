import FixtureSupport
import Tensors
@testable import NeuralNetwork

/// Two convolutions, each normalized, from 8x8 pixels to 4x4.
func smallBody(_ name: String = "body") -> Model {
    let pixels = Input(shape: [8, 8, 3], name: "pixels")
    var x = Conv2D(4, kernelSize: (3, 3), padding: .same, kernelRegularizer: L2(0.01), name: "conv1")(pixels)
    x = Activation(.relu, name: "relu1")(BatchNormalization(momentum: 0.9, name: "bn1")(x))
    x = MaxPooling2D((2, 2), name: "pool")(x)
    x = Conv2D(6, kernelSize: (3, 3), padding: .same, name: "conv2")(x)
    x = Activation(.relu, name: "relu2")(BatchNormalization(momentum: 0.9, name: "bn2")(x))
    return Model(inputs: pixels, outputs: x, name: name)
}

/// Three classes from an image's features.
func smallHead(_ features: KerasTensor) -> KerasTensor {
    Dense(3, activation: .softmax, kernelRegularizer: L2(0.02), name: "classes")(
        GlobalAveragePooling2D(name: "average")(features))
}

/// The head on the body, of which it shares the weights; compiled with a momentum.
func smallNetwork(on body: Model, _ backend: TestBackend) throws -> Model {
    let network = try Model(inputs: body.inputs, outputs: [smallHead(body.outputs[0])], name: "network").on(backend)
    network.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1, momentum: 0.9))
    return network
}

/// Six images of classes 0, 1, 2, 0, 1, 2, made from a number.
func smallBatch(_ number: Int = 0) -> Batch {
    Batch(
        inputs: [hashImages("small/\(number)", [6, 8, 8, 3])],
        targets: [oneHot((0..<6).map { $0 % 3 }, classes: 3)])
}

extension Model {
    /// The weights by their names: `conv1/kernel`.
    func weightsByName() throws -> [String: Tensor] {
        Dictionary(uniqueKeysWithValues: zip(graph.parameters.map(\.name), try weights()))
    }

    func weight(_ name: String) throws -> Tensor {
        guard let weight = try weightsByName()[name] else { throw LayerError("there is no weight \(name)") }
        return weight
    }

    /// The loss of a batch in inference mode, penalties included.
    func evaluatedLoss(_ batch: Batch) throws -> Double {
        try evaluate(batch.inputs[0], batch.targets[0])["loss"] ?? .nan
    }

    /// What a training step changes: names of weights.
    func changes(by step: (Model) throws -> Void) throws -> Set<String> {
        let before = try weightsByName()
        try step(self)
        return Set(try weightsByName().filter { before[$0.key] != $0.value }.keys)
    }
}
