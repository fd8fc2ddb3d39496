import ComputeGraph
import FixtureSupport
import Foundation
import HDF5
import NeuralNetwork
import Tensors
import Testing
@testable import Fuzz

/// Malicious model files: each is refused at once, with one line that names the file and the fault, and without
/// allocating the memory that it demands.
@Suite struct HostileModelTests {
    private let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("hostile-\(UUID().uuidString).hdf5").path

    /// A valid file whose JSON `change` changes.
    private func write(_ name: String = "model_config", _ change: (inout JSON) throws -> Void) throws {
        try SmallNetwork.compiled().save(path)
        let file = try HDF5File(reading: path)
        var json = try JSON(parsing: file.root.attributes.string(name) ?? "")
        try file.close()
        try change(&json)
        try write(name, text: json.text())
    }

    private func write(_ name: String = "model_config", text: String) throws {
        if !FileManager.default.fileExists(atPath: path) { try SmallNetwork.compiled().save(path) }
        let file = try HDF5File(updating: path)
        try file.root.attributes.set(name, text)
        try file.close()
    }

    /// The error of `Model.load`, one line after the file's name; `nil` if it opens the file.
    private func refusal(sourceLocation: SourceLocation = #_sourceLocation) -> String? {
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            _ = try Model.load(path)
            return nil
        } catch {
            let message = "\(error)"
            #expect(message.hasPrefix(path), "\(message)", sourceLocation: sourceLocation)
            #expect(!message.contains("\n") && message.utf8.count < 1000, "\(message)", sourceLocation: sourceLocation)
            return String(message.dropFirst(path.count))
        }
    }

    @Test func theSoundFileOpens() throws {
        try write { _ in }
        #expect(refusal() == nil)
    }

    // MARK: - Settings of layers

    struct Setting: Sendable, CustomTestStringConvertible {
        let layer: String
        let key: String
        let value: JSON
        /// The text of the error after the layer's name.
        let says: String

        init(_ layer: String, _ key: String, _ value: JSON, _ says: String) {
            (self.layer, self.key, self.value, self.says) = (layer, key, value, says)
        }

        var testDescription: String { "\(layer) \(key) \(value)" }
    }

    static let settings = [
        Setting("conv2d", "kernel_size", 0, "pair of positive numbers"),
        Setting("conv2d", "kernel_size", -1, "pair of positive numbers"),
        Setting("conv2d", "kernel_size", 1e18, "pair of positive numbers"),
        Setting("conv2d", "kernel_size", [3], "pair of positive numbers"),
        Setting("conv2d", "kernel_size", [3, 3, 3], "pair of positive numbers"),
        Setting("conv2d", "kernel_size", [1_048_576, 1_048_576], "too large"),
        Setting("conv2d", "strides", 0, "pair of positive numbers"),
        Setting("conv2d", "strides", [1, -1], "pair of positive numbers"),
        Setting("conv2d", "dilation_rate", 0, "pair of positive numbers"),
        Setting("conv2d", "dilation_rate", [1, -1], "pair of positive numbers"),
        Setting("conv2d", "dilation_rate", 1e18, "pair of positive numbers"),
        Setting("conv2d", "groups", 2, "groups"),
        Setting("conv2d", "filters", 1e12, "\"filters\""),
        Setting("conv2d", "filters", 0, "\"filters\""),
        Setting("conv2d", "filters", 0.5, "\"filters\""),
        Setting("conv2d", "filters", 1_073_741_824, "too large"),
        Setting("conv2d", "padding", "causal", "padding"),
        Setting("conv2d", "data_format", "channels_first", "data format"),
        Setting("conv2d", "activation", ["class_name": "Evil", "config": [:]], "\"Evil\" is not known"),
        Setting("conv2d", "kernel_initializer", ["class_name": "X", "registered_name": "Custom>X"], "\"Custom>X\""),
        Setting("conv2d", "kernel_regularizer", ["class_name": "Evil", "config": ["l1": 1]], "regularizer"),
        Setting("conv2d", "kernel_regularizer", ["class_name": "L1", "config": ["l1": -1]], "penalty"),
        Setting("conv2d", "kernel_regularizer", ["class_name": "L2", "config": ["l2": -1]], "penalty"),
        Setting("conv2d", "kernel_constraint", ["class_name": "X", "config": [:]], "kernel_constraint"),
        Setting("conv2d", "trainable", "yes", "\"trainable\""),
        Setting("batch_normalization", "epsilon", -1, "\"epsilon\""),
        Setting("batch_normalization", "epsilon", 1e300, "\"epsilon\""),
        Setting("batch_normalization", "epsilon", "NaN", "\"epsilon\""),
        Setting("batch_normalization", "momentum", 2, "\"momentum\""),
        Setting("batch_normalization", "axis", 1, "not the last one"),
        Setting("batch_normalization", "axis", [1, 2], "\"axis\""),
        Setting("batch_normalization", "axis", 0.5, "\"axis\""),
        Setting("dropout", "rate", 1, "not in [0, 1)"),
        Setting("dropout", "rate", 1.5, "from 0.0 to 1.0"),
        Setting("dropout", "rate", -0.1, "from 0.0 to 1.0"),
        Setting("local_response_normalization", "depth_radius", -1, "\"depth_radius\""),
        Setting("local_response_normalization", "depth_radius", 1_000_000_000, "depth radius"),
        Setting("local_response_normalization", "alpha", 1e300, "\"alpha\""),
        Setting("zero_padding2d", "padding", -1, "\"padding\""),
        Setting("zero_padding2d", "padding", 1e18, "\"padding\""),
        Setting("zero_padding2d", "padding", 1_000_000, "too large"),
        Setting("max_pooling2d", "pool_size", [1_048_576, 0], "pair of positive numbers"),
        Setting("average_pooling2d", "strides", 0, "pair of positive numbers"),
        Setting("concatenate", "axis", 1, "not the last one"),
        Setting("dense", "units", 1e12, "\"units\""),
        Setting("dense", "units", -3, "\"units\""),
        Setting("dense", "units", 1_073_741_824, "too large"),
        Setting("input_layer", "batch_input_shape", [nil, 0, 8, 3], "batch axis"),
        Setting("input_layer", "batch_input_shape", [nil, 1e18, 8, 3], "batch axis"),
        Setting("input_layer", "batch_input_shape", [nil, 1_000_000, 1_000_000, 3], "too large"),
        Setting("input_layer", "batch_input_shape", [nil], "batch_input_shape"),
        Setting("input_layer", "batch_input_shape", [nil, 8, 8, 8, 8], "is not (height, width, channels)"),
    ]

    @Test(arguments: settings)
    func settingsAreRefused(setting: Setting) throws {
        try write { $0.changeLayer(setting.layer) { $0.set(["config", setting.key], setting.value) } }
        let refusal = refusal()
        #expect(refusal?.contains(setting.says) == true, "\(refusal ?? "opened")")
        #expect(refusal?.contains(setting.layer) == true, "\(refusal ?? "opened")")
    }

    // MARK: - Layers

    @Test func lambdasAreNeverExecuted() throws {
        try write { $0.changeLayer("dropout") { $0.set(["class_name"], "Lambda") } }
        #expect(refusal()?.contains("layer \"dropout\" is a Lambda, a program in the file") == true)
    }

    @Test func customClassesAreRefusedByName() throws {
        try write { $0.changeLayer("dense") { $0.set(["registered_name"], "Evil>Dense") } }
        #expect(refusal()?.contains("\"dense\" is of the custom class \"Evil>Dense\"") == true)
        try write { $0.changeLayer("dense") { $0.set(["class_name"], "MyDense") } }
        #expect(refusal()?.contains("layer \"dense\" is a MyDense, which is not among the layers known here") == true)
    }

    @Test func layersThatNeedThemselvesAreRefused() throws {
        try write { $0.changeLayer("flatten") { $0.set(["inbound_nodes"], [[["flatten", 0, 0, [:]]]]) } }
        #expect(refusal()?.contains("\"flatten\" takes its input from \"flatten\", which cannot be built") == true)
        // The first two layers after the input, in a circle.
        try write { $0.changeLayer("conv2d") { $0.set(["inbound_nodes"], [[["batch_normalization", 0, 0, [:]]]]) } }
        #expect(refusal()?.contains("takes its input from \"batch_normalization\", which cannot be built") == true)
        try write { $0.changeLayer("conv2d") { $0.set(["inbound_nodes"], [[["nowhere", 0, 0, [:]]]]) } }
        #expect(refusal()?.contains("takes its input from \"nowhere\", which cannot be built") == true)
    }

    @Test func inputsThatDoNotFitAreRefused() throws {
        try write { $0.changeLayer("flatten") { $0.set(["inbound_nodes"], []) } }
        #expect(refusal()?.contains("flatten: it takes one input, not 0") == true)
        try write {
            $0.changeLayer("flatten") {
                $0.set(["class_name"], "PReLU")
                $0.set(["config"], ["name": "flatten", "shared_axes": [1]])
                $0.set(["inbound_nodes"], [])
            }
        }
        #expect(refusal()?.contains("flatten: an input () has no axis 1") == true)
        let twice: JSON = [[["dropout", 0, 0, [:]], ["dropout", 0, 0, [:]]]]
        try write { $0.changeLayer("flatten") { $0.set(["inbound_nodes"], twice) } }
        #expect(refusal()?.contains("flatten: it takes one input, not 2") == true)
        // The second of two calls.
        try write { $0.changeLayer("flatten") { $0.set(["inbound_nodes"], [[["dropout", 0, 0, [:]]], []]) } }
        #expect(refusal()?.contains("flatten: it takes one input, not 0") == true)
        try write { $0.changeLayer("input_layer") { $0.set(["inbound_nodes"], [[["dropout", 0, 0, [:]]]]) } }
        #expect(refusal() != nil)
    }

    /// Calls and outputs that do not exist, and numbers that are none.
    @Test(arguments: [[1, 0], [-1, 0], [0, 1], [0, -1], [1 << 40, 0], [0, 1 << 40]])
    func callsThatDoNotExistAreRefused(numbers: [Int]) throws {
        let reference: JSON = .array(["dropout"] + numbers.map { JSON($0) } + [[:]])
        try write { $0.changeLayer("flatten") { $0.set(["inbound_nodes"], [[reference]]) } }
        let refusal = refusal()
        #expect(refusal?.contains("flatten") == true && refusal?.contains("dropout") == true, "\(refusal ?? "opened")")
        try write { $0.set(["config", "output_layers"], [.array(["dense"] + numbers.map { JSON($0) })]) }
        #expect(self.refusal()?.contains("output_layers names \"dense\"") == true)
    }

    /// A layer that takes its own output, one call later, and two layers that take each other's.
    @Test func callsInACircleAreRefused() throws {
        try write {
            $0.changeLayer("flatten") {
                $0.set(["inbound_nodes"], [[["flatten", 1, 0, [:]]], [["flatten", 0, 0, [:]]]])
            }
        }
        #expect(refusal()?.contains("takes its input from \"flatten\", which cannot be built") == true)
    }

    @Test func namesMustBeOfOneLayer() throws {
        try write { $0.changeLayer("dense") { $0.set(["config", "name"], "flatten") } }
        #expect(refusal()?.contains("two layers are named \"flatten\"") == true)
        try write { $0.set(["config", "input_layers"], [["input_layer", 0, 0], ["input_layer", 0, 0]]) }
        #expect(refusal()?.contains("listed twice") == true)
        try write { $0.set(["config", "output_layers"], [["nowhere", 0, 0]]) }
        #expect(refusal()?.contains("\"nowhere\", which is not a layer") == true)
        try write { $0.set(["config", "output_layers"], []) }
        #expect(refusal()?.contains("no output_layers") == true)
        try write { $0.set(["config", "layers"], []) }
        #expect(refusal() != nil)
    }

    /// `count` layers without effect, each named by its number, the last one first.
    private func chain(_ count: Int) -> JSON {
        let activations = (1..<count).reversed().map { number -> JSON in
            [
                "class_name": "Activation", "config": ["name": .string("\(number)"), "activation": "relu"],
                "inbound_nodes": [[[.string("\(number - 1)"), 0, 0, [:]]]],
            ]
        }
        let input: JSON = ["class_name": "InputLayer", "config": ["name": "0", "batch_input_shape": [nil, 3]]]
        return [
            "class_name": "Functional",
            "config": [
                "name": "chain", "layers": .array(activations + [input]), "input_layers": [["0", 0, 0]],
                "output_layers": [[.string("\(count - 1)"), 0, 0]],
            ],
        ]
    }

    /// A deep network neither overflows the call stack nor takes hours.
    @Test func networksOfTooManyLayersAreRefusedAtOnce() throws {
        try write { $0 = chain(10_001) }
        #expect(refusal()?.contains("10001 layers, more than 10000") == true)
        // It has no weights, but the file has.
        try write { $0 = chain(10_000) }
        #expect(refusal()?.contains("the model has 0 with weights") == true)
    }

    // MARK: - JSON

    @Test(arguments: [
        ("{\"class_name\": \"Functional\", \"config\": {\"epsilon\": NaN}}", "not valid JSON"),
        ("{\"class_name\": \"Functional\", \"config\": {\"epsilon\": 1e999}}", "not valid JSON"),
        ("", "not valid JSON"), ("{}", "no class_name"), ("[]", "no class_name"), ("null", "no class_name"),
        ("{\"class_name\": \"Functional\", \"config\": {\"name\": \"x", "not valid JSON"),
        ("{\"class_name\": \"Evil\", \"config\": {}}", "class Evil"),
        ("{\"class_name\": \"Sequential\", \"config\": []}", "empty"),
        (String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000), "nested"),
        (String(repeating: "{\"a\":", count: 100_000) + "1" + String(repeating: "}", count: 100_000), "nested"),
        ("[" + String(repeating: "1,", count: 1 << 22) + "1]", "more than the"),
    ])
    func brokenJSONIsRefused(text: String, says: String) throws {
        try write(text: text)
        let refusal = refusal()
        #expect(
            refusal?.contains("model_config") == true || refusal?.contains("model of") == true
                || refusal?.contains("sequence") == true)
        #expect(refusal?.contains(says) == true, "\(refusal ?? "opened")")
    }

    @Test func bracketsWithinStringsAreNotNesting() throws {
        let text = "\"" + String(repeating: "[\\\"", count: 1000) + "\""
        #expect(try JSON(parsing: text).string?.count == 2000)
    }

    // MARK: - Optimizers

    @Test(arguments: [
        ("beta_1", 1 as JSON), ("beta_1", "x"), ("beta_1", -0.5), ("beta_2", 1.5), ("epsilon", -1),
        ("learning_rate", -1), ("learning_rate", 1e300), ("learning_rate", "fast"),
    ])
    func optimizersAreRefused(key: String, value: JSON) throws {
        try write("training_config") { $0.set(["optimizer_config", "config", key], value) }
        let refusal = refusal()
        #expect(
            refusal?.contains("\"\(key)\" of the optimizer Nadam must be a number from") == true,
            "\(refusal ?? "opened")")
    }

    @Test func trainingConfigsAreRefused() throws {
        try write("training_config") { $0.set(["loss_weights"], [1]) }
        #expect(refusal()?.contains("loss_weights") == true)
        try write("training_config") { $0.set(["loss_weights"], [1, 1e300]) }
        #expect(refusal()?.contains("loss_weights") == true)
        try write("training_config", text: "{\"optimizer_config\": {}")
        #expect(refusal()?.contains("its training_config is not read: it is not valid JSON") == true)
    }

    /// Unknown settings without effect on predictions leave a model that predicts.
    @Test func foreignOptimizersAreLeftOut() throws {
        try write("training_config") { $0.set(["optimizer_config", "class_name"], "Evil>Optimizer") }
        #expect(try Model.load(path).compilation == nil)
        try write("training_config") {
            $0.set(["optimizer_config", "config", "learning_rate"], ["class_name": "ExponentialDecay", "config": [:]])
        }
        #expect(try Model.load(path).compilation == nil)
        try FileManager.default.removeItem(atPath: path)
    }

    private struct NotAState: Error {}

    @Test func damagedProgressIsRefused() throws {
        for (name, value, refused) in [
            ("epochs", "-1", "epochs is -1"), ("epochs", "1e18", "epochs is"), ("step", "5", "step is 5, of"),
            ("step", "0.5", "its training state cannot be read"), ("seed", "-1", "its training state cannot be read"),
            ("sums", "\"x\"", "its training state cannot be read"),
        ] {
            try SmallNetwork.compiled().save(path)
            let file = try HDF5File(updating: path)
            let attributes = try file.root.group("pyimagesearch_resume").attributes
            let state = try #require(try attributes.string("state"))
            guard case .object(var members) = try JSON(parsing: state) else { throw NotAState() }
            members[name] = try JSON(parsing: value)
            try attributes.set("state", JSON.object(members).text())
            try file.close()
            #expect(refusal()?.contains(refused) == true, "\(name) \(value): \(refusal() ?? "opened")")
        }
        for count in [-1 as Int64, 1 << 60] {
            try SmallNetwork.compiled().save(path)
            let file = try HDF5File(updating: path)
            try file.root.dataset("optimizer_weights/Nadam/iter:0").write([count])
            try file.close()
            #expect(refusal()?.contains("is not a number of steps") == true)
        }
    }

    // MARK: - Weights

    @Test func weightsMustFitTheModel() throws {
        try write { $0.changeLayer("dense_1") { $0.set(["config", "units"], 4) } }
        #expect(refusal()?.contains("is (8, 3), but the model's dense_1/kernel is (8, 4)") == true)

        try SmallNetwork.compiled().save(path)
        let file = try HDF5File(updating: path)
        try file.root.group("model_weights/conv2d").attributes.set("weight_names", ["conv2d/kernel:0"])
        try file.close()
        #expect(
            refusal()?.contains("layer \"conv2d\" has 1 weight, but the model's \"conv2d\" (Conv2D) has 2") == true)
    }

    /// Lists that repeat one name until they exceed all memory.
    @Test func namesOfLayersAreDifferent() throws {
        try SmallNetwork.compiled().save(path)
        let file = try HDF5File(updating: path)
        let group = try file.root.group("model_weights")
        let names = try #require(try group.attributes.strings("layer_names"))
        try group.attributes.set("layer_names", names + [names[1]])
        try file.close()
        #expect(refusal()?.contains("name a layer twice") == true)
    }

    // MARK: - Backends

    /// A graph is checked before a backend computes with its pointers.
    @Test(arguments: TestBackend.allCases)
    func backendsTakeValidGraphsOnly(on backend: TestBackend) throws {
        var sound = Graph()
        let input = try sound.add("in", .input([3]), inputs: [])
        let kernel = sound.add(Graph.Parameter(name: "dense/kernel", shape: [3, 2]))
        let dense = try sound.add(
            "dense", .dense(units: 2, useBias: false), inputs: [input], parameters: [kernel])
        (sound.inputs, sound.outputs) = ([input], [dense])
        _ = try backend.backend.load(sound)

        var wrongKernel = sound
        wrongKernel[kernel].shape = [3, 1]
        #expect(throws: BackendError.self) { try backend.backend.load(wrongKernel) }
        var circle = sound
        circle[dense].inputs = [dense]
        #expect(throws: BackendError.self) { try backend.backend.load(circle) }
        var twice = sound
        twice.inputs = [input, input]
        #expect(throws: BackendError.self) { try backend.backend.load(twice) }
        var huge = sound
        huge[input].shape = [1 << 40, 1 << 40]
        #expect(throws: BackendError.self) { try backend.backend.load(huge) }
    }

    /// Memory that does not exist is not allocated: the outputs of a sample take 2 GB, and there are a million samples.
    @Test(arguments: TestBackend.allCases)
    func plansOfTerabytesAreRefused(on backend: TestBackend) throws {
        let input = Input(shape: [1 << 14, 1 << 14, 1])
        let model = Model(inputs: input, outputs: ZeroPadding2D((1, 1))(input))
        let loaded = try backend.backend.load(model.graph)
        for batchSize in [1_000_000, Int.max, 0, -1] {
            #expect(throws: BackendError.self) {
                try loaded.plan(batchSize: batchSize, mode: .inference(outputs: model.graph.outputs))
            }
        }
    }
}

extension JSON {
    /// Sets the value at the end of a path of keys.
    fileprivate mutating func set(_ path: [String], _ value: JSON) {
        guard case .object(var members) = self, let key = path.first else { return }
        var child = members[key] ?? [:]
        if path.count == 1 { child = value } else { child.set(Array(path.dropFirst()), value) }
        members[key] = child
        self = .object(members)
    }

    /// Changes the layer of this name in a model's configuration.
    fileprivate mutating func changeLayer(_ name: String, _ change: (inout JSON) -> Void) {
        guard var layers = self["config"]?["layers"]?.array,
            let index = layers.firstIndex(where: { $0["config"]?["name"]?.string == name })
        else { return }
        change(&layers[index])
        set(["config", "layers"], .array(layers))
    }
}
