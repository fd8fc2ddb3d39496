import NeuralNetwork
import Plotting
import PyImageSearch
import Testing

/// The connections by layer names, in the order of each layer's inputs.
private func connections(of model: Model) -> [[String]] {
    model.layers.flatMap { layer in layer.inbound.map { [$0, layer.name] } }
}

private func connections(of diagram: GraphDiagram) -> [[String]] {
    diagram.edges.map { [diagram.nodes[$0.from].lines[0], diagram.nodes[$0.to].lines[0]] }
}

@Test func everyLayerAndConnectionIsPlotted() throws {
    let model = MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10)
    let diagram = try plotModel(model, showLayerNames: true)
    #expect(diagram.nodes.map { $0.lines[0] } == model.layers.map(\.name))
    #expect(diagram.nodes.map { $0.lines[1] } == model.layers.map(\.className))
    #expect(diagram.nodes[0].lines == ["input_layer", "InputLayer"])
    #expect(connections(of: diagram) == connections(of: model))
    #expect(diagram.nodes.allSatisfy { $0.rows.isEmpty })
}

@Test func shapesAreShownAsInKeras() throws {
    let input = Input(shape: [7, 7, 3])
    let output = Concatenate()([input, Conv2D(5, kernelSize: (1, 1))(input)])
    let diagram = try plotModel(Model(inputs: input, outputs: output), showShapes: true)
    #expect(diagram.nodes.map(\.lines) == [["InputLayer"], ["Conv2D"], ["Concatenate"]])
    let rows = diagram.nodes.map { $0.rows.map { [$0.label, $0.value] } }
    #expect(rows[0] == [["output", "(None, 7, 7, 3)"]])
    #expect(rows[1] == [["input", "(None, 7, 7, 3)"], ["output", "(None, 7, 7, 5)"]])
    #expect(
        rows[2] == [["input", "(None, 7, 7, 3)"], ["", "(None, 7, 7, 5)"], ["output", "(None, 7, 7, 8)"]])
}

@Test func aLayerMayBeUsedTwice() throws {
    let input = Input(shape: [4])
    let diagram = try plotModel(Model(inputs: input, outputs: Add()([input, input])))
    #expect(diagram.edges == [.init(from: 0, to: 1), .init(from: 0, to: 1)])
}

@Test func settingsAreShownInWords() throws {
    let input = Input(shape: [9, 9, 3])
    var x = Conv2D(6, kernelSize: (3, 3), strides: (2, 2))(input)
    x = MaxPooling2D((2, 2), padding: .same)(x)
    x = Activation(.relu)(x)
    let diagram = try plotModel(Model(inputs: input, outputs: x), showSettings: true)
    #expect(
        diagram.nodes.map { $0.lines.dropFirst().joined() } == [
            "", "6 filters 3x3, strides 2x2, valid", "2x2, strides 2x2, same", "relu",
        ])
}

@Test func aRangeOfLayersIsPlotted() throws {
    let model = DeeperGoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200)
    let diagram = try plotModel(model, showLayerNames: true, from: "pool2", to: "3a_mixed")
    let names = diagram.nodes.map { $0.lines[0] }
    #expect(names.count == 21)
    #expect(names.first == "pool2" && names.last == "3a_mixed")
    #expect(names.dropFirst().allSatisfy { $0.hasPrefix("3a_") })
    #expect(
        connections(of: diagram) == connections(of: model).filter { names.contains($0[0]) && names.contains($0[1]) })

    #expect(throws: PlotModelError.self) { try plotModel(model, from: "pool6") }
    #expect(throws: PlotModelError.self) { try plotModel(model, from: "3a_mixed", to: "pool2") }
}
