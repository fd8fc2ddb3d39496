import ComputeGraph
import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// What stands between the backward pass and the update: clipping, accumulation, and steps of one's own.
@Suite struct GradientStepTests {
    /// In their order; Keras's files hold one.
    @Test func severalStepsAreInTheFile() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try Sequential([4], [Dense(2)]).on(.any)
        for steps in [
            [], [GradientClipping.globalNorm(2), GradientClipping.value(0.1)], [GradientClipping.norm(3)], [LARS()],
        ]
            as [[any GradientStep]]
        {
            model.compile(loss: .meanSquaredError, optimizer: Adam(), gradientSteps: steps)
            try model.save(path)
            let loaded = try #require(try Model.load(path).compilation)
            #expect(loaded.gradientSteps.map(\.described) == steps.map(\.described))
        }

        struct Noise: GradientStep {
            func apply(
                to gradients: UnsafeMutableBufferPointer<Float>, ranges: [Range<Int>], weight: (Int) -> Tensor
            ) {}
            var described: JSON { JSON(className: "Noise", config: [:]) }
        }
        model.compile(loss: .meanSquaredError, optimizer: Adam(), gradientSteps: [Noise()])
        try model.save(path)
        var warnings: [String] = []
        let loaded = try Model.load(path, backend: TestBackend.any.backend) { warnings.append($0) }
        #expect(loaded.compilation == nil)
        #expect(warnings.first?.contains(#"the file's gradient step "Noise" is not known here"#) == true, "\(warnings)")
    }

    /// Keras's schedules, which a `decay` is one of, count every step, also one that makes no update.
    @Test func decayCountsStepsThatMakeNoUpdate() throws {
        let model = try Sequential([1], [Dense(1, useBias: false, kernelInitializer: .zeros)]).on(.any)
        model.compile(
            loss: .meanSquaredError, optimizer: SGD(learningRate: 0.1, decay: 0.5), gradientAccumulationSteps: 2)
        let one = Tensor(shape: [1, 1], scalars: [1])
        var weight = 0.0
        for step in 0..<4 {
            try model.trainOnBatch(Batch(inputs: [one], targets: [one]))
            // The rate of the second of two steps, and the gradient of (w - 1)^2.
            if step % 2 == 1 { weight -= 0.1 / (1 + 0.5 * Double(step)) * 2 * (weight - 1) }
            #expect(abs(Double(try model.weights()[0].scalars[0]) - weight) < 1e-6, "\(step)")
        }
    }

    /// The sums of an unfinished update are those of the weights that were trained then.
    @Test func freezingBeginsTheSumsAnew() throws {
        func model() throws -> Model {
            let model = try Sequential([3], [Dense(3, name: "a"), Dense(3, name: "b")]).on(.any)
            model.seed = 3
            try model.layer(named: "b").setTrainable(false)
            model.compile(loss: .meanSquaredError, optimizer: SGD(), gradientAccumulationSteps: 2)
            return model
        }
        let x = hashUniform("sums/x", shape: [2, 3], -1, 1), y = hashUniform("sums/y", shape: [2, 3], -1, 1)
        let first = try model(), second = try model()
        try first.trainOnBatch(Batch(inputs: [x], targets: [y]))
        try second.trainOnBatch(Batch(inputs: [x], targets: [y + y]))
        for model in [first, second] {
            try model.layer(named: "b").setTrainable(true)
            try model.layer(named: "a").setTrainable(false)
            try model.trainOnBatch(Batch(inputs: [x], targets: [y]))
        }
        #expect(try first.weights() == second.weights())
    }

    /// Six steps of Keras's for each case of optimizer_extras.hdf5: losses, and all weights after every step.
    @Test(arguments: try FixtureFile.optimizerExtras.groups(), TestBackend.allCases)
    func stepsAreKeras(_ fixtureCase: FixtureCase, on backend: TestBackend) throws {
        let fixture = try fixtureCase.open(), config = fixture.config
        let l2 = config["l2"]?.number.map { L2($0) }
        let model = try Sequential(
            [5],
            [
                Dense(4, activation: .tanh, kernelRegularizer: l2, name: "hidden"),
                Dense(3, activation: .softmax, name: "head"),
            ]
        ).on(backend)
        if config["frozen"]?.integer == 1 { try model.layer(named: "hidden").setTrainable(false) }
        let range = (config["weight_range"]?.array ?? []).compactMap(\.number)
        try #require(range.count == 2)
        try model.setWeights(
            model.graph.parameters.map { parameter in
                hashUniform("m18/extras/\(parameter.name)", shape: parameter.shape, range[0], range[1])
            })
        // As from a file, which is where these settings come from.
        let training: JSON = [
            "loss": "categorical_crossentropy",
            "optimizer_config": ["class_name": config["optimizer"] ?? nil, "config": config],
        ]
        model.compile(try Compilation(config: training, outputNames: model.outputNames))

        let losses = try fixture.tensor("losses")
        for step in 0..<losses.count {
            let targets = oneHot((0..<6).map { (2 * $0 + step) % 3 }, classes: 3)
            let loss = try model.trainOnBatch(
                Batch(inputs: [hashUniform("m18/extras/x/\(step)", shape: [6, 5], -1, 1)], targets: [targets]))
            let expected = Double(losses.scalars[step])
            #expect(abs(loss - expected) <= 1e-5 * abs(expected), "step \(step): loss \(loss), not \(expected)")
            for (parameter, weight) in zip(model.graph.parameters, try model.weights()) {
                let after = try fixture.tensor("after_\(parameter.name.replacing("/", with: "_"))")
                let difference = Difference(
                    "step \(step), \(parameter.name)", weight,
                    after[rows: step..<step + 1].reshaped(to: parameter.shape), absolute: 5e-6)
                #expect(difference.isWithinTolerance, "\(difference)")
            }
        }
    }

    /// Averaging over two half batches is training on the whole one, if nothing depends on the batch.
    @Test(arguments: TestBackend.allCases)
    func accumulatingIsALargerBatch(on backend: TestBackend) throws {
        func network() throws -> Model {
            try Sequential(
                [8, 8, 3],
                [
                    Conv2D(4, kernelSize: (3, 3), activation: .relu, kernelRegularizer: L2(0.01)), Flatten(),
                    Dense(3, activation: .softmax),
                ]
            ).on(backend)
        }
        let whole = try network(), halves = try network()
        whole.compile(loss: .categoricalCrossentropy, optimizer: Adam())
        halves.compile(loss: .categoricalCrossentropy, optimizer: Adam(), gradientAccumulationSteps: 2)
        for number in 0..<3 {
            let batch = smallBatch(number)
            try whole.trainOnBatch(batch)
            for rows in [0..<3, 3..<6] {
                try halves.trainOnBatch(
                    Batch(inputs: [batch.inputs[0][rows: rows]], targets: [batch.targets[0][rows: rows]]))
            }
        }
        for (a, b) in zip(try whole.weights(), try halves.weights()) {
            #expect(Difference("weight", a, b, absolute: 1e-5).isWithinTolerance)
        }
        #expect(whole.state.iterations == 3 && halves.state.iterations == 6)
    }

    /// Numbers that are not finite are not hidden by clipping.
    @Test(arguments: [GradientClipping.norm(1), .value(1), .globalNorm(1)])
    func whatIsNotANumberStays(_ clipping: GradientClipping) {
        var gradients: [Float] = [3, .nan, 4, 0, 0, 0, 6, 8]
        gradients.withUnsafeMutableBufferPointer {
            clipping.apply(to: $0, ranges: [0..<3, 6..<8]) { _ in Tensor(shape: [1]) }
        }
        #expect(gradients[1].isNaN && gradients[3...5] == [0, 0, 0])
        switch clipping {
        case .norm: #expect(gradients[0].isNaN && abs(gradients[6] - 0.6) < 1e-6 && abs(gradients[7] - 0.8) < 1e-6)
        case .value: #expect(gradients[0] == 1 && gradients[6] == 1)
        case .globalNorm: #expect(gradients[0].isNaN && gradients[6].isNaN)
        }
    }

    /// Steps see the penalties' gradients, and those of the trainable weights only.
    @Test func aStepOfOnesOwnSeesTheGradients() throws {
        struct Recorder: GradientStep {
            final class Seen: @unchecked Sendable { var gradients: [[Float]] = [] }
            let seen = Seen()
            var described: JSON { JSON(className: "Recorder") }
            func apply(
                to gradients: UnsafeMutableBufferPointer<Float>, ranges: [Range<Int>], weight: (Int) -> Tensor
            ) {
                seen.gradients = ranges.map { Array(gradients[$0]) }
                for range in ranges { for i in range { gradients[i] = 1 } }
            }
        }
        let input = Input(shape: [2])
        let model = try Model(
            inputs: input,
            outputs: Dense(1, kernelRegularizer: L2(0.5), name: "out")(Dense(2, isTrainable: false, name: "in")(input))
        ).on(.any)
        let recorder = Recorder()
        model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.25), gradientSteps: [recorder])
        let x = Tensor(shape: [1, 2])
        let kernel = try model.weights()[2]
        // Of inputs 0 the loss has no gradient but the penalty's, and the bias's, which is 0.
        try model.trainOnBatch(Batch(inputs: [x], targets: [Tensor(shape: [1, 1])]))
        #expect(recorder.seen.gradients == [kernel.scalars, [0]])
        #expect(try model.weights()[2].scalars == kernel.scalars.map { $0 - 0.25 })
        #expect(try model.weights()[3].scalars == [-0.25])
    }

    // MARK: - Large batches

    /// At a learning rate of 1, SGD moves every kernel by the coefficient's share of its size, whatever the loss's scale;
    /// the bias moves by its gradient.
    @Test(arguments: [1.0, 1000])
    func larsMovesKernelsByAShareOfTheirSize(_ scale: Double) throws {
        let model = try Sequential([3], [Dense(4, name: "a"), Dense(2, name: "b")]).on(.any)
        model.compile(
            loss: .meanSquaredError, lossWeights: [scale], optimizer: SGD(learningRate: 1),
            gradientSteps: [LARS(trustCoefficient: 0.25)])
        let x = hashUniform("lars/x", shape: [5, 3], -1, 1), y = hashUniform("lars/y", shape: [5, 2], -1, 1)
        let before = try model.weights()
        try model.trainOnBatch(Batch(inputs: [x], targets: [y]))
        func norm(_ tensor: Tensor) -> Double { tensor.scalars.reduce(0) { $0 + Double($1 * $1) }.squareRoot() }
        for (old, new) in zip(before, try model.weights()) where old.shape.rank > 1 {
            let move = Tensor(shape: old.shape, scalars: zip(old.scalars, new.scalars).map { $0 - $1 })
            #expect(abs(norm(move) / norm(old) - 0.25) < 1e-5)
        }
        let plain = try Sequential([3], [Dense(4, name: "a"), Dense(2, name: "b")]).on(.any)
        plain.compile(loss: .meanSquaredError, lossWeights: [scale], optimizer: SGD(learningRate: 1))
        try plain.setWeights(before)
        try plain.trainOnBatch(Batch(inputs: [x], targets: [y]))
        #expect(try plain.weights()[3] == model.weights()[3])
    }

    /// You et al., equation 6, in numbers by hand: a kernel (3, 4) with the gradient (0, 2) moves by 5 / 2 of it.
    @Test func larsByHand() {
        var gradients: [Float] = [0, 2, 7, 0, 0]
        let weights = [Tensor(shape: [1, 2], scalars: [3, 4]), Tensor(shape: [1], scalars: [9])]
        gradients.withUnsafeMutableBufferPointer {
            LARS(trustCoefficient: 0.5).apply(to: $0, ranges: [0..<2, 2..<3]) { weights[$0] }
        }
        #expect(gradients == [0, 2.5, 7, 0, 0])
        // Neither a kernel of zeros nor one without a gradient divides by zero.
        var zero: [Float] = [0, 0, 1, 1]
        zero.withUnsafeMutableBufferPointer {
            LARS().apply(to: $0, ranges: [0..<2, 2..<4]) {
                Tensor(repeating: $0 == 0 ? 1 : 0, shape: [1, 2])
            }
        }
        #expect(zero == [0, 0, 1, 1])
    }
}
