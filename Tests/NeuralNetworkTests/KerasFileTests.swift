import FixtureSupport
import Foundation
import HDF5
import Tensors
import Testing
@testable import NeuralNetwork

/// Files of Keras 2 and Keras 3: predictions are the same here, and training continues from them.
@Suite struct KerasFileTests {
    /// The files beside this one have every optimizer, of three generations of Keras.
    private static let own = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"

    @Test(arguments: try FixtureFile.kerasModels.sideFiles() + KerasFixture.all(in: own), TestBackend.allCases)
    func kerasModel(_ file: KerasFixture, backend: TestBackend) throws {
        let io = try file.open()
        let model = try Model.load("\(file.folder)/\(file.name).hdf5", on: backend)
        #expect(model.parameterCount == io.config["total_params"]?.integer)

        let x = try io.images("input_key"), shape = x.shape
        let prediction = Difference("prediction", try model.predict(x), try io.tensor("prediction"), absolute: 1e-5)
        #expect(prediction.isWithinTolerance, "\(file): \(prediction)")

        // One more step, with the optimizer's state from the file and without dropout, as in the fixture.
        let undropped = try model.withoutDropout()
        let labels = try io.integers("continued_step_labels")
        let classes = try io.tensor("prediction").shape[1]
        let key = try io.setting("continued_input_key").string ?? ""
        func step(_ key: String, _ labels: [Int]) throws -> Double {
            let batch = hashImages(key, shape.sample.batched(labels.count))
            return try undropped.trainOnBatch(Batch(inputs: [batch], targets: [oneHot(labels, classes: classes)]))
        }
        let loss = try step(key, labels), expected = Double(try io.tensor("continued_step_loss").scalars[0])
        #expect(abs(loss - expected) <= 1e-4, "\(file): loss \(loss), not \(expected)")

        let tolerance = file.folder == Self.own ? 5e-6 : 1e-4
        let kernels = zip(undropped.graph.parameters, try undropped.weights()).filter { $0.0.name.hasSuffix("/kernel") }
        for (dataset, kernel) in [("after_first_conv_kernel", kernels.first), ("after_final_kernel", kernels.last)] {
            let difference = Difference(
                dataset, try #require(kernel).1, try io.tensor(dataset), absolute: tolerance)
            #expect(difference.isWithinTolerance, "\(file): \(difference)")
        }

        // In the second set two more steps, where a step counter that was forgotten shows.
        guard io.contains("more_losses") else { return }
        let losses = try io.tensor("more_losses"), folder = key.split(separator: "/").dropLast().joined(separator: "/")
        for (index, number) in (try io.setting("more_steps").array ?? []).compactMap(\.integer).enumerated() {
            let loss = try step("\(folder)/\(number)", labels.indices.map { (3 * $0 + number) % classes })
            let expected = Double(losses.scalars[index])
            #expect(abs(loss - expected) <= 3e-4, "\(file), step \(number): loss \(loss), not \(expected)")
        }
        let weights = try undropped.weightsByName()
        let normalization = try #require(undropped.layers.first { $0.className == "BatchNormalization" }).name
        let final = try #require(undropped.graph.parameters.last { $0.name.hasSuffix("/kernel") }).name
        var found = [("more_final_kernel", weights[final], 1e-5)]
        for name in ["gamma", "beta", "moving_mean", "moving_variance"] {
            found.append(("more_first_bn_\(name)", weights["\(normalization)/\(name)"], 1e-5))
        }
        found.append(("more_prediction", try undropped.predict(x), 1e-4))
        for (dataset, value, tolerance) in found {
            let difference = Difference(dataset, try #require(value), try io.tensor(dataset), absolute: tolerance)
            #expect(difference.isWithinTolerance, "\(file): \(difference)")
        }
    }

    /// If a step has a part that is not supported, it is not taken without that part: the file's model predicts, and
    /// has to be compiled again.
    @Test(arguments: [
        (#""weight_decay": null"#, #""weight_decay": 0.01"#),
        (#""clipnorm": null, "global_clipnorm": null"#, #""clipnorm": 1.0, "global_clipnorm": 1.0"#),
        (#""use_ema": false"#, #""use_ema": true"#), (#""loss_scale_factor": null"#, #""loss_scale_factor": 8.0"#),
        (#""class_name": "Adam""#, #""class_name": "Custom>Adam""#),
        (
            #""loss": "categorical_crossentropy""#,
            #""loss": {"class_name": "CategoricalCrossentropy", "config": {"reduction": "sum"}}"#
        ),
        (
            #""loss": "categorical_crossentropy""#,
            #""loss": {"class_name": "CategoricalCrossentropy", "config": {"reduction": null}}"#
        ),
    ])
    func stepsThatWeCannotMakeAreNotResumed(plain: String, other: String) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try FileManager.default.copyItem(atPath: Self.own + "/keras3_adam.hdf5", toPath: path)
        #expect(try Model.load(path).compilation != nil)
        let file = try HDF5File(updating: path)
        let text = try #require(try file.root.attributes.string("training_config"))
        #expect(text.contains(plain))
        try file.root.attributes.set("training_config", text.replacing(plain, with: other))
        try file.close()
        #expect(try Model.load(path).compilation == nil)
    }
}

func temporaryPath(_ suffix: String = ".hdf5") -> String {
    FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + suffix).path
}

/// A network with one of everything that a file must restore.
func everyLayer(order: [Int] = [0, 1]) -> Model {
    let input = Input(shape: [12, 12, 3])
    var x = Conv2D(8, kernelSize: (3, 2), strides: (1, 1), padding: .same, kernelRegularizer: L2(0.001))(input)
    x = BatchNormalization(momentum: 0.9, epsilon: 2e-5)(x)
    x = Activation(.relu)(x)
    let a = Conv2D(8, kernelSize: (1, 1), activation: .elu(alpha: 1), useBias: false, kernelInitializer: .heNormal)(x)
    let b = ELU(alpha: 0.5)(MaxPooling2D((3, 3), strides: (1, 1), padding: .same)(x))
    x = Add()([a, b])
    x = Concatenate()([x, AveragePooling2D((3, 3), strides: (1, 1), padding: .same)(a)])
    x = ZeroPadding2D(top: 1, bottom: 0, left: 2, right: 1)(x)
    let aux = Dense(4, activation: .sigmoid, name: "aux")(GlobalAveragePooling2D()(x))
    x = Dropout(0.25)(x)
    x = Flatten()(x)
    x = Dense(5, activation: .tanh, isTrainable: false)(x)
    x = Dense(3, biasInitializer: .constant(0.2))(x)
    let main = Activation(.softmax, name: "main")(x)
    return Model(inputs: [input], outputs: order.map { [main, aux][$0] }, name: "every_layer")
}

/// Training on a tiny batch, with all kinds of random numbers.
func step(_ model: Model, _ number: Int) throws -> Double {
    let x = hashImages("every_layer/\(number)", [4, 12, 12, 3])
    var main = Tensor(repeating: 0, shape: [4, 3]), aux = Tensor(repeating: 0, shape: [4, 4])
    for row in 0..<4 {
        main.scalars[row * 3 + (row + number) % 3] = 1
        aux.scalars[row * 4 + row] = 1
    }
    return try model.trainOnBatch(Batch(inputs: [x], targets: [main, aux]), epoch: 0, step: number)
}

@Suite struct SaveAndLoadTests {
    static let optimizers: [any Optimizer] = [
        SGD(learningRate: 0.01), SGD(learningRate: 0.01, momentum: 0.9, nesterov: true, decay: 1e-3), Adagrad(),
        Adadelta(learningRate: 1), RMSprop(), Adam(), Nadam(), Adagrad(epsilon: 0.1, isEpsilonUnderRoot: false),
        RMSprop(epsilon: 0.01, isEpsilonUnderRoot: false), Nadam(scheduleDecay: 0.004), Nadam(scheduleDecay: 0),
    ]

    /// Three steps, a file, three more: the same bits as six without a file.
    @Test(arguments: optimizers.indices, TestBackend.allCases)
    func trainingResumesFromTheFile(optimizer: Int, backend: TestBackend) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let straight = try everyLayer().on(backend)
        straight.compile(
            losses: [.categoricalCrossentropy(labelSmoothing: 0.1), .binaryCrossentropy], lossWeights: [1, 0.3],
            optimizer: Self.optimizers[optimizer])
        for number in 0..<3 { _ = try step(straight, number) }
        try straight.save(path)
        let resumed = try Model.load(path, on: backend)
        #expect(resumed.state.iterations == 3)
        #expect(resumed.config == straight.config)
        for number in 3..<6 { #expect(try step(straight, number) == step(resumed, number)) }
        #expect(try straight.weights() == resumed.weights())
    }

    /// The frozen layer does not change, and everything else does.
    @Test func onlyTrainableWeightsMove() throws {
        let model = try everyLayer().on(.any)
        model.compile(losses: [.categoricalCrossentropy, .meanSquaredError], optimizer: Adam())
        let before = try model.weights()
        _ = try step(model, 0)
        for ((parameter, before), after) in zip(zip(model.graph.parameters, before), try model.weights()) {
            let isMoving = parameter.isTrainable || parameter.name.contains("moving_")
            #expect((before != after) == isMoving, "\(parameter.name)")
        }
    }

    @Test(arguments: TestBackend.allCases)
    func weightsMoveToAnotherBackend(from backend: TestBackend) throws {
        let model = try everyLayer().on(backend)
        let x = hashImages("every_layer/x", [2, 12, 12, 3])
        let before = try model.predict([x])
        try model.move(to: backend.other.backend)
        for (a, b) in zip(before, try model.predict([x])) {
            #expect(Difference("prediction", b, a, absolute: 1e-5).isWithinTolerance)
        }
    }

    /// A layer inside a model and beside it is one layer in the file too. Keras would make two.
    @Test(arguments: TestBackend.allCases)
    func aLayerAtTwoPlacesStaysOne(on backend: TestBackend) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let shared = Dense(4, activation: .tanh)
        let input = Input(shape: [4]), inside = Input(shape: [4])
        let inner = Model(inputs: inside, outputs: Dropout(0.5)(Dense(4)(shared(inside))), name: "inner")
        let x = Dense(4)(Dense(4)(input))
        let model = try Model(inputs: input, outputs: Add()([inner(x), shared(x)])).on(backend)
        model.compile(loss: .meanSquaredError, optimizer: Adam())
        func train(_ model: Model, _ number: Int) throws -> Double {
            try model.trainOnBatch(
                Batch(
                    inputs: [hashUniform("places/x/\(number)", shape: [3, 4], -1, 1)],
                    targets: [hashUniform("places/y/\(number)", shape: [3, 4], -1, 1)]), step: number)
        }
        for number in 0..<2 { _ = try train(model, number) }
        try model.save(path)
        let loaded = try Model.load(path, on: backend)
        #expect(loaded.parameterCount == model.parameterCount)
        #expect(try train(loaded, 2) == train(model, 2))
        #expect(try loaded.weights() == model.weights())
        // The same network as a copy, and with the weights of a file.
        let copy = try model.withoutDropout()
        #expect(try copy.weights() == model.weights())
        try copy.loadWeights(path)
        #expect(try copy.weights() == Model.load(path).weights())

        // A damaged list of places.
        for damage in [#"[[["nowhere"],["dense"]]]"#, #"[[["dense"],["add"]]]"#, "{}"] {
            let file = try HDF5File(updating: path)
            try file.root.attributes.set("shared_layers", damage)
            try file.close()
            #expect(throws: ModelFileError.self) { try Model.load(path) }
        }
    }

    /// The name of a place never depends on another place's.
    @Test(arguments: ["feature_extractor", "encoder", "dense"])
    func aModelBesideItsOwnLayersIsSaved(name: String) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let body = Sequential([4], [Dense(4, name: "conv1"), Dense(4, name: "conv2")], name: name)
        let model = try Model(inputs: body.inputs, outputs: [body(body.outputs[0])]).on(.any)
        try model.save(path)
        let loaded = try Model.load(path)
        #expect(try loaded.weights() == model.weights() && loaded.parameterCount == 2 * (4 * 4 + 4))
    }

    /// Two models inside a third share a layer.
    @Test func aLayerOfTwoModelsInsideAThirdIsSaved() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let shared = Dense(4, name: "shared")
        func part(_ name: String) -> Model {
            let input = Input(shape: [4])
            return Model(inputs: input, outputs: Dense(4)(shared(input)), name: name)
        }
        let input = Input(shape: [4]), middle = Input(shape: [4]), (a, b) = (part("a"), part("b"))
        let both = Model(inputs: middle, outputs: Add()([a(middle), b(middle)]), name: "both")
        let model = try Model(inputs: input, outputs: Dense(2)(both(input))).on(.any)
        try model.save(path)
        let loaded = try Model.load(path)
        #expect(try loaded.weights() == model.weights() && loaded.parameterCount == 3 * (4 * 4 + 4) + 4 * 2 + 2)
        let target = try model.withoutDropout()
        try target.setWeights(model.weights().map { $0 + $0 })
        try target.loadWeights(path)
        #expect(try target.weights() == model.weights())
    }

    /// The order of a nested model's weights in a file goes by what is frozen. Names tell which is which.
    @Test func weightsInsideAModelAreMatchedByName() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        func network() throws -> Model {
            let inner = Sequential([4], [Dense(4, name: "a"), Dense(4, name: "b")], name: "inner")
            let input = Input(shape: [4])
            return try Model(inputs: input, outputs: inner(input)).on(.any)
        }
        let source = try network(), target = try network()
        target.seed = 9
        try source.layer(named: "inner").layers[1].setTrainable(false)
        try source.save(path)
        try target.loadWeights(path)
        #expect(try target.weights() == source.weights())
    }

