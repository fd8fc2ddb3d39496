import NeuralNetwork
import PyImageSearch
import Testing

@Test func googLeNetIsAChainOfModules() throws {
    let model = DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200)
    let outline = try NetworkOutline(model)
    let modules = outline.sections.filter { $0.merge != nil }
    #expect(modules.compactMap(\.merge?.name) == ["3a", "3b", "4a", "4b", "4c", "4d", "4e"].map { $0 + "_mixed" })
    #expect(modules.allSatisfy { $0.branches.map(\.count) == [1, 2, 2, 2] })
    #expect(outline.sections.reduce(0) { $0 + $1.parameterCount } == model.parameterCount)
    let layers = outline.sections.flatMap { section in
        section.branches.joined().flatMap(\.layers).map(\.name) + (section.merge.map { [$0.name] } ?? [])
    }
    #expect(layers.count == model.layers.count)
    #expect(Set(layers) == Set(model.layers.map(\.name)))
}

@Test func normalizationBelongsToItsConvolution() throws {
    let outline = try NetworkOutline(MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10))
    #expect(outline.sections.count == 16)
    #expect(
        outline.sections[1].branches[0][0].layers.map(\.className) == ["Conv2D", "BatchNormalization", "Activation"])
    #expect(outline.sections[1].outputShape == [32, 32, 96])
    #expect(throws: OutlineError.self) { try outline.section { $0.merge?.name == "3a_mixed" } }
}

@Test func aShortcutIsABranchWithoutUnits() throws {
    let input = Input(shape: [8, 8, 4])
    let sum = Add()([Conv2D(4, kernelSize: (3, 3), padding: .same)(input), input])
    let outline = try NetworkOutline(Model(inputs: input, outputs: sum))
    #expect(outline.sections.map { $0.branches.map(\.count) } == [[1], [1, 0]])
}

@Test func branchesInBranchesAreRefused() throws {
    let input = Input(shape: [8, 8, 4])
    func branch() -> KerasTensor { Conv2D(4, kernelSize: (1, 1))(input) }
    let shared = branch()
    let inner = Add()([Activation(.relu)(shared), Activation(.tanh)(shared)])
    #expect(throws: OutlineError.self) { try NetworkOutline(Model(inputs: input, outputs: Add()([inner, branch()]))) }
    let two = Model(inputs: input, outputs: branch())
    #expect(throws: OutlineError.self) {
        try NetworkOutline(Model(inputs: [input], outputs: [branch(), branch()]))
    }
    #expect(try NetworkOutline(two).sections.count == 2)
}
