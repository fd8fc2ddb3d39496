import ComputeGraph
import System
import Tensors

/// What training needs besides the network: losses, their weights and an optimizer.
public struct Compilation: Sendable {
    /// One loss for each output.
    public let losses: [Loss]
    /// One factor for each output: the loss that is minimized is the weighted sum, plus penalties.
    public let lossWeights: [Double]
    /// The optimizer with its current learning rate.
    public var optimizer: any Optimizer
    /// Metrics beside the loss.
    public var metrics: [Metric] = [.accuracy]
    /// What happens to gradients between the backward pass and the update, in this order.
    public var gradientSteps: [any GradientStep] = []

    /// The number of steps whose gradients are averaged for an update: Keras's `gradient_accumulation_steps`.
    public var gradientAccumulationSteps = 1
    /// Whether the penalties of frozen weights are part of the loss, as in Keras 2. They change no weight.
    var penalizesFrozenWeights = false

    /// The ranks that predictions are counted for; the first is the accuracy's.
    var ranks: [Int] { metrics.map(\.rank) }
}

extension Model {
    /// Sets loss and optimizer: Keras's `compile`. The optimizer starts anew, at step 0 and without its state; weights
    /// stay as they are.
    ///
    /// - Parameters:
    ///   - loss: the loss of every output.
    ///   - lossWeights: one factor for each output; all 1 by default.
    ///   - optimizer: updates the weights.
    ///   - metrics: what is counted beside the loss, for every output.
    ///   - gradientSteps: what happens to gradients between the backward pass and the update, in this order.
    ///   - gradientAccumulationSteps: the number of steps whose gradients are averaged for an update, at least 1.
    public func compile(
        loss: Loss, lossWeights: [Double]? = nil, optimizer: any Optimizer, metrics: [Metric] = [.accuracy],
        gradientSteps: [any GradientStep] = [], gradientAccumulationSteps: Int = 1
    ) {
        compile(
            losses: [Loss](repeating: loss, count: outputNames.count), lossWeights: lossWeights, optimizer: optimizer,
            metrics: metrics, gradientSteps: gradientSteps, gradientAccumulationSteps: gradientAccumulationSteps)
    }

    /// Sets a loss for each output, and the optimizer.
    ///
    /// The program ends with one line if the numbers of losses, weights and outputs differ.
    ///
    /// - Parameters:
    ///   - losses: one for each output, in the order of ``outputNames``.
    ///   - lossWeights: one factor for each output; all 1 by default.
    ///   - optimizer: updates the weights.
    ///   - metrics: what is counted beside the loss, for every output.
    ///   - gradientSteps: what happens to gradients between the backward pass and the update, in this order.
    ///   - gradientAccumulationSteps: the number of steps whose gradients are averaged for an update, at least 1.
    public func compile(
        losses: [Loss], lossWeights: [Double]? = nil, optimizer: any Optimizer, metrics: [Metric] = [.accuracy],
        gradientSteps: [any GradientStep] = [], gradientAccumulationSteps: Int = 1
    ) {
        guard gradientAccumulationSteps > 0 else {
            stop("gradients cannot be averaged over \(gradientAccumulationSteps) steps")
        }
        let weights = lossWeights ?? [Double](repeating: 1, count: losses.count)
        guard losses.count == outputNames.count, weights.count == losses.count else {
            stop(
                "a model of \(outputNames.count) outputs takes as many losses and loss weights, not \(losses.count) and "
                    + "\(weights.count)")
        }
        compile(
            Compilation(
                losses: losses, lossWeights: weights, optimizer: optimizer, metrics: metrics,
                gradientSteps: gradientSteps, gradientAccumulationSteps: gradientAccumulationSteps))
    }

    /// Sets losses by the names of their outputs, and the optimizer.
    ///
    /// - Parameters:
    ///   - losses: one for each output.
    ///   - lossWeights: factors; 1 for outputs that are not named.
    ///   - optimizer: updates the weights.
    ///   - metrics: what is counted beside the loss, for every output.
    ///   - gradientSteps: what happens to gradients between the backward pass and the update, in this order.
    ///   - gradientAccumulationSteps: the number of steps whose gradients are averaged for an update, at least 1.
    /// - Throws: ``TrainingError`` naming an output that the model does not have, or that has no loss.
    public func compile(
        losses: [String: Loss], lossWeights: [String: Double] = [:], optimizer: any Optimizer,
        metrics: [Metric] = [.accuracy], gradientSteps: [any GradientStep] = [], gradientAccumulationSteps: Int = 1
    ) throws {
        let outputs = outputNames.map { "\"\($0)\"" }.joined(separator: ", ")
        for (kind, names) in [("loss", losses.keys.sorted()), ("loss weight", lossWeights.keys.sorted())] {
            for name in names where !outputNames.contains(name) {
                throw TrainingError(
                    "the model \"\(self.name)\" has no output \"\(name)\" for a \(kind); its outputs are \(outputs)")
            }
        }
        let ordered = try outputNames.map { name in
            guard let loss = losses[name] else { throw TrainingError("the output \"\(name)\" has no loss") }
            return loss
        }
        compile(
            losses: ordered, lossWeights: outputNames.map { lossWeights[$0] ?? 1 }, optimizer: optimizer,
            metrics: metrics, gradientSteps: gradientSteps, gradientAccumulationSteps: gradientAccumulationSteps)
    }

    func compile(_ new: Compilation) {
        for case let clipping as GradientClipping in new.gradientSteps where !(clipping.setting.limit > 0) {
            stop("gradients cannot be clipped to \(clipping.setting.limit): \(clipping.setting.key) must be positive")
        }
        compilation = new
        state.iterations = 0
        accumulatedGradients = []
        (unknownTraining, lostMemory) = (nil, nil)
        optimizerDidChange()
        keepPlans(for: objectives())
    }

    /// The optimizer's learning rate; NaN before ``compile(loss:lossWeights:optimizer:metrics:gradientSteps:gradientAccumulationSteps:)``.
    public var learningRate: Double {
        get { compilation?.optimizer.learningRate ?? .nan }
        set { compilation?.optimizer.learningRate = newValue }
    }

    /// The error of a model that is not compiled and is asked for `task`.
    func notCompiled(before task: String) -> TrainingError {
        TrainingError("compile the model before \(task) it" + (unknownTraining.map { ", since \($0)" } ?? ""))
    }

    /// What a plan of this model minimizes: the losses of the outputs, in their order, then the penalties on outputs of
    /// layers.
    ///
    /// A loss reads the logits before the output's activation if it takes them, so that saturated outputs lose no digits.
    func objectives() -> [Objective] {
        guard let compilation else { return [] }
        let graph = graph
        let losses = zip(graph.outputs, compilation.losses).enumerated().map { index, pair in
            let (output, loss) = pair
            var node = graph[output]
            // In Keras, an activation that changes nothing passes on whose logits there are.
            while loss.takesAnyLogits, node.operation == .activation(.linear) { node = graph[node.inputs[0]] }
            let weight = Float(compilation.lossWeights[index])
            if case .activation(let activation) = node.operation, loss.readsInput(of: activation) {
                // A softmax of one unit is always 1.
                return Objective(
                    node.inputs[0], loss.function(fromLogits: true), weight: weight,
                    threshold: activation == .softmax ? -.infinity : 0, ranks: compilation.ranks)
            }
            return Objective(
                output, loss.function(fromLogits: loss.fromLogits), weight: weight, ranks: compilation.ranks)
        }
        return losses + activityPenalties.map { Objective($0.node, .penalty($0.penalty), ranks: []) }
    }
}
