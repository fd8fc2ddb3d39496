import ComputeGraph
import NeuralNetwork
import Tensors

/// Where in a picture a network sees a class: Grad-CAM (Selvaraju et al., "Grad-CAM: visual explanations from deep networks via
/// gradient-based localization", 2017).
///
/// The last maps of the network, before positions are forgotten, are added up. The factor of a map is the gradient of the class's
/// logit by the map, its mean over all positions. What is negative becomes 0.
public struct GradCAM {
    /// The layer whose maps are looked at.
    public let layer: String
    private let maps: Model
    private let head: Model
    private let probe: Model

    /// - Parameters:
    ///   - model: of which the first output is explained. It stays as it is; a copy is made.
    ///   - layer: the layer whose maps are looked at; by default the last one that still has positions.
    /// - Throws: `ModelFileError` or `LayerError` if the model lacks the layer or a shortcut goes around it; `BackendError`.
    public init(_ model: Model, layer: String? = nil) throws {
        let logits = try model.withoutDropout().withoutOutputActivation()
        let name = try layer ?? Self.lastMaps(of: logits)
        let tensor = try logits.layer(named: name).output
        guard tensor.shape.rank == 3 else {
            throw ModelFileError("\(name) gives \(tensor.shape), not maps of height, width and channels")
        }
        let backend = try logits.chosenBackend()
        maps = Model(inputs: logits.inputs, outputs: [tensor])
        head = try Model(inputs: [tensor], outputs: [logits.outputs[0]], checkedName: "head")
        head.setTrainable(false)
        // A bias of every map is 0. The gradient by it is the sum of those by all positions.
        let input = Input(shape: tensor.shape)
        let biased = DepthwiseConv2D(kernelSize: (1, 1), depthwiseInitializer: .ones, name: "biased")(input)
        probe = Model(inputs: [input], outputs: try head.call([biased], training: false))
        for model in [maps, head, probe] { try model.move(to: backend) }
        probe.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 1))
        self.layer = name
    }

    /// How much each position raises the score of a class, `[rows, columns]` of the layer's maps, 0 to 1. If nothing does,
    /// all are 0.
    ///
    /// - Parameters:
    ///   - input: a picture as the model takes it, `[height, width, channels]`.
    ///   - label: the class, an index of the output. If there is one output, 1 is its class and 0 the other one.
    /// - Throws: `TrainingError`, also for a label that the network does not have, or `BackendError`.
    public func callAsFunction(_ input: Tensor, label: Int) throws -> Tensor {
        let shape = probe.inputs[0].shape, channels = shape[2], positions = shape[0] * shape[1]
        let activations = try maps.predict([Tensor(rows: [input])])[0]
        let predicted = try head.predict([activations])[0], classes = predicted.count
        guard (0..<max(classes, 2)).contains(label) else {
            throw TrainingError("the network has \(max(classes, 2)) classes, so there is no class \(label)")
        }
        // The logit of a single output is the score of class 1, and its negative that of class 0.
        let output = classes == 1 ? 0 : label, sign: Float = classes == 1 && label == 0 ? -1 : 1
        // With these targets the gradient of the mean squared error is that of the logit.
        var targets = predicted
        targets.scalars[output] -= sign * Float(classes) / 2
        // With the predicted ones it is 0, and the gradient that is left is that of penalties in the head.
        let (all, penalties) = (try gradients(activations, targets), try gradients(activations, predicted))
        let factors = zip(all, penalties).map { ($0 - $1) / Float(positions) }
        let sums = (0..<positions).map { position in
            max(0, (0..<channels).reduce(Float(0)) { $0 + factors[$1] * activations.scalars[position * channels + $1] })
        }
        let largest = sums.max() ?? 0
        return Tensor(shape: [shape[0], shape[1]], scalars: largest > 0 ? sums.map { $0 / largest } : sums)
    }

    /// The gradients of the loss by the biases.
    private func gradients(_ activations: Tensor, _ targets: Tensor) throws -> [Float] {
        let channels = probe.inputs[0].shape[2]
        try probe.setWeights(
            [
                Tensor(repeating: 1, shape: [1, 1, channels, 1]), Tensor(repeating: 0, shape: [channels]),
            ] + head.weights())
        try probe.trainOnBatch(Batch(inputs: [activations], targets: [targets]))
        return try probe.weights()[1].scalars.map { -$0 }
    }

    /// The last layer before the output that has maps of several positions, and does not only pool or drop them.
    private static func lastMaps(of model: Model) throws -> String {
        var place: PlacedLayer? = try model.layer(named: model.outputNames[0])
        while let layer = place {
            let shape = layer.outputShape
            let onlyPasses = layer.layer.kind == .pooling || layer.layer is Dropout || layer.layer is ZeroPadding2D
            if shape.rank == 3, shape[0] * shape[1] > 1, !onlyPasses, !(layer.layer is InputLayer) {
                return layer.name
            }
            place = try layer.inbound.first.map(model.layer(named:))
        }
        throw ModelFileError("\(model.name) has no layer of maps before its output, so nothing shows where it looks")
    }
}
