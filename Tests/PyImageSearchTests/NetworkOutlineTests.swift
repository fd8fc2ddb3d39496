import FixtureSupport
import NeuralNetwork
import Plotting
import Testing
@testable import PyImageSearch

/// A network's outline has the modules that the network names, and no others.
@Suite struct NetworkOutlineTests {
    /// Inception v3's module for 8x8 images, whose branches fork again, then a residual block with a projection.
    private func network() -> Model {
        let conv = ConvUnit()
        let inputs = Input(shape: [8, 8, 4], name: "images")
        var x = module("mixed", .inception) {
            let second = conv(inputs, 3, (1, 1), name: "b2")
            var third = conv(inputs, 3, (1, 1), name: "b3")
            third = conv(third, 3, (3, 3), name: "b3_3x3")
            let pool = AveragePooling2D((3, 3), strides: (1, 1), padding: .same, name: "pool")(inputs)
            return Concatenate(name: "concatenation")([
                conv(inputs, 2, (1, 1), name: "b1"),
                conv(second, 2, (1, 3), name: "b2_1x3"), conv(second, 2, (3, 1), name: "b2_3x1"),
                conv(third, 2, (1, 3), name: "b3_1x3"), conv(third, 2, (3, 1), name: "b3_3x1"),
                conv(pool, 2, (1, 1), name: "b4"),
            ])
        }
        x = module("block", .residual) {
            let long = conv(x, 6, (3, 3), strides: (2, 2), name: "long")
            return Add(name: "sum")([long, conv(x, 6, (1, 1), strides: (2, 2), name: "projection")])
        }
        return Model(inputs: inputs, outputs: GlobalAveragePooling2D(name: "average")(x))
    }

    private func names(_ parts: [NetworkOutline.Part]) -> [String] {
        parts.map { $0.module?.name ?? $0.layers[0].name }
    }

    /// The names of a part's sources.
    private func sources(_ name: String, in parts: [NetworkOutline.Part]) -> [String] {
        parts.first { names([$0]) == [name] }?.inputs.map { source in
            switch source {
            case .part(let other): names([parts[other]])[0]
            case .outside(let layer): "outside: \(layer)"
            }
        } ?? []
    }

    @Test func branchesThatForkAreOutlined() throws {
        let outline = NetworkOutline(network())
        #expect(names(outline.parts) == ["images", "mixed", "block", "average"])
        #expect(outline.parts.map { $0.module?.kind } == [nil, .inception, .residual, nil])
        #expect(outline.parts.map(\.outputShape) == [[8, 8, 4], [8, 8, 12], [4, 4, 6], [6]])
        #expect(outline.parts.map(\.inputs) == [[], [.part(0)], [.part(1)], [.part(2)]])
        let parts = try outline.module(.inception).parts
        #expect(sources("b1", in: parts) == ["outside: images"])
        #expect(sources("b2_1x3", in: parts) == ["b2"] && sources("b2_3x1", in: parts) == ["b2"])
        #expect(sources("b3_3x1", in: parts) == ["b3_3x3"] && sources("b3_3x3", in: parts) == ["b3"])
        #expect(
            sources("concatenation", in: parts) == ["b1", "b2_1x3", "b2_3x1", "b3_1x3", "b3_3x1", "b4"])
        // Every part follows its sources.
        for (position, part) in parts.enumerated() {
            for case .part(let other) in part.inputs { #expect(other < position) }
        }
    }

    @Test func aResidualBlockIsCalledOne() throws {
        let block = try NetworkOutline(network()).module(.residual, named: "block")
        #expect(sources("sum", in: block.parts) == ["long", "projection"])
        #expect(sources("long", in: block.parts) == ["outside: concatenation"])
        #expect(block.parts.map { $0.module?.kind } == [.convolution, .convolution, nil])
    }

    /// A unit with several outputs, as before a projection that reads its normalized input.
    @Test func aUnitMayHaveSeveralOutputs() throws {
        let input = Input(shape: [8, 8, 4])
        var normalized = input
        let x = module("unit", .convolution) {
            normalized = Activation(.relu)(BatchNormalization()(input))
            return Conv2D(6, kernelSize: (1, 1), strides: (2, 2))(normalized)
        }
        let projection = Conv2D(6, kernelSize: (1, 1), strides: (2, 2))(normalized)
        let outline = NetworkOutline(Model(inputs: input, outputs: Add()([x, projection])))
        #expect(outline.parts.map(\.outputShape) == [[8, 8, 4], [4, 4, 6], [4, 4, 6], [4, 4, 6]])
        #expect(outline.parts.map(\.inputs) == [[], [.part(0)], [.part(1)], [.part(1), .part(2)]])
    }

