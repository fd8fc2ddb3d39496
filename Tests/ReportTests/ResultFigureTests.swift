import Experiments
import Foundation
import HDF5
import Plotting
import PyImageSearch
import Runs
import Testing
@testable import Report

@Test func floatsAreScaledAndNaNIsBlack() {
    let image = PixelImage(width: 2, height: 1, values: [-1, 0, 1, .nan, 7, -.infinity], range: -1...1)
    #expect(image.pixels == [0, 128, 255, 0, 255, 0])
    #expect(PixelImage(width: 1, height: 1, values: [3, 3, 3], range: 3...3).pixels == [128, 128, 128])
}

private let checkout = ReportFolder(root: URL(fileURLWithPath: #filePath + "/../../..").standardized.path)

/// Runs `body` with a report that has the checkout's samples and no runs.
private func withEmptyReport(_ body: (ReportFolder) throws -> Void) throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: root) }
    try FileManager.default.createDirectory(atPath: "\(root)/report", withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: checkout.samples, toPath: "\(root)/report/samples")
    try body(ReportFolder(root: root))
}

@Test func everyFigureHasItsOwnName() {
    #expect(Set(Figure.all.map(\.name)).count == Figure.all.count)
    #expect(Figure.all.allSatisfy { !$0.caption.isEmpty && !$0.caption.contains("\n") })
}

/// The records of the figures in the repository are there too.
@Test func everyFigureIsDrawn() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("figure-\(UUID().uuidString).svg").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    for figure in Figure.resultFigures {
        let picture: any Picture
        do { picture = try figure.picture(checkout) } catch is MissingRun {
            #expect(!FileManager.default.fileExists(atPath: figure.path(in: checkout) + ".png"), "\(figure.name)")
            continue
        }
        try picture.writeSVG(to: path)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("<path"), "\(figure.name) is blank")
    }
}

@Test func withoutAnyRunTheFiguresOfSchedulesAndDataRemain() throws {
    try withEmptyReport { folder in
        var drawn: [String] = []
        for figure in Figure.resultFigures {
            do {
                try figure.write(in: folder)
                drawn.append(figure.name)
            } catch is MissingRun {}
        }
        #expect(drawn == ["11.6", "11.8"])
    }
}

/// Of the experiments of a figure, the ones that were run or published are drawn. The learning rates of a published run
/// are those of its experiment.
@Test func whatWasNotRunIsNotDrawn() throws {
    try withEmptyReport { folder in
        let figure = try Figure.named("11.7")
        #expect(!figure.isDrawable(in: folder))
        try RunRecord.finished(.one).file(in: folder)
        func plots() throws -> [TrainingPlot] {
            let panels = try #require(try figure.picture(folder) as? Panels)
            return panels.rows.flatMap(\.self).compactMap { $0 as? TrainingPlot }
        }
        #expect(try plots().map(\.title) == ["Experiment 1, from 1e-3"])
        try FileManager.default.copyItem(atPath: checkout.published, toPath: folder.published)
        #expect(try plots().map(\.title) == ["Experiment 1, from 1e-3", "Experiment 3, from 5e-3: the README's run"])
        #expect(
            try plots().map { $0.references.map(\.label) } == [
                ["book: 87.95 %"], ["book: 90.81 %", "README: 90.30 %"],
            ])

        let readme = Experiments.tinyImageNetStages.filter { $0.source == .readme }
        for experiment in readme {
            let history = try #require(try folder.publishedHistory(of: experiment))
            #expect(history["lr"]?[39] == 1e-3 && history["lr"]?[40] == 1e-4)
        }
        #expect(try folder.publishedHistory(of: .two) == nil)
    }
}

@Test func samplesOfAnotherShapeAreRefusedWithTheirFile() throws {
    try withEmptyReport { folder in
        let record = RunRecord.finished(.fast)
        try record.file(in: folder)
        let filters = try #require(Figure.resultFigures.first { $0.name == "filters" })
        #expect(throws: MissingRun.self) { _ = try filters.picture(folder) }

        let path = folder.samplesPath(record.runName)
        func write(_ shape: [Int]) throws {
            let file = try HDF5File(creating: path)
            let dataset = try file.root.createDataset("first_layer_kernel", shape: shape, type: .float32)
            try dataset.write([Float](repeating: 0.5, count: shape.reduce(1, *)))
            try file.close()
        }
        try write([3, 3, 3, 4])
        let grid = try #require(try filters.picture(folder) as? ImageGrid)
        #expect(grid.rows.flatMap(\.self).count == 4)
        try write([3, 3, 4])
        let error = try #require(throws: RunRecordError.self) { _ = try filters.picture(folder) }
        #expect(error.description.contains(path) && error.description.contains("[3, 3, 4]"))
    }
}
