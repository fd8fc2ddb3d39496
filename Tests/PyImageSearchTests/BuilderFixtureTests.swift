import FixtureSupport
import Foundation
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

/// The networks of models.json and models2.json, built by their builders, have the fixture's layers, one by one.
///
/// Other tests compare predictions, from the fixture's own list of layers. This one compares the builders' lists with
/// it.
@Suite struct BuilderFixtureTests {
    /// A network of a fixture file.
    struct Case: CustomTestStringConvertible, Sendable {
        let file: FixtureFile
        let json: JSON

        /// The function; of `keras.applications`, which has many, with its name.
        var builder: String {
            let builder = json["builder"]?.string ?? "?"
            return json["arguments"]?["name"]?.string.map { "\(builder).\($0)" } ?? builder
        }
        var parameterCount: Int { json["total_params"]?.integer ?? 0 }
        var testDescription: String {
            "\(file.rawValue) \(builder) \(json["key"]?.string ?? (try? json["arguments"]?.text()) ?? "")"
        }
    }

    /// The networks of lists of the files that are in the folder.
    private static func cases(_ lists: String..., mayLack: Bool = false) throws -> [Case] {
        try [FixtureFile.models, .models2].flatMap { file in
            try lists.flatMap { try file.list($0, mayLack: mayLack) }.map { Case(file: file, json: $0) }
        }
    }

    private static func variants() throws -> [Case] {
        try FixtureFile.models2.variants().map { Case(file: .models2, json: $0) }
    }

