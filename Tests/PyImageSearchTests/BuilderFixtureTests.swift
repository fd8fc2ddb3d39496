import FixtureSupport
import NeuralNetwork
import PyImageSearch
import Testing

/// The networks of models.json, built by their builders, have the fixture's layers, one by one.
///
/// Other tests compare predictions, from the fixture's own list of layers. This one compares the builders' lists with
/// it.
@Suite struct BuilderFixtureTests {
    private static func fixtures() throws -> [JSON] {
        let json = try Fixtures.json("models.json")
        return (json["models"]?.array ?? []) + (json["training"]?.array ?? [])
    }

    @Test(arguments: try fixtures())
    func builder(fixture: JSON) throws {
        let name = "\(fixture["builder"]?.string ?? "?") (\(fixture["key"]?.string ?? "?"))"
        guard let model = try build(fixture) else {
            print("no builder here for \(name); it is run from its list of layers")
            return
        }
        let layers = fixture["layers"]?.array ?? []
        #expect(model.layers.count == layers.count, "\(name)")
        let names = names(fixture, model)
        for (layer, expected) in zip(model.layers, layers) {
            #expect(layer.name == names[expected["name"]?.string ?? ""], "\(name)")
            #expect(layer.className == expected["class"]?.string, "\(layer.name)")
            let inbound = (expected["inbound"]?.array ?? []).compactMap(\.string)
            #expect(layer.inbound == inbound.map { names[$0] }, "\(layer.name)")
            let shape = (expected["output_shape"]?.array ?? []).compactMap(\.integer)
            #expect(layer.outputShape.dimensions == shape, "\(layer.name)")
            for key in [
                "filters", "kernel_size", "strides", "padding", "use_bias", "activation", "pool_size", "rate",
                "epsilon", "momentum",
            ] {
                guard let value = expected["config"]?[key] else { continue }
                #expect(layer.layer.config[key] == value, "\(layer.name): \(key)")
            }
            if let penalty = expected["config"]?["kernel_l2"] {
                let regularizer = layer.layer.config["kernel_regularizer"]?["config"]?["l2"]
                #expect(regularizer == penalty, "\(layer.name): kernel_l2")
            }
        }
        #expect(model.outputNames == (fixture["outputs"]?.array ?? []).compactMap(\.string))
        #expect(model.name == fixture["model_name"]?.string)
        #expect(model.parameterCount == fixture["total_params"]?.integer)
        #expect(model.trainableParameterCount == fixture["trainable_params"]?.integer)
    }

    /// Our names of the fixture's layers. They are the same, except for those that the tutorial on Inception v1 left to
    /// Keras to number. Those have our own names here, the same with and without heads, and are matched by position.
    private func names(_ fixture: JSON, _ model: Model) -> [String: String] {
        let numbered = /(conv2d|max_pooling2d|average_pooling2d|flatten|dense|dropout)(_\d+)?/
        let given = (fixture["layers"]?.array ?? []).compactMap { $0["name"]?.string }
        let names = zip(given, model.layers).map { name, layer in
            let isOurs = model.name == "inception_v1" && name.wholeMatch(of: numbered) != nil
            return (name, isOurs ? layer.name : name)
        }
        return Dictionary(names) { first, _ in first }
    }

    private func build(_ fixture: JSON) throws -> Model? {
        let arguments = fixture["arguments"]
        func number(_ key: String) throws -> Int { try #require(arguments?[key]?.integer, "\(key)") }
        switch fixture["builder"]?.string {
        case "MiniGoogLeNet.build":
            return MiniGoogLeNet.build(
                width: try number("width"), height: try number("height"), depth: try number("depth"),
                classes: try number("classes"), dropout: arguments?["dropout"]?.number ?? 0.5)
        case "DeeperGoogLeNet.build":
            return DeeperGoogLeNet.build(
                width: try number("width"), height: try number("height"), depth: try number("depth"),
                classes: try number("classes"), reg: arguments?["reg"]?.number ?? 0.0005,
                order: try #require(ModuleOrder(rawValue: arguments?["order"]?.string ?? "bn_relu")),
                modules: arguments?["shallow"] == true ? .two : .seven, dropout: arguments?["dropout"]?.number ?? 0.4)
        case "build_inception_v1":
            return InceptionV1.build(
                width: try number("width"), height: try number("height"), depth: try number("depth"),
                classes: try number("classes"))
        default: return nil
        }
    }
}
