import FixtureSupport
import Foundation
import NeuralNetwork
import Testing

/// Layers remember the modules that they were called in.
@Suite struct ModuleTests {
    /// The modules of each layer, as `name kind` from the outermost to the innermost.
    private func paths(_ model: Model) -> [String: [String]] {
        Dictionary(uniqueKeysWithValues: model.layers.map { ($0.name, $0.modules.map { "\($0.name) \($0.kind)" }) })
    }

    private func network() -> Model {
        let input = Input(shape: [4, 4, 3], name: "in")
        let x = module("3a", .inception) {
            let branch = module("first", .convolution) {
                Activation(.relu, name: "relu")(Conv2D(2, kernelSize: (1, 1), name: "conv")(input))
            }
            return Concatenate(name: "mixed")([branch, input])
        }
        return Model(inputs: input, outputs: Flatten(name: "out")(x))
    }

    @Test func layersKnowTheirModules() {
        #expect(
            paths(network()) == [
                "in": [], "conv": ["3a inception", "first convolution"], "relu": ["3a inception", "first convolution"],
                "mixed": ["3a inception"], "out": [],
            ])
    }

    @Test func twoModulesOfOneNameAreTwo() throws {
        let input = Input(shape: [4])
        func part(_ x: KerasTensor) -> KerasTensor { module("a", .residual) { Dense(4)(x) } }
        let model = Model(inputs: input, outputs: part(part(input)))
        let modules = model.layers.dropFirst().map { $0.modules[0] }
        #expect(modules.count == 2 && modules[0] != modules[1] && Set(modules).count == 2)
        let same = network().layers.filter { ["conv", "relu"].contains($0.name) }.map(\.modules)
        #expect(same[0] == same[1])
    }

    @Test func aKindCanBeAdded() {
        let input = Input(shape: [4])
        let model = Model(inputs: input, outputs: module("gate", .init("attention")) { Dense(4)(input) })
        #expect(model.layers[1].modules.map(\.kind) == [.init("attention")])
    }

    @Test func aModuleEndsWhenItsClosureThrows() {
        let input = Input(shape: [4])
        #expect(throws: LayerError("stop")) {
            try module("a", .residual) { throw LayerError("stop") }
        }
        #expect(Model(inputs: input, outputs: Dense(4)(input)).layers[1].modules.isEmpty)
    }

    /// Networks that are built at the same time do not mix.
    @Test func tasksHaveModulesOfTheirOwn() async {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let input = Input(shape: [4])
                    var x = input
                    for step in 0..<100 {
                        x = module("\(number)-\(step)", .residual) { Dense(4)(x) }
                        await Task.yield()
                    }
                    let layers = Model(inputs: input, outputs: x).layers.dropFirst()
                    return layers.enumerated().allSatisfy { $1.modules.map(\.name) == ["\(number)-\($0)"] }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }

    @Test func filesDoNotStoreModules() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).hdf5").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try network().on(.any).save(path)
        let text = String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
        #expect(text.contains("mixed") && !text.contains("inception"))
        #expect(try Model.load(path).layers.allSatisfy(\.modules.isEmpty))
    }

    /// A module has a row, as a nested model has in Keras; a unit has none. Keras's columns stay.
    @Test func theSummaryNests() {
        let input = Input(shape: [4, 4, 3], name: "in")
        let x = module("stage", .init("stage")) {
            module("3a", .inception) {
                let branch = module("first", .convolution) {
                    BatchNormalization(name: "bn")(Conv2D(2, kernelSize: (1, 1), name: "conv")(input))
                }
                return Concatenate(name: "mixed")([branch, input])
            }
        }
        let model = Model(inputs: input, outputs: Flatten(name: "out")(x), name: "nested")
        #expect(
            model.summary() == """
                Model: "nested"
                ┌─────────────────────────────┬─────────────────┬─────────┬──────────────┐
                │ Layer (type)                │ Output Shape    │ Param # │ Connected to │
                ├─────────────────────────────┼─────────────────┼─────────┼──────────────┤
                │ in (InputLayer)             │ (None, 4, 4, 3) │       0 │ -            │
                │ stage (stage)               │ (None, 4, 4, 5) │      16 │ in           │
                │ └ 3a (inception)            │ (None, 4, 4, 5) │      16 │ in           │
                │   └ conv (Conv2D)           │ (None, 4, 4, 2) │       8 │ in           │
                │   └ bn (BatchNormalization) │ (None, 4, 4, 2) │       8 │ conv         │
                │   └ mixed (Concatenate)     │ (None, 4, 4, 5) │       0 │ bn, in       │
                │ out (Flatten)               │ (None, 80)      │       0 │ mixed        │
                └─────────────────────────────┴─────────────────┴─────────┴──────────────┘
                Total params: 16 (64.0 B)
                Trainable params: 12 (48.0 B)
                Non-trainable params: 4 (16.0 B)
                """)
    }
}
