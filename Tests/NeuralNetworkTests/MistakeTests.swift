import ComputeGraph
import FixtureSupport
import System
import Tensors
import Testing
@testable import NeuralNetwork

/// Mistakes in calls that cannot throw, by an author of a network or a training: the program ends with one line that
/// says what is wrong, and no backtrace.
@Suite struct MistakeTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        let says: String
        let make: @Sendable () throws -> Void
        var testDescription: String { says }

        init(_ says: String, _ make: @escaping @Sendable () throws -> Void) { (self.says, self.make) = (says, make) }
    }

    @Sendable private static func image(_ height: Int = 8, _ width: Int = 8) -> KerasTensor {
        Input(shape: [height, width, 3])
    }

    @Sendable private static func network(outputs: [String] = ["first"]) throws -> Model {
        let input = Input(shape: [4], name: "features")
        return try Model(inputs: [input], outputs: outputs.map { Dense(2, name: $0)(input) }).on(.any)
    }

    static let mistakes: [Mistake] = [
        // Layers.
        Mistake("Conv2D: a 5x5 window does not fit into 3x3") { _ = Conv2D(8, kernelSize: (5, 5))(image(3, 3)) },
        Mistake("MaxPooling2D: a 4x4 window does not fit into 3x8") { _ = MaxPooling2D((4, 4))(image(3)) },
        Mistake("AveragePooling2D: a 7x7 window does not fit into 6x6") { _ = AveragePooling2D((7, 7))(image(6, 6)) },
        Mistake("Concatenate: (8, 8, 3), (4, 4, 3) differ before the channels") {
            _ = Concatenate()([image(), image(4, 4)])
        },
        Mistake("Concatenate: it needs inputs") { _ = Concatenate()([]) },
        Mistake("Add: (8, 8, 3), (4, 4, 3) are different shapes") { _ = Add()([image(), image(4, 4)]) },
        Mistake("Add: it needs inputs") { _ = Add()([]) },
        Mistake("Flatten: it takes one input, not 0") { _ = Flatten()([]) },
        Mistake("Dense: it takes one input, not 2") { _ = Dense(2)([image(), image()]) },
        Mistake("the number of units must be positive, not 0") { _ = Dense(0)(image()) },
        Mistake("the number of filters must be positive, not -8") { _ = Conv2D(-8, kernelSize: (3, 3))(image()) },
        Mistake("Conv2D is too large") { _ = Conv2D(.max, kernelSize: (3, 3))(image()) },
        Mistake("Dense is too large") { _ = Dense(.max)(image()) },
        Mistake("kernel 0x3 and strides 1x1 must be from 1") { _ = Conv2D(8, kernelSize: (0, 3))(image()) },
        Mistake("kernel 3x3 and strides 1x0 must be from 1") {
            _ = Conv2D(8, kernelSize: (3, 3), strides: (1, 0))(image())
        },
        Mistake("kernel -1x2 and strides") { _ = MaxPooling2D((-1, 2))(image()) },
        Mistake("kernel 0x0 and strides 0x0") { _ = AveragePooling2D((0, 0))(image()) },
        Mistake("must be from 1 to 1048576") { _ = MaxPooling2D((.max, .max), padding: .same)(image()) },
        Mistake("padding must be from 0") { _ = ZeroPadding2D((-1, 0))(image()) },
        Mistake("padding must be from 0") { _ = ZeroPadding2D((.max, .max))(image()) },
        Mistake("Dropout: the rate 2.0 is not in [0, 1)") { _ = Dropout(2)(image()) },
        Mistake("Dropout: the rate nan is not in [0, 1)") { _ = Dropout(.nan)(image()) },
        Mistake("the depth radius -1") { _ = LocalResponseNormalization(depthRadius: -1)(image()) },
        Mistake("alpha inf") { _ = LocalResponseNormalization(alpha: .infinity)(image()) },
        Mistake("momentum 2.0 is not from 0 to 1") { _ = BatchNormalization(momentum: 2)(image()) },
        Mistake("epsilon -1.0 is not 0 or more") { _ = BatchNormalization(epsilon: -1)(image()) },
        Mistake("ELU: alpha must be finite, not nan") { _ = ELU(alpha: .nan)(image()) },
        Mistake("DepthwiseConv2D: the depth multiplier must be positive, not 0") {
            _ = DepthwiseConv2D(kernelSize: (3, 3), depthMultiplier: 0)(image())
        },
        Mistake("Conv2D: 2 groups do not divide 3 input channels and 8 filters") {
            _ = Conv2D(8, kernelSize: (3, 3), groups: 2)(image())
        },
        Mistake("0 groups do not divide") { _ = Conv2D(8, kernelSize: (3, 3), groups: 0)(image()) },
        Mistake("kernel 3x3, dilation 0x1 and strides 1x1 must be") {
            _ = Conv2D(8, kernelSize: (3, 3), dilationRate: (0, 1))(image())
        },
        Mistake("strides and dilation cannot both") {
            _ = Conv2D(8, kernelSize: (3, 3), strides: (2, 2), dilationRate: (2, 2))(image())
        },
        Mistake("DepthwiseConv2D: strides and dilation cannot both") {
            _ = DepthwiseConv2D(kernelSize: (3, 3), strides: (2, 1), dilationRate: (1, 2))(image())
        },
        Mistake("SeparableConv2D: strides and dilation cannot both") {
            _ = SeparableConv2D(8, kernelSize: (3, 3), strides: (2, 2), dilationRate: (2, 2))(image())
        },
        Mistake("ReLU: largest value -1.0") { _ = ReLU(maxValue: -1)(image()) },
        Mistake("PReLU: an input (8, 8, 3) has no axis 4") { _ = PReLU(sharedAxes: [4])(image()) },
        Mistake("Rescaling: the scale must be one finite number or one for each of 3 channels") {
            _ = Rescaling(scale: [1, 2])(image())
        },
        Mistake("Normalization: a variance is negative") {
            _ = Normalization(.init(mean: [0], variance: [-1]))(image())
        },
        Mistake("Reshape: an input (8, 8, 3) does not have the elements of the shape (5, 38)") {
            _ = Reshape([5, -1])(image())
        },
        Mistake("Reshape: [-1, -1] is not a shape with at most one unknown") { _ = Reshape([-1, -1])(image()) },
        Mistake("Multiply: (8, 8, 3), (8, 8, 2) do not fit together") {
            _ = Multiply()([image(), Input(shape: [8, 8, 2])])
        },
        Mistake("Subtract: it takes two inputs, not 3") { _ = Subtract()([image(), image(), image()]) },
        Mistake("Maximum: it needs inputs") { _ = Maximum()([]) },
        Mistake("CustomScaleLayer: it needs a finite factor") { _ = CustomScaleLayer(scale: 1)([image()]) },
        Mistake("Cropping2D: cropping 4 and 4 rows, 0 and 0 columns leaves nothing") {
            _ = Cropping2D(top: 4, bottom: 4, left: 0, right: 0)(image())
        },
        Mistake("UpSampling2D: the size must be from 1") { _ = UpSampling2D((0, 2))(image()) },
        Mistake("the factor -1.0 of an L1 penalty") { _ = Dense(2, biasRegularizer: L1(-1))(image()) },
        Mistake("the factor nan of an L2 penalty") { _ = Dense(2, activityRegularizer: L2(.nan))(image()) },
        Mistake("the factor -1.0 of an L2 penalty") { _ = Dense(2, kernelRegularizer: L2(-1))(image()) },
        Mistake("Conv2D: it takes (height, width, channels), but its input is (4)") {
            _ = Conv2D(8, kernelSize: (1, 1))(Input(shape: [4]))
        },
        Mistake("GlobalAveragePooling2D: it takes (height, width, channels)") {
            _ = GlobalAveragePooling2D()(Input(shape: [4]))
        },
        Mistake("an input of shape (8, -1, 3)") { _ = Input(shape: [8, -1, 3]) },
        Mistake("an input of shape ()") { _ = Input(shape: []) },
        Mistake("an input of shape (2, 3, 4, 5)") { _ = Dense(2)(Input(shape: [2, 3, 4, 5])) },
        Mistake("InputLayer is too large") { _ = Input(shape: [.max, .max, 3]) },
        Mistake("begins a network") { _ = InputLayer(shape: [4])(image()) },
        Mistake("Dense cannot have the name \"\"") { _ = Dense(2, name: "")(image()) },
        // Models.
        Mistake("two layers are named \"a\"") {
            let input = image()
            _ = Model(inputs: input, outputs: Activation(.relu, name: "a")(Activation(.relu, name: "a")(input)))
        },
        Mistake("a model needs an output") { _ = Model(inputs: [image()], outputs: []) },
        Mistake("a model needs an output") { _ = Model(inputs: [], outputs: []) },
        Mistake("the outputs depend on \"input_layer\", which is not among the model's inputs") {
            _ = Model(inputs: [], outputs: [Flatten()(image())])
        },
        Mistake("which is not among the model's inputs") {
            _ = Model(inputs: image(), outputs: Flatten()(image()))
        },
        Mistake("an input of the model is listed twice") {
            let input = image()
            _ = Model(inputs: [input, input], outputs: [Flatten()(input)])
        },
        // Training.
        Mistake("a model of 1 outputs takes as many losses and loss weights, not 2 and 2") {
            try network().compile(losses: [.meanSquaredError, .meanSquaredError], optimizer: SGD())
        },
        Mistake("a model of 2 outputs takes as many losses and loss weights, not 2 and 1") {
            try network(outputs: ["a", "b"]).compile(loss: .meanSquaredError, lossWeights: [1], optimizer: SGD())
        },
        Mistake("a model of 1 outputs takes as many losses and loss weights, not 0 and 0") {
            try network().compile(losses: [], optimizer: SGD())
        },
        Mistake("label smoothing must be from 0 to 1, not 1.5") {
            _ = Loss.categoricalCrossentropy(labelSmoothing: 1.5)
        },
        Mistake("label smoothing must be from 0 to 1, not nan") {
            _ = Loss.categoricalCrossentropy(labelSmoothing: .nan)
        },
        Mistake("a table of learning rates needs a row") { _ = StepTable([]) },
        Mistake("cannot drop every 0") { _ = ExponentialStaircase(initial: 1, drop: 0.5, every: 0) },
        Mistake("cannot decay over 0") { _ = PolynomialDecay(initialLearningRate: 1, decaySteps: 0) },
        Mistake("cannot rise from 2.0 of itself for 3") {
            _ = GradualWarmup(WarmupLinearDecay(peak: 1, warmup: 0, duration: 1), warmup: 3, from: 2)
        },
        Mistake("cannot rise for 3 of 0") { _ = WarmupLinearDecay(peak: 1, warmup: 3, duration: 0) },
        Mistake("an optimizer with 0 slots gave a step that needs 2") {
            let model = try network()
            model.compile(loss: .meanSquaredError, optimizer: Forgetful())
            try model.fit(
                Tensor(repeating: 1, shape: [2, 4]), Tensor(repeating: 1, shape: [2, 2]), verbose: false)
        },
        // Tensors.
        Mistake("3 numbers do not fill a tensor of shape (2, 2)") { _ = Tensor(shape: [2, 2], scalars: [1, 2, 3]) },
        Mistake("a tensor cannot have the shape (-1, 2)") { _ = Tensor(shape: [-1, 2]) },
        Mistake("more elements than can be counted") { _ = Tensor(shape: [.max, .max]) },
        Mistake("4 numbers do not fill a tensor of shape (3)") { _ = Tensor(shape: [2, 2]).reshaped(to: [3]) },
        Mistake("rows 1..<3 are not among the 2") { _ = Tensor(shape: [2, 2])[rows: 1..<3] },
        Mistake("row 2 is not among the 2") { _ = Tensor(shape: [2, 2]).gathered(rows: [0, 2]) },
        Mistake("a tensor of shape (2, 3) has no axis 2") { _ = Tensor(shape: [2, 3]).shape[2] },
    ]

    /// An optimizer that claims to have no state, and steps as Adam does.
    private struct Forgetful: Optimizer {
        static let className = "Forgetful"
        var learningRate = 0.1
        let slotNames: [String] = []
        let config: [String: JSON] = [:]
        func rule(iteration: Int, step: Int) -> UpdateRule { Adam().rule(iteration: iteration, step: step) }
    }

    @Test(arguments: mistakes.indices)
    func endsWithOneLine(number: Int) async throws {
        let result = await #expect(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent]
        ) { [number] in try Self.mistakes[number].make() }
        let lines = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self).split(separator: "\n")
        #expect(lines.count == 1 && lines[0].hasPrefix("error: "), "\(lines)")
        #expect(lines.first?.contains(Self.mistakes[number].says) == true, "\(lines)")
    }

    @Test func printedTextIsKeptAndLinesAreJoined() async throws {
        let result = await #expect(
            processExitsWith: .exitCode(1), observing: [\.standardErrorContent, \.standardOutputContent]
        ) {
            print("Epoch 1/2", terminator: "")
            stop("two\nlines \u{1B}[31m")
        }
        let error = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
        #expect(error == "error: two lines ?[31m\n" && output.hasSuffix("Epoch 1/2"), "\(error) \(output)")
    }

    // MARK: - What can throw does

    private func fit(
        _ x: Shape = [4, 4], _ y: Shape = [4, 2], batchSize: Int = 2, epochs: Int = 1, initialEpoch: Int = 0
    ) throws {
        let model = try Self.network()
        model.compile(loss: .meanSquaredError, optimizer: SGD())
        try model.fit(
            Tensor(shape: x), Tensor(shape: y), batchSize: batchSize, epochs: epochs, initialEpoch: initialEpoch,
            verbose: false)
    }

    private func message(_ body: () throws -> Void) -> String {
        do {
            try body()
            return "nothing was thrown"
        } catch { return "\(error)" }
    }

    @Test func callsThatThrow() throws {
        #expect(message { try fit([4, 4], [4, 3]) }.contains("targets of shape (2, 3) do not fit"))
        #expect(message { try fit([4, 4], [4]) }.contains("targets of shape (2) do not fit"))
        #expect(message { try fit([4, 4], [3, 2]) }.contains("the same number of samples, but have 4, 3"))
        #expect(message { try fit([4, 4], []) }.contains("the same number of samples, but have 4, 0"))
        #expect(message { try fit([0, 4], [0, 2]) }.contains("there are no samples"))
        #expect(message { try fit([], []) }.contains("there are no samples"))
        #expect(message { try fit([4, 5]) }.contains("(2, 5)"))
        #expect(message { try fit(batchSize: 0) }.contains("the batch size must be positive, not 0"))
        #expect(message { try fit(batchSize: -1) }.contains("the batch size must be positive, not -1"))
        #expect(message { try fit(epochs: -1) }.contains("trained for 0 epochs"))
        #expect(message { try fit(initialEpoch: -1) }.contains("epochs are counted from 0, not from -1"))
        let model = try Self.network()
        #expect(message { try model.fit(Tensor(shape: [4, 4]), Tensor(shape: [4, 2])) }.contains("compile the model"))
        #expect(message { _ = try model.evaluate(Tensor(shape: [4, 4]), Tensor(shape: [4, 2])) }.contains("compile"))
        #expect(message { _ = try model.predict([]) }.contains("must have the same number of samples, but have none"))
        #expect(message { _ = try model.predict(Tensor(shape: [4, 3])) }.contains("(4, 3)"))
        #expect(message { _ = try model.predict([Tensor(shape: [4, 4]), Tensor(shape: [4, 4])]) }.contains("2"))
        #expect(message { _ = try model.predict(Tensor(shape: [])) }.contains("there are no samples"))
        #expect(message { _ = try model.predict(Tensor(shape: [4, 4]), batchSize: 0) }.contains("batch size"))
        #expect(message { _ = try model.outputs(ofLayers: ["x"], for: Tensor(shape: [4, 4])) }.contains("\"x\""))
        #expect(message { try model.setWeights([]) }.contains("0 weights do not fit a model that has 2"))
    }

    /// A reader's own batches.
    private struct Batches: BatchGenerator {
        var sampleCount = 4
        var batchSize = 2
        var batch = Batch(inputs: [Tensor(shape: [2, 4])], targets: [Tensor(shape: [2, 2])])
        func batch(epoch: Int, step: Int) throws -> Batch { batch }
    }

    @Test func batchesOfOtherShapesAreReported() throws {
        func fit(_ change: (inout Batches) -> Void) throws -> String {
            var batches = Batches()
            change(&batches)
            let model = try Self.network()
            model.compile(loss: .meanSquaredError, optimizer: SGD())
            return message {
                try model.fit(batches, epochs: 1, workers: -1, verbose: false)
                _ = try model.predict(batches)
            }
        }
        #expect(try fit { _ in } == "nothing was thrown")
        #expect(try fit { $0.batchSize = 0 }.contains("batch size must be positive"))
        #expect(try fit { $0.sampleCount = -3 }.contains("no training samples"))
        #expect(try fit { $0.batch.inputs = [] } != "nothing was thrown")
        #expect(try fit { $0.batch.inputs[0] = Tensor(shape: []) } != "nothing was thrown")
        #expect(try fit { $0.batch.targets = [] }.contains("0 targets"))
        #expect(try fit { $0.batch.inputs[0] = Tensor(shape: [3, 4]) } != "nothing was thrown")
        var none = Batches()
        none.sampleCount = 0
        let model = try Self.network()
        model.compile(loss: .meanSquaredError, optimizer: SGD())
        #expect(message { _ = try model.evaluate(none) }.contains("no samples to evaluate"))
        #expect(
            message { try model.fit(Batches(), epochs: 1, validation: none, verbose: false) }.contains("no samples"))
        #expect(try fit { $0.sampleCount = 3 }.contains("step 1 has 2 samples, but should have 1"))
        #expect(
            message {
                _ = try ArrayBatches(
                    inputs: [Tensor(shape: [2, 2])], targets: [], batchSize: 1, shuffle: true, seed: 1
                ).batch(epoch: 0, step: 2)
            }.contains("there is no step 2: an epoch has 2"))
    }

    /// A damaged file may hold any number, and a product of two of them has to fit into `Int`.
    @Test func impossibleStatesAreNamed() {
        func fault(_ change: (inout TrainingState) -> Void) -> String? {
            var state = TrainingState()
            change(&state)
            return state.fault
        }
        #expect(fault { $0.epochs = 1_000_000 } == nil)
        #expect(fault { $0.epochs = 1 << 40 } == "epochs is 1099511627776, which is not a count")
        #expect(fault { $0.iterations = -1 } == "iterations is -1, which is not a count")
        #expect(fault { $0.step = 1 } == "step is 1, of 0 steps")
    }

    /// Types that are created outside this package.
    @Test func publicTypesCanBeCreated() {
        #expect(WeightDescription(name: "kernel", initializer: .zeros).isTrainable)
        #expect(LayerError("x").description == "x")
        #expect(Loss(kerasName: "mse") == .meanSquaredError && Loss(kerasName: "hinge") == nil)
    }
}