    /// Each model calls the one before it twice: two to the power of 31 calls.
    @Test func modelsThatCallEachOtherTooOftenAreRefused() throws {
        func nested(_ depth: Int) -> String {
            let layers =
                depth == 0
                ? #"{"class_name":"Activation","name":"a","config":{"name":"a","activation":"relu"},"#
                    + #""inbound_nodes":[[["in",0,0,{}]]]}"#
                : #"{"class_name":"Functional","name":"a","config":\#(nested(depth - 1)),"#
                    + #""inbound_nodes":[[["in",0,0,{}]],[["a",0,0,{}]]]}"#
            return #"{"name":"a","layers":[{"class_name":"InputLayer","name":"in","config":{"name":"in","#
                + #""batch_input_shape":[null,4]},"inbound_nodes":[]},\#(layers)],"#
                + #""input_layers":[["in",0,0]],"output_layers":[["a",\#(depth == 0 ? 0 : 1),0]]}"#
        }
        func model(_ depth: Int) throws -> Model {
            try Model(config: JSON(parsing: #"{"class_name":"Functional","config":\#(nested(depth))}"#))
        }
        #expect(try model(3).graph.nodes.count == 1 + 8)
        #expect(throws: LayerError.self) { try model(30) }
    }

    /// Keras 3 keeps how a layer was called: `dense(inputs=x)`, `attention(x, mask=y)`.
    @Test func inputsMayBeNamed() throws {
        func model(_ arguments: String, _ keywords: String) throws -> Model {
            let config = """
                {"class_name":"Functional","config":{"name":"m","layers":[
                {"class_name":"InputLayer","name":"in","config":{"name":"in","batch_shape":[null,2]},"inbound_nodes":[]},
                {"class_name":"Dense","name":"d","config":{"name":"d","units":3},
                "inbound_nodes":[{"args":[\(arguments)],"kwargs":{\(keywords)}}]}],
                "input_layers":[["in",0,0]],"output_layers":[["d",0,0]]}}
                """
            return try Model(config: JSON(parsing: config))
        }
        let tensor = #"{"class_name":"__keras_tensor__","config":{"keras_history":["in",0,0]}}"#
        #expect(try model("", #""inputs":\#(tensor)"#).config == model(tensor, "").config)
        #expect {
            try model(tensor, #""mask":null,"scale":[\#(tensor)]"#)
        } throws: {
            "\($0)".contains(#"layer "d" takes a tensor as scale"#)
        }
    }

    /// Keras 2 counts the making of a model as its call 0, Keras 3 does not. Both find the right call if each is written
    /// twice: measured with tf_keras 2.21, which waits forever for a call that it does not find, and Keras 3.15.
    @Test func callsOfNestedModelsAreFoundByBothGenerations() throws {
        let inner = Sequential([4], [Dense(4)], name: "inner"), input = Input(shape: [4], name: "in")
        let model = Model(inputs: input, outputs: Add(name: "sum")([inner(inner(input)), input]))
        let layers = try #require(model.config["config"]?["layers"]?.array)
        func calls(_ index: Int) -> JSON? { layers[index]["inbound_nodes"] }
        let first: JSON = [["in", 0, 0, [:]]], second: JSON = [["inner", 1, 0, [:]]]
        #expect(calls(1) == [first, first, second, second])
        #expect(calls(2) == [[["inner", 3, 0, [:]], ["in", 0, 0, [:]]]])
        #expect(try Model(config: model.config).config == model.config)
    }

    /// Keras 3 opens no file that says "mse".
    @Test func lossesHaveTheNamesThatBothGenerationsRead() {
        let losses: [Loss] = [.categoricalCrossentropy, .binaryCrossentropy, .meanSquaredError]
        #expect(
            losses.map(\.kerasConfig) == ["categorical_crossentropy", "binary_crossentropy", "mean_squared_error"])
    }

    /// What a file could not say is refused when it is written.
    /// Keras 3 refuses a learning rate or a momentum that is a whole number.
    @Test(arguments: [
        (SGD(learningRate: 1, momentum: 1) as any Optimizer, [#""learning_rate":1.0"#, #""momentum":1.0"#]),
        (SGD(learningRate: 0.5), [#""learning_rate":0.5"#, #""momentum":0.0"#]),
        (Adadelta(learningRate: 1), [#""learning_rate":1.0"#]), (Adam(learningRate: 1e20), [#""learning_rate":1e+20"#]),
    ])
    func ratesHaveAPoint(optimizer: any Optimizer, words: [String]) throws {
        let input = Input(shape: [2])
        let model = try Model(inputs: input, outputs: Dense(2)(input)).on(.any)
        model.compile(loss: .meanSquaredError, optimizer: optimizer)
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try model.save(path)
        let text = try #require(try HDF5File(reading: path).root.attributes.string("training_config"))
        for word in words { #expect(text.contains(word), "\(text)") }
        #expect(
            try Model.load(path, backend: TestBackend.any.backend).compilation?.optimizer.learningRate
                == optimizer.learningRate)
    }

    /// An output that an object does not name has the weight 1, as in Keras.
    @Test func lossWeightsMayBeOfSomeOutputs() throws {
        func weights(_ text: String) throws -> [Double] {
            let config: JSON = [
                "loss": "mse", "loss_weights": try JSON(parsing: text),
                "optimizer_config": ["class_name": "SGD", "config": [:]],
            ]
            return try Compilation(config: config, outputNames: ["a", "b"]).lossWeights
        }
        #expect(try weights(#"{"a": 0.3}"#) == [0.3, 1] && weights(#"{"b": 2, "a": null}"#) == [1, 2])
        #expect(try weights("[1, 0.3]") == [1, 0.3] && weights("null") == [1, 1] && weights("2") == [2, 2])
        for text in [#"{"c": 1}"#, "[1]", #"["a", 1]"#] { #expect(throws: ModelFileError.self) { try weights(text) } }
    }

    @Test func whatAFileCannotSayIsNotWritten() throws {
        let path = temporaryPath()
        func error(_ layers: [any Layer]) throws -> String {
            let model = try Sequential([4], layers, name: "model").on(.any)
            do {
                try model.save(path)
                return "it was written"
            } catch let error as ModelFileError { return error.description }
        }
        let slopes = try error([
            Activation(.hardSigmoid(slope: ActivationFunction.keras2Slope)),
            Activation(.hardSigmoid(slope: ActivationFunction.keras3Slope)),
        ])
        #expect(
            slopes
                == #"the model "model" has hard sigmoids of Keras 2 and of Keras 3, which a file cannot tell apart"#)
        #expect(
            try error([Activation(.celu(alpha: 2), name: "act")]).hasSuffix("for which Keras's files have no words"))
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func aFileOfWeightsIsMatchedByPosition() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let source = try everyLayer().on(.any), target = try everyLayer().on(.any)
        target.seed = 7
        do {
            // At the root, under names of its own, as in old files.
            let root = try HDF5File(creating: path).root
            let layers = source.layers.filter { !$0.weights.isEmpty }
            try root.attributes.set("layer_names", layers.indices.map { "layer_\($0)" })
            let weights = try source.weights()
            for (number, layer) in layers.enumerated() {
                let group = try root.createGroup("layer_\(number)")
                try group.attributes.set("weight_names", layer.weights.map { "w/\($0.name)" })
                for (parameter, weight) in zip(source.parameters(of: layer), layer.weights) {
                    try group.createDataset("w/\(weight.name)", shape: weight.shape.dimensions, type: .float64)
                        .write(weights[parameter.index].scalars)
                }
            }
        }
        #expect(try source.weights() != target.weights())
        try target.loadWeights(path)
        #expect(try source.weights() == target.weights())
        #expect { try Model.load(path) } throws: { "\($0)".contains("only weights") }
    }

    /// Names as Keras 2 gives them within scopes.
    @Test func namesWithSlashesSurviveAFile() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let input = Input(shape: [4])
        let model = try Model(inputs: input, outputs: Dense(2, name: "block/dense")(input)).on(.any)
        try model.save(path)
        #expect(try Model.load(path).weights() == model.weights())
    }

    @Test func theFirstLayerThatDoesNotFitIsNamed() throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try everyLayer().on(.any).save(path)
        func network(_ filters: Int) -> Model {
            let input = Input(shape: [12, 12, 3])
            let x = Conv2D(8, kernelSize: (3, 2), padding: .same)(input)
            return Model(inputs: input, outputs: Conv2D(filters, kernelSize: (1, 1), name: "narrow")(x))
        }
        let model = try network(4).on(.any)
        let before = try model.weights()
        #expect { try model.loadWeights(path) } throws: { "\($0)".contains("\"narrow\"") }
        #expect(try model.weights() == before)
    }

    @Test(arguments: [
        ("Lambda", "is a Lambda"), ("Conv3D", "is a Conv3D"), ("Conv2D", "\"filters\""),
    ])
    func unknownLayersAreRefusedByName(className: String, message: String) throws {
        let config: JSON = [
            "class_name": "Functional",
            "config": [
                "name": "m",
                "layers": [
                    ["class_name": "InputLayer", "config": ["name": "in", "batch_input_shape": [nil, 4, 4, 1]]],
                    [
                        "class_name": .string(className), "config": ["name": "odd", "kernel_size": [1, 1]],
                        "inbound_nodes": [[["in", 0, 0, [:]]]],
                    ],
                ],
                "input_layers": [["in", 0, 0]], "output_layers": [["odd", 0, 0]],
            ],
        ]
        #expect { try Model(config: config) } throws: { "\($0)".contains("odd") && "\($0)".contains(message) }
    }

    @Test func filesThatAreNotModelsAreRefused() throws {
        let text = temporaryPath(), other = temporaryPath()
        defer { for path in [text, other] { try? FileManager.default.removeItem(atPath: path) } }
        try "not HDF5".write(toFile: text, atomically: true, encoding: .utf8)
        #expect(throws: HDF5Error.notHDF5(text)) { try Model.load(text) }
        #expect(throws: HDF5Error.notFound("/nowhere.hdf5")) { try Model.load("/nowhere.hdf5") }
        #expect(throws: HDF5Error.isFolder("/")) { try Model.load("/") }
        _ = try HDF5File(creating: other)
        #expect(throws: ModelFileError.self) { try Model.load(other) }
    }

    @Test func aFileThatCannotBeWrittenLeavesNothingBehind() throws {
        let folder = temporaryPath("")
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: "\(folder)/taken.hdf5", withIntermediateDirectories: true)
        #expect { try everyLayer().on(.any).save("\(folder)/taken.hdf5") } throws: { "\($0)".contains("is a folder") }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["taken.hdf5"])
    }
}
