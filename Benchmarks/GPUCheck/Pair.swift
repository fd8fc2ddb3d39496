import ComputeGraph
import FixtureSupport
import NeuralNetwork
import Tensors

/// How far a backend may be off from another: norms of differences, over the norms of what is compared. All are about
/// five times what the double of a GPU needs, or more.
///
/// The changes of weights are gradients. They differ more than outputs: numbers with fewer digits, and a ReLU that decides
/// otherwise for a number near zero, change some of their elements much. Each layer on the way back adds to that.
struct Tolerance {
    let outputs: Double
    /// Of what a step changes in the weights of a layer or two, or of the last layer of a network.
    let changes: Double
    /// Of the first layer of a network that has learned.
    let deepChanges: Double
    /// Of all layers of a network that has not learned yet. A rounding grows a hundred thousand times in ResNet on the way
    /// to its first layers: between two backends on the processor, too. With fewer digits, nothing of the change is left.
    let untrainedChanges: Double
}

/// How two backends differ in what they predict, and in training.
struct Differences {
    var losses: [Double] = []
    var output = 0.0
    var changes: [Change] = []

    var loss: Double { losses.reduce(0) { $1.isNaN ? .infinity : max($0, $1) } }
    private var change: Change? { changes.max { $0.difference < $1.difference } }
    var largestChange: Double { change?.difference ?? .infinity }
    /// Of the last layer with a kernel.
    var lastChange: Double { changes.last { $0.name.hasSuffix("/kernel") }?.difference ?? .infinity }

    /// The measurements of a line of JSON, with the largest ratio of a difference to what is allowed.
    func line(_ ratios: Double...) -> [String: JSON] {
        [
            "loss_differences": .array(losses.map { .number($0) }), "output_difference": .number(output),
            "change_difference": .number(largestChange), "weight": .string(change?.name ?? ""),
            "ratio": .number(ratios.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }),
        ]
    }
}

/// A network twice: on the backend that is checked, and on the one that it is compared with. Both begin with the same
/// weights and take the same steps.
struct Pair {
    let tested: Model
    let reference: Model
    /// Whether the backend that is checked gets its weights back after each step, as if it never updated them.
    private let forgets: Bool
    private let before: [Tensor]
    private var found = Differences()

    init(_ backend: any Backend, _ other: any Backend, forgets: Bool, _ build: () throws -> Model) throws {
        (tested, reference, self.forgets) = (try build(), try build(), forgets)
        try tested.move(to: backend)
        try reference.move(to: other)
        before = try reference.weights()
        try tested.setWeights(before)
    }

    /// Begins anew from the first weights, with another learning rate.
    mutating func restart(learningRate: Double) throws {
        for model in [tested, reference] {
            try model.setWeights(before)
            guard let loss = model.compilation?.losses[0] else { continue }
            model.compile(loss: loss, optimizer: SGD(learningRate: learningRate, momentum: 0.9))
        }
        found = Differences()
    }

    /// Predicts on both.
    ///
    /// - Returns: the prediction of the reference.
    mutating func predict(_ x: Tensor) throws -> Tensor {
        let y = try reference.predict(x)
        found.output = relativeDifference(try tested.predict(x), y)
        return y
    }

    /// Takes a step on both.
    mutating func train(_ batch: Batch, step: Int) throws {
        let loss = try reference.trainOnBatch(batch, step: step)
        found.losses.append(abs(try tested.trainOnBatch(batch, step: step) - loss) / abs(loss))
        if forgets { try tested.forgetStep(from: before) }
    }

    func differences() throws -> Differences {
        var result = found
        result.changes = Change.all(
            tested.graph.parameters.map(\.name), before: before, after: try tested.weights(),
            reference: try reference.weights())
        return result
    }
}

extension Model {
    /// Takes the weights of `before` again where an optimizer would update them. Moving statistics stay.
    func forgetStep(from before: [Tensor]) throws {
        try setWeights(
            zip(graph.parameters, zip(before, weights())).map { parameter, weights in
                parameter.isTrainable ? weights.0 : weights.1
            })
    }
}
