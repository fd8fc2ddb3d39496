import NeuralNetwork
import Plotting
import PyImageSearch
import Testing
@testable import Report

/// Diagrams and tables of modules read what the network names.
@Suite struct ModuleDiagramTests {
    private func conv(_ x: KerasTensor, _ filters: Int, _ kernel: (Int, Int)) -> KerasTensor {
        module("conv", .convolution) {
            Activation(.relu)(BatchNormalization()(Conv2D(filters, kernelSize: kernel, padding: .same)(x)))
        }
    }

    private func outline(_ kind: Module.Kind, _ body: (KerasTensor) -> KerasTensor) throws -> NetworkOutline {
        let input = Input(shape: [8, 8, 4])
        return NetworkOutline(Model(inputs: input, outputs: module("m", kind) { body(input) }))
    }

    private func connections(_ diagram: GraphDiagram) -> [String] {
        func label(_ node: Int) -> String { diagram.nodes[node].lines[0].replacing(" convolutions", with: "") }
        return diagram.edges.map { "\(label($0.from)) > \(label($0.to))" }.sorted()
    }

    /// A branch of Inception v3 and v4 forks again.
    @Test func aForkInABranchIsDrawn() throws {
        let outline = try outline(.inception) { x in
            let reduced = conv(x, 3, (1, 1))
            return Concatenate()([conv(x, 2, (5, 5)), conv(reduced, 2, (1, 3)), conv(reduced, 2, (3, 1))])
        }
        let diagram = try moduleDiagram(of: outline.module(.inception))
        #expect(
            connections(diagram) == [
                "1x1 > 1x3", "1x1 > 3x1", "1x3 > concatenation", "3x1 > concatenation", "5x5 > concatenation",
                "previous layer > 1x1", "previous layer > 5x5",
            ])
    }

    @Test func aResidualBlockIsDrawnAsOne() throws {
        let outline = try outline(.residual) { x in Add()([conv(x, 4, (3, 3)), x]) }
        let block = try moduleDiagram(of: outline.module(.residual))
        #expect(
            connections(block) == ["3x3 > addition", "previous layer > 3x3", "previous layer > addition"])
        let chain = try networkDiagram(of: outline.parts[...], title: "")
        #expect(chain.nodes.map { $0.lines[0] } == ["images", "residual"])
        let inception = try self.outline(.inception) { x in Concatenate()([conv(x, 4, (3, 3)), x]) }
        let other = try networkDiagram(of: inception.parts[...], title: "")
        #expect(chain.nodes[1].color != other.nodes[1].color)
    }

    @Test func auxiliaryHeadsBranchOff() throws {
        let outline = NetworkOutline(InceptionV1.build(width: 80, height: 80, depth: 3, classes: 3))
        let diagram = try networkDiagram(of: outline.parts[...], title: "")
        let heads = diagram.nodes.indices.filter { diagram.nodes[$0].lines == ["auxiliary head"] }
        #expect(heads.count == 2)
        for head in heads {
            #expect(diagram.edges.filter { $0.to == head }.map { diagram.nodes[$0.from].lines } == [["inception"]])
            #expect(!diagram.edges.contains { $0.from == head })
        }
    }

    // MARK: - Tables

    @Test func theTableHasTheModulesOfTheNetwork() throws {
        let rows = try architectureTable(
            of: MiniGoogLeNet.build(width: 32, height: 32, depth: 3, classes: 10)
        ).rows
        #expect(
            rows.map { $0[0] } == [
                "image", "convolution", "inception (1a)", "inception (1b)", "downsample (2a)", "inception (2b)",
                "inception (2c)", "inception (2d)", "inception (2e)", "downsample (3a)", "inception (3b)",
                "inception (3c)", "avg pool", "dropout (50%)", "flatten", "linear", "softmax",
            ])
        #expect(rows[2] == ["inception (1a)", "", "32x32x64", "32", "", "32", "", "", "", "31,040"])
        let heads = try architectureTable(of: InceptionV1.build(width: 80, height: 80, depth: 3, classes: 3)).rows
        #expect(heads.filter { $0[0].hasPrefix("auxiliary head (auxilliary_") }.count == 2)
    }

    /// The paper's table has no columns for them.
    @Test func branchesWithoutAColumnAreRefused() throws {
        func message(_ body: @escaping (KerasTensor) -> KerasTensor) throws -> String {
            let input = Input(shape: [8, 8, 4])
            let model = Model(inputs: input, outputs: module("m", .inception) { body(input) })
            do {
                _ = try architectureTable(of: model)
                return "nothing was thrown"
            } catch { return "\(error)" }
        }
        #expect(try message { x in Concatenate()([conv(x, 2, (7, 7)), x]) }.contains("a branch of 7x7 has no column"))
        #expect(try message { x in Concatenate()([conv(x, 2, (1, 1)), x]) }.contains("a branch without layers has"))
        #expect(
            try message { x in Concatenate()([conv(x, 2, (1, 1)), conv(x, 2, (1, 1))]) }
                .contains("there is more than a branch of 1x1"))
        let forks = try message { x in
            let reduced = conv(x, 3, (1, 1))
            return Concatenate()([conv(reduced, 2, (1, 3)), conv(reduced, 2, (3, 1))])
        }
        #expect(
            forks == "the inception module \"m\" does not fit into table 1 of Szegedy et al. (2015): a branch forks")
    }
}