    @Test(arguments: try cases("models", "training") + variants())
    func layers(fixture: Case) throws {
        guard let model = try network(fixture) else { return }
        // The layers of a Sequential model in Keras are without its input.
        let isSequential = fixture.json["model_class"]?.string == "Sequential"
        let own = model.layers.filter { !isSequential || $0.className != InputLayer.className }
        let layers = fixture.json["layers"]?.array ?? []
        #expect(own.count == layers.count)
        let names = names(fixture.json, own)
        for (layer, expected) in zip(own, layers) {
            #expect(layer.name == names[expected["name"]?.string ?? ""])
            #expect(layer.className == expected["class"]?.string, "\(layer.name)")
            var inbound = (expected["inbound"]?.array ?? []).compactMap(\.string)
            // Of a Sequential model, models.json repeats the layer before, once for every layer that follows.
            if isSequential, Set(inbound).count == 1 { inbound = [inbound[0]] }
            #expect(
                layer.inbound.filter { !isSequential || !model.inputNames.contains($0) } == inbound.map { names[$0] },
                "\(layer.name)")
            let shape = (expected["output_shape"]?.array ?? []).compactMap(\.integer)
            #expect(layer.outputShape.dimensions == shape, "\(layer.name)")
            for key in [
                "filters", "kernel_size", "strides", "padding", "use_bias", "activation", "pool_size", "rate",
                "epsilon", "momentum", "units", "scale",
            ] {
                guard let value = expected["config"]?[key] else { continue }
                #expect(layer.layer.config[key] == value, "\(layer.name): \(key)")
            }
            let penalty = expected["config"]?["kernel_l2"]?.number ?? 0
            #expect(layer.weights.first?.regularizer?.l2 ?? 0 == penalty, "\(layer.name): kernel_l2")
        }
        #expect(model.outputNames == (fixture.json["outputs"]?.array ?? []).compactMap(\.string))
        #expect(model.name == fixture.json["model_name"]?.string)
        counts(fixture.json, model, own.count)
    }

    /// What the builders' networks predict with the fixture's weights, and the statistics of every layer's output.
    @Test(.serialized, arguments: affordable(try cases("models") + variants()))
    func predictions(fixture: Case) throws {
        guard let model = try network(fixture) else { return }
        try model.move(to: TestBackend.any.backend)
        let isSequential = fixture.json["model_class"]?.string == "Sequential"
        let layers = model.layers.filter { !isSequential || $0.className != InputLayer.className }
        try model.setWeights(zip(layers, fixture.json["layers"]?.array ?? []).flatMap { fixtureWeights(ofLayer: $1) })

        let reference = try fixture.file.io.group(fixture.json["key"]?.string ?? "?")
        let computed = layers.filter { $0.className != InputLayer.className }
        let outputs = try model.outputs(
            ofLayers: computed.map(\.name), for: reference.images("input_hash_key"))
        let statistics = try reference.tensor("layer_stats")
        #expect(statistics.shape[0] == computed.count)
        for (row, (layer, output)) in zip(computed, outputs).enumerated() {
            let found = LayerStatistics(layer.name, output, row: row, of: statistics)
            #expect(found.isWithinTolerance, "\(found)")
            guard found.isWithinTolerance else { return }
        }
        let last = try #require(computed.firstIndex { $0.name == model.outputNames[0] })
        var (found, name) = (outputs[last], "prediction")
        if !reference.contains(name) {
            // Of a large output the fixture has every so many-th number.
            let step = try #require(try reference.setting("prediction_sample_step").integer)
            let sample = stride(from: 0, to: found.count, by: step).map { found.scalars[$0] }
            (found, name) = (Tensor(shape: [sample.count], scalars: sample), "prediction_sample")
        }
        let expected = try reference.tensor(name)
        let largest = expected.scalars.reduce(0) { max($0, Double(abs($1))) }
        let difference = Difference(name, found, expected, absolute: largest > 1 ? 3e-5 * largest : 1e-5)
        #expect(difference.isWithinTolerance, "\(difference)")
    }

    /// Without the networks of models2.json that take gigabytes, unless `$SLOW_FIXTURES` asks for them.
    private static func affordable(_ cases: [Case]) -> [Case] {
        let isSlow = ProcessInfo.processInfo.environment["SLOW_FIXTURES"] != nil
        return cases.filter { isSlow || $0.parameterCount <= 30_000_000 }
    }

    @Test(arguments: try cases("counts", mayLack: true))
    func parameters(fixture: Case) throws {
        guard let model = try network(fixture) else { return }
        // The fixture does not say here whether Keras's model has an input layer.
        counts(fixture.json, model, nil)
    }

    private func counts(_ fixture: JSON, _ model: Model, _ layers: Int?) {
        #expect(model.parameterCount == fixture["total_params"]?.integer)
        #expect(model.trainableParameterCount == fixture["trainable_params"]?.integer)
        if let layers { #expect(layers == fixture["n_layers"]?.integer) }
    }

    /// Our names of the fixture's layers. They are the same, except for those that the tutorial on Inception v1 left to
    /// Keras to number. Those have our own names here, the same with and without heads, and are matched by position.
    private func names(_ fixture: JSON, _ layers: [PlacedLayer]) -> [String: String] {
        let numbered = /(conv2d|max_pooling2d|average_pooling2d|flatten|dense|dropout)(_\d+)?/
        let given = (fixture["layers"]?.array ?? []).compactMap { $0["name"]?.string }
        let names = zip(given, layers).map { name, layer in
            let isOurs = fixture["builder"] == "build_inception_v1" && name.wholeMatch(of: numbered) != nil
            return (name, isOurs ? layer.name : name)
        }
        return Dictionary(names) { first, _ in first }
    }

    // MARK: - Building

    /// The case's network. A builder that is missing is an issue, and `nil`.
    private func network(_ fixture: Case) throws -> Model? {
        var arguments = Arguments(json: fixture.json["arguments"] ?? [:])
        let model = try build(fixture.builder, &arguments, trained: fixture.json["trained"]?.string)
        guard let model else {
            Issue.record("there is no builder for \(fixture.builder)")
            return nil
        }
        #expect(arguments.unread.isEmpty, "the test does not pass these arguments on")
        return model
    }

    private func build(_ builder: String, _ arguments: inout Arguments, trained: String?) throws -> Model? {
        func size() throws -> (width: Int, height: Int, depth: Int, classes: Int) {
            try (
                arguments.integer("width"), arguments.integer("height"), arguments.integer("depth"),
                arguments.integer("classes")
            )
        }
        func headOnVGG16() throws -> Model {
            let baseModel = VGG16.build(
                width: try arguments.integer("width"), height: try arguments.integer("height"), includeTop: false)
            let headModel = FCHeadNet.build(
                baseModel, classes: try arguments.integer("classes"), units: try arguments.integer("D"))
            // What the book's chapter 5 trains first, and then.
            switch trained {
            case "head only (body frozen)": baseModel.setTrainable(false)
            case "head and body layers 15 and later":
                for layer in baseModel.layers.prefix(15) { layer.setTrainable(false) }
            default: #expect(trained == nil)
            }
            return Model(inputs: baseModel.inputs, outputs: [headModel])
        }
        typealias Application = (Int, Int, Int, Int, Bool, GlobalPooling?) -> Model
        func application(_ build: Application) throws -> Model {
            _ = arguments.read("name")
            let includeTop = arguments.read("include_top") != false
            return build(
                try arguments.integer("width"), try arguments.integer("height"), 3,
                includeTop ? try arguments.integer("classes") : 1000, includeTop,
                try arguments.read("pooling").map { try #require(GlobalPooling(rawValue: $0.string ?? "")) })
        }
        switch builder {
        case "keras.applications.VGG16": return try application(VGG16.build)
        case "keras.applications.VGG19": return try application(VGG19.build)
        case "keras.applications.ResNet50": return try application(ResNet50.build)
        case "keras.applications.InceptionV3":
            return try application {
                InceptionV3.build(width: $0, height: $1, depth: $2, classes: $3, includeTop: $4, pooling: $5)
            }
        case "keras.applications.InceptionResNetV2":
            return try application {
                InceptionResNetV2.build(width: $0, height: $1, depth: $2, classes: $3, includeTop: $4, pooling: $5)
            }
        case "bn_inception":
            return InceptionV2.build(
                width: try arguments.integer("width"), height: try arguments.integer("height"),
                classes: try arguments.integer("classes"),
                projection4cd: arguments.read("projection_4cd")?.integer ?? 128,
                separable: arguments.read("separable") == true)
        case "inception_v3_with_aux":
            return InceptionV3.build(
                width: try arguments.integer("width"), height: try arguments.integer("height"),
                classes: try arguments.integer("classes"), auxiliaryHead: true)
        case "inception_v4":
            return InceptionV4.build(
                width: try arguments.integer("width"), height: try arguments.integer("height"),
                classes: try arguments.integer("classes"))
        case "inception_resnet":
            let build = arguments.read("version") == 1 ? InceptionResNetV1.build : InceptionResNetV2.buildAsDrawn
            return build(
                try arguments.integer("width"), try arguments.integer("height"), 3, try arguments.integer("classes"),
                0.2)
        case "VGG16 + FCHeadNet": return try headOnVGG16()
        case "ShallowNet.build":
            let (width, height, depth, classes) = try size()
            return ShallowNet.build(width: width, height: height, depth: depth, classes: classes)
        case "LeNet.build":
            let (width, height, depth, classes) = try size()
            return LeNet.build(width: width, height: height, depth: depth, classes: classes)
        case "AlexNet.build", "build_alexnet":
            let (width, height, depth, classes) = try size()
            return AlexNet.build(
                width: width, height: height, depth: depth, classes: classes,
                reg: arguments.read("reg")?.number ?? 0.0002)
        case "MiniVGGNet.build":
            let (width, height, depth, classes) = try size()
            return MiniVGGNet.build(
                width: width, height: height, depth: depth, classes: classes,
                dropout: arguments.read("dropout")?.bool ?? true)
        case "MiniGoogLeNet.build":
            let (width, height, depth, classes) = try size()
            return MiniGoogLeNet.build(
                width: width, height: height, depth: depth, classes: classes,
                dropout: arguments.read("dropout")?.number ?? 0.5)
        case "DeeperGoogLeNet.build":
            let (width, height, depth, classes) = try size()
            return DeeperGoogLeNet.build(
                width: width, height: height, depth: depth, classes: classes,
                reg: arguments.read("reg")?.number ?? 0.0005,
                order: try #require(ModuleOrder(rawValue: arguments.read("order")?.string ?? "bn_relu")),
                modules: arguments.read("shallow") == true ? .two : .seven,
                dropout: arguments.read("dropout")?.number ?? 0.4)
        case "ResNet.build":
            let (width, height, depth, classes) = try size()
            return ResNet.build(
                width: width, height: height, depth: depth, classes: classes,
                stages: try arguments.integers("stages"), filters: try arguments.integers("filters"),
                stem: try #require(ResNet.Stem(rawValue: arguments.read("dataset")?.string ?? "cifar")),
                reg: arguments.read("reg")?.number ?? 0.0001, moduleReg: 0.0001)
        case "build_inception_v1":
            let (width, height, depth, classes) = try size()
            return InceptionV1.build(width: width, height: height, depth: depth, classes: classes)
        default: return nil
        }
    }

    /// A builder's arguments, and which of them have not been read.
    private struct Arguments {
        private let members: [String: JSON]
        private(set) var unread: Set<String>

        init(json: JSON) {
            if case .object(let members) = json { self.members = members } else { members = [:] }
            unread = Set(members.keys)
        }

        mutating func read(_ key: String) -> JSON? {
            unread.remove(key)
            return members[key]
        }

        mutating func integer(_ key: String) throws -> Int { try #require(read(key)?.integer, "\(key)") }
        mutating func integers(_ key: String) throws -> [Int] {
            try #require(read(key)?.array, "\(key)").map { try #require($0.integer, "\(key)") }
        }
    }
}