    @Test func googLeNetHasItsModules() throws {
        let outline = NetworkOutline(DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200))
        let modules = outline.parts.filter { $0.module?.kind == .inception }
        #expect(names(modules) == ["3a", "3b", "4a", "4b", "4c", "4d", "4e"])
        #expect(modules.allSatisfy { $0.parts.count == 8 })
        #expect(outline.parts.map(\.inputs) == [[]] + (0..<outline.parts.count - 1).map { [.part($0)] })
    }

    @Test func anAuxiliaryHeadStandsBesideTheNetwork() throws {
        let outline = NetworkOutline(InceptionV1.build(width: 80, height: 80, depth: 3, classes: 3))
        let heads = outline.parts.filter { $0.module?.kind == .auxiliaryHead }
        #expect(names(heads) == ["auxilliary_1", "auxilliary_2"])
        #expect(["auxilliary_1", "auxilliary_2"].map { sources($0, in: outline.parts) } == [["4a"], ["4d"]])
        #expect(heads.allSatisfy { $0.outputShape == [3] })
    }

    /// Also that nothing is lost: every layer is in one part.
    @Test func everyLayerIsInOnePart() throws {
        for model in [network(), InceptionV1.build(width: 80, height: 80, depth: 3, classes: 3)] {
            let outline = NetworkOutline(model)
            func layers(_ part: NetworkOutline.Part) -> [String] {
                part.parts.isEmpty ? part.layers.map(\.name) : part.parts.flatMap(layers)
            }
            let names = outline.parts.flatMap(layers)
            #expect(names.count == model.layers.count && Set(names) == Set(model.layers.map(\.name)))
            #expect(outline.parts.reduce(0) { $0 + $1.parameterCount } == model.parameterCount)
        }
    }

    /// The layers stay in the order of `model.layers`, and nothing is grouped.
    @Test func aModelFromAFileIsOutlinedLayerByLayer() throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/model.hdf5"
        try network().on(.any).save(path)
        let model = try Model.load(path), outline = NetworkOutline(model)
        #expect(outline.parts.map { $0.layers.map(\.name) } == model.layers.map { [$0.name] })
        #expect(outline.parts.allSatisfy { $0.module == nil && $0.parts.isEmpty })
        #expect(sources("sum", in: outline.parts) == ["long_act", "projection_act"])
        #expect { try outline.module(.inception, named: "mixed") } throws: {
            "\($0)" == "the model \"functional\" names no inception module \"mixed\""
        }
    }

    @Test func severalInputsAreOutlined() throws {
        let inputs = [Input(shape: [4]), Input(shape: [4])]
        let model = Model(inputs: inputs, outputs: [module("both", .residual) { Add()(inputs) }])
        #expect(NetworkOutline(model).parts.map(\.inputs) == [[], [], [.part(0), .part(1)]])
    }

    // MARK: - In pictures

    @Test func modulesAreFramed() throws {
        let model = network()
        let diagram = try plotModel(model, showModules: true)
        #expect(diagram.frames.map(\.label) == ["mixed (inception)", "block (residual)"])
        for frame in diagram.frames {
            let name = frame.label.split(separator: " ").first.map(String.init)
            let layers = model.layers.indices.filter { model.layers[$0].modules.first?.name == name }
            #expect(frame.nodes == Array(layers) && frame.frames.isEmpty)
        }
        #expect(try plotModel(model).frames.isEmpty)
        // A part of a module is framed too.
        let part = try plotModel(model, showModules: true, from: "concatenation", to: "average")
        #expect(part.frames.map(\.nodes.count) == [1, 7])
    }

    @Test func framesNest() throws {
        let input = Input(shape: [4])
        let x = module("stage", .init("stage")) {
            (0..<2).reduce(input) { x, number in
                module("block \(number)", .residual) { Add()([x, Dense(4)(x)]) }
            }
        }
        let diagram = try plotModel(Model(inputs: input, outputs: x), showModules: true)
        #expect(diagram.frames.map(\.label) == ["stage (stage)"] && diagram.frames[0].nodes.isEmpty)
        #expect(diagram.frames[0].frames.map(\.nodes) == [[1, 2], [3, 4]])
    }
}
