import FixtureSupport
import NeuralNetwork
import OneDNNBackend
import OpenBLASBackend
import Tensors

extension FuzzTarget {
    /// Keras model files, damaged more often in the file's structure than in the weights.
    static let hdf5Model = FuzzTarget(
        name: "hdf5-model",
        starts: {
            [
                try contents(of: Fixtures.own("keras_models/keras2_small_miniception_sgd.hdf5")),
                try savedModel(),
            ]
        },
        mutate: HDF5Metadata.mutate,
        read: { _, file in try SmallNetwork.loadAndPredict(file) })

    /// A model of our own, as ``Model/save(_:)`` writes it.
    static func savedModel() throws -> [UInt8] {
        try bytes { path in try SmallNetwork.compiled().save(path) }
    }
}

/// A network with one of almost everything that a model file may hold.
enum SmallNetwork {
    static func compiled() throws -> Model {
        let input = Input(shape: [8, 8, 3])
        var x = Conv2D(4, kernelSize: (3, 3), padding: .same, kernelRegularizer: L2(0.001))(input)
        x = Activation(.relu)(BatchNormalization(momentum: 0.9)(x))
        let pooled = MaxPooling2D((3, 3), strides: (1, 1), padding: .same)(x)
        x = Concatenate()([Conv2D(4, kernelSize: (1, 1), activation: .elu(alpha: 1))(x), pooled])
        x = ZeroPadding2D((1, 2))(LocalResponseNormalization(depthRadius: 2)(x))
        x = Dropout(0.25)(AveragePooling2D((2, 2))(x))
        let first = Activation(.softmax)(Dense(3)(Flatten()(x)))
        let second = Dense(3, activation: .sigmoid)(GlobalAveragePooling2D()(x))
        let model = try Model(inputs: [input], outputs: [first, second], name: "small").on(.any)
        model.compile(
            losses: [.categoricalCrossentropy(labelSmoothing: 0.1), .binaryCrossentropy], lossWeights: [1, 0.3],
            optimizer: Nadam())
        return model
    }

    /// Opens a model file. If that is little work, it predicts on both backends and saves it again.
    static func loadAndPredict(_ path: String) throws {
        let model = try Model.load(path, backend: OpenBLASBackend(threads: 1))
        let work = model.layers.reduce(0.0) { work, layer in
            let positions = layer.outputShape.dimensions.dropLast().reduce(1.0) { $0 * Double($1) }
            return work + positions * Double(layer.parameterCount) + Double(layer.outputShape.count)
        }
        guard work < 1e7 else { return }
        let inputs = model.graph.inputs.map { Tensor(repeating: 0.5, shape: model.graph[$0].shape.batched(2)) }
        _ = try model.predict(inputs)
        try model.move(to: OneDNNBackend(threads: 1))
        _ = try model.predict(inputs)
        try model.save(path + ".saved")
    }
}
