import NeuralNetwork
import Plotting
import PyImageSearch
import Testing
@testable import Report

/// The figures of chapters 2 to 8 that need no run. They show what the library says.
@Suite struct ChapterFigureTests {
    private func picture<Kind: Picture>(_ name: String, as kind: Kind.Type) throws -> Kind {
        try #require(try Figure.named(name).picture(ReportFolder()) as? Kind)
    }

    private func value(_ label: String, of node: GraphDiagram.Node) -> String? {
        node.rows.first { $0.label == label }?.value
    }

    @Test func aNetworkIsAColumnOfItsBlocks() throws {
        let nodes = try NetworkColumn(VGG16.build()).diagram(title: "", showing: .parameters).nodes
        #expect(
            nodes.map(\.lines) == [
                ["images"], ["block 1"], ["block 2"], ["block 3"], ["block 4"], ["block 5"], ["flatten"],
                ["dense, 4096 units, relu"], ["dense, 4096 units, relu"], ["dense, 1000 units, softmax"],
            ])
        #expect(value("layers", of: nodes[5]) == "3 Conv2D 3x3, max pooling")
        #expect(value("output", of: nodes[5]) == "7x7x512")
        #expect(value("parameters", of: nodes[7]) == "102,764,544" && value("parameters", of: nodes[6]) == nil)
        let counts = nodes.compactMap { value("parameters", of: $0)?.replacing(",", with: "") }.compactMap(Int.init)
        #expect(counts.reduce(0, +) == VGG16.build().parameterCount)
    }

    @Test func theSecondStageTrainsTheLastBlockAndTheHead() throws {
        let stages = try picture("5.2", as: Panels.self).rows[0].compactMap { $0 as? GraphDiagram }
        let trained = stages.map { stage in
            stage.nodes.filter { value("trains", of: $0)?.hasPrefix("0 of ") == false }.map { $0.lines[0] }
        }
        let head = ["dense, 256 units, relu", "dense, 17 units, softmax"]
        #expect(trained == [head, ["block 5"] + head])
        #expect(stages.map { value("places", of: $0.nodes[5]) } == ["15 to 18", "15 to 18"])
        #expect(stages[0].nodes[5].color == LayerKind.other.color && stages[1].nodes[5].color != LayerKind.other.color)
    }

    @Test func theFeaturesFileIsReadBack() throws {
        let nodes = try picture("3.2", as: GraphDiagram.self).nodes
        #expect(
            nodes.map(\.lines) == [
                ["features", "float32 [n, 25088]"], ["labels", "int64 [n]"], ["label_names", "strings [3]"],
            ])
        #expect(nodes[1].rows.map(\.value) == ["1", "0", "2", "..."])
        #expect(nodes[2].rows.map(\.value) == ["cats", "dogs", "panda"])
    }

    @Test func bothPreprocessorsMakeSquares() throws {
        let tiles = try picture("2.4", as: ImageGrid.self).rows[0]
        #expect(tiles.map { $0.caption[1] } == ["410x310", "256x256", "256x256"])
        #expect(tiles[1].image != tiles[2].image)
    }

    // MARK: - Optimizers

    @Test func aStepOfSGDIsTheFormula() throws {
        let valley = Valley()
        let path = try valley.descent(by: SGD(learningRate: 0.01)).path
        #expect(path.count == Valley.steps + 1)
        // The gradient by central differences, exact for a quadratic loss.
        let step = 1e-3
        let gradient = SIMD2(
            valley.loss(at: path[0] + SIMD2(step, 0)) - valley.loss(at: path[0] - SIMD2(step, 0)),
            valley.loss(at: path[0] + SIMD2(0, step)) - valley.loss(at: path[0] - SIMD2(0, step)))
        let moved = path[1] - (path[0] - 0.01 * gradient / (2 * step))
        #expect(abs(moved.x) < 1e-5 && abs(moved.y) < 1e-5)
    }

    @Test func everyOptimizerDescends() throws {
        let losses = try #require(picture("7.1", as: Panels.self).rows[1][0] as? LineChart).series
        #expect(losses.count == 7)
        for series in losses { #expect(try #require(series.y.last) < series.y[0] - 1, "\(series.label)") }
    }

    @Test func aContourHasOneLoss() throws {
        let valley = Valley()
        for contour in valley.contours {
            let level = valley.loss(at: contour[0])
            #expect(contour.allSatisfy { abs(valley.loss(at: $0) - level) < 1e-9 * level })
        }
        // One of them passes through the start.
        let start = valley.loss(at: Valley.start)
        #expect(valley.contours.contains { abs(valley.loss(at: $0[0]) - start) < 1e-9 * start })
    }
}
