import Foundation
import NeuralNetwork
import Plotting
import PyImageSearch
import Testing
@testable import Report

/// The page on the Inception family reads its numbers from the networks.
@Suite struct InceptionFamilyTests {
    private let checkout = ReportFolder(root: URL(fileURLWithPath: #filePath + "/../../..").standardized.path)

    /// The cells of a table, row by row.
    private func rows(_ name: String) throws -> [[String]] {
        let table = try #require(Tables.all[name])
        return try table(RunCatalog(checkout), checkout, "..").split(separator: "\n").dropFirst(2).map { line in
            line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
        }
    }

    @Test func theNetworksAreCountedAndTheErrorsAreThePapers() throws {
        let rows = try rows("inception-family")
        #expect(rows.map { $0[4] } == ["22", "34", "48", "76", "93", "176", "96", "16", "50"])
        #expect(
            rows.map { $0[5] } == [
                "6,998,552", "11,305,256", "23,851,784", "42,711,400", "22,769,848", "55,873,736", "32,450,360",
                "138,357,544", "25,636,712",
            ])
        #expect(
            rows.map { $0[6].replacing(" billion", with: "") } == [
                "1.58", "2.03", "5.71", "12.25", "6.21", "13.16", "9.26", "15.47", "3.86",
            ])
        #expect(rows.map { $0[7] } == ["", "25.2 %", "21.2 %", "20.0 %", "21.3 %", "19.9 %", "", "", "22.85 %"])
        #expect(
            rows.map { $0[8] } == ["10.07 %", "7.8 %", "5.6 %", "5.0 %", "5.5 %", "4.9 %", "", "7.5 %", "6.71 %"])
    }

    /// 18 weights in place of 25, and 14 in place of 49; between them, what follows from other channels.
    @Test func theSavingDependsOnTheChannels() throws {
        let rows = try rows("convolution-costs")
        #expect(rows.map { $0[9] } == ["-28 %", "-19 %", "-10 %", "+80 %", "-71 %", "-76 %"])
        #expect(rows[0][4...5] == ["165,888", "130.1"] && rows[0][7...8] == ["230,400", "180.6"])
        #expect(rows.map { $0[2] }.suffix(3) == ["32, 128, 128", "192, 192, 192", "128, 128, 192"])
    }

    /// As the page says of all of GoogLeNet's 5x5 convolutions.
    @Test func noneOfGoogLeNetsLargeKernelsShouldBeSplit() throws {
        let network = InceptionV1.build(width: 224, height: 224, depth: 3, classes: 1000, auxiliaryHeads: false)
        let kernels = network.layers.compactMap { $0.weights.first?.shape }.filter { $0.rank == 4 && $0[0] == 5 }
        #expect(kernels.count == 9 && kernels.allSatisfy { $0[3] >= 2 * $0[2] })
    }

    @Test func everyModuleIsDrawn() throws {
        let diagrams = try Figure.inceptionFigures.map { figure in
            try #require(try figure.picture(checkout) as? Panels).rows.flatMap { $0 }.compactMap { $0 as? GraphDiagram }
        }
        #expect(
            diagrams.map { $0.map(\.nodes.count) } == [
                [9], [10, 8], [10, 13, 14], [7, 9], [17], [10, 13, 15], [7, 9], [11, 9, 9], [7, 10],
            ])
        #expect(diagrams[2].map(\.title)[1] == "mixed4, output 17x17x768")
        let sums = diagrams[7].compactMap { $0.nodes.first { $0.lines == ["scaled addition"] }?.rows.map(\.value) }
        #expect(sums == [["0.17", "320"], ["0.1", "1088"], ["0.2", "2080"]])
    }
}
