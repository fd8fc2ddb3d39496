import Foundation
import Plotting
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

private func curves(epochs: Int) -> LineChart {
    let x = (0..<epochs).map(Double.init)
    func series(_ label: String, _ value: (Double) -> Double) -> LineChart.Series {
        LineChart.Series(label: label, x: x, y: x.map(value))
    }
    return LineChart(
        title: "Training Loss and Accuracy [Epoch \(epochs)]", xLabel: "Epoch #", yLabel: "Loss/Accuracy",
        series: [
            series("train_loss") { 1.6 * exp(-$0 / 12) }, series("val_loss") { 0.4 + exp(-$0 / 9) },
            series("train_acc") { 1 - 0.5 * exp(-$0 / 10) }, series("val_acc") { 0.9 - 0.4 * exp(-$0 / 8) },
        ])
}

private func isWellFormed(_ path: String) throws -> Bool {
    XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: path))).parse()
}

@Test func pngHasItsSizeAndColors() throws {
    try withTemporaryFolder { folder in
        let path = folder + "/chart.png"
        try curves(epochs: 70).writePNG(to: path)
        let head = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8)
        #expect(Array(head) == [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])

        let bitmap = try Bitmap(contentsOf: path)
        #expect(bitmap.width == 1600 && bitmap.height == 1200)
        for (x, y) in [(0, 0), (1599, 0), (0, 1199), (1599, 1199)] { #expect(bitmap[x, y] == 0xFFFFFF) }
        #expect(bitmap.count(of: 0xE5E5E5) > 1600 * 1200 / 2)
        for color: UInt32 in [0x0072B2, 0xD55E00, 0x009E73, 0x000000] { #expect(bitmap.count(of: color) > 1000) }
        // Ticks and numbers are gray, and the folder contains only the requested file.
        #expect(bitmap.count(of: 0x555555) > 500)
        #expect(try names(in: folder) == ["chart.png"])
    }
}

@Test func panelHasNoSpinesAndTicksPointOutwards() throws {
    try withTemporaryFolder { folder in
        let path = folder + "/chart.png"
        try LineChart(title: "", xLabel: "", yLabel: "", series: []).writePNG(to: path)
        let bitmap = try Bitmap(contentsOf: path)
        // From the panel's middle to the right, the panel is followed by paper, without a line between them.
        let row = (800..<1600).map { bitmap[$0, 500] }
        let edge = try #require(row.firstIndex(of: 0xFFFFFF))
        #expect(row[..<edge].allSatisfy { $0 >= 0xE5E5E5 } && row[edge...].allSatisfy { $0 == 0xFFFFFF })
        // Every dark pixel, of ticks and numbers, is outside the panel.
        let left = try #require((0..<1600).first { bitmap[$0, 500] == 0xE5E5E5 })
        let bottom = try #require((0..<1200).last { bitmap[800, $0] == 0xE5E5E5 })
        let isDark = { (x: Int, y: Int) in bitmap[x, y] & 0xFF < 0x80 }
        #expect(!(left...800 + edge - 2).contains { x in (60...bottom).contains { y in isDark(x, y) } })
        #expect((0..<left).contains { x in (0..<1200).contains { y in isDark(x, y) } })
    }
}

@Test func seriesColorAndPixelScaleAreUsed() throws {
    try withTemporaryFolder { folder in
        let path = folder + "/chart.png"
        var chart = curves(epochs: 5)
        (chart.width, chart.height, chart.pixelScale) = (300, 200, 1.5)
        chart.series = [LineChart.Series(label: "", x: [0, 1], y: [0, 0], color: Color(hex: 0xFF00FF))]
        try chart.writePNG(to: path)
        let solid = try Bitmap(contentsOf: path)
        #expect(solid.width == 450 && solid.height == 300)
        chart.pixelScale = 4
        try chart.writePNG(to: path)
        let full = try Bitmap(contentsOf: path).count(of: 0xFF00FF)
        chart.series[0].isDashed = true
        try chart.writePNG(to: path)
        let dashed = try Bitmap(contentsOf: path).count(of: 0xFF00FF)
        #expect(full > 500 && dashed > full / 2 && dashed < full * 9 / 10)
    }
}

@Test func aColorOfItsOwnKeepsItsLineSolid() throws {
    // After seven curves, those without a color of their own are dotted.
    func pixels(after count: Int) throws -> Int {
        let invisible = LineChart.Series(label: "", x: [], y: [])
        let curve = LineChart.Series(label: "", x: [0, 1], y: [0, 1], color: Color(hex: 0xFF00FF))
        let series = [LineChart.Series](repeating: invisible, count: count) + [curve]
        return try LineChart(title: "", xLabel: "", yLabel: "", series: series).bitmap().count(of: 0xFF00FF)
    }
    #expect(try pixels(after: 7) == pixels(after: 0))
}

@Test func gapsAreNotDrawnOver() throws {
    try withTemporaryFolder { folder in
        let path = folder + "/chart.png"
        func pixels(_ middle: Double) throws -> Int {
            let series = LineChart.Series(
                label: "", x: [0, 1, 2, 3, 4], y: [0, 0, middle, 0, 0], color: Color(hex: 0xFF00FF))
            try LineChart(title: "", xLabel: "", yLabel: "", series: [series]).writePNG(to: path)
            return try Bitmap(contentsOf: path).count(of: 0xFF00FF)
        }
        let whole = try pixels(0)
        for value in [Double.nan, .infinity, -.infinity] {
            let broken = try pixels(value)
            #expect(broken > whole * 4 / 10 && broken < whole * 6 / 10)
        }
    }
}

@Test func svgIsWellFormed() throws {
    try withTemporaryFolder { folder in
        let path = folder + "/chart.svg"
        var chart = curves(epochs: 70)
        chart.title = "<Loss> & \"Accuracy\" \u{1} [Epoch 70]"
        try chart.writeSVG(to: path)
        #expect(try isWellFormed(path))
        let text = try String(contentsOfFile: path, encoding: .utf8)
        #expect(text.contains("<svg") && text.contains("width=\"800pt\" height=\"600pt\""))
        #expect(try names(in: folder) == ["chart.svg"])
    }
}

@Test func anExistingFileIsReplaced() throws {
    try withTemporaryFolder { folder in
        let path = folder + "/chart.svg"
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        try curves(epochs: 2).writeSVG(to: path)
        #expect(try isWellFormed(path))
    }
}

@Test func aFailedWriteIsReportedAndLeavesNothing() throws {
    try withTemporaryFolder { folder in
        // A file is in the place of a folder that would have to be made.
        let blocked = folder + "/blocked"
        try Data().write(to: URL(fileURLWithPath: blocked))
        let error = try #require(throws: PlottingError.self) {
            try curves(epochs: 2).writePNG(to: blocked + "/chart.png")
        }
        #expect(error.description.contains("cannot make the folder \(blocked)"))
        // A folder is in the place of the file. Nothing else may be left behind.
        try FileManager.default.createDirectory(atPath: folder + "/chart.svg", withIntermediateDirectories: false)
        #expect(throws: PlottingError.self) { try curves(epochs: 2).writeSVG(to: folder + "/chart.svg") }
        #expect(throws: PlottingError.self) { try curves(epochs: 2).writeSVG(to: folder + "/a\0b") }
        #expect(try Set(names(in: folder)) == ["blocked", "chart.svg"])
    }
}

@Test(arguments: [(0.0, 600.0, 2.0), (800, -1, 2), (.nan, 600, 2), (800, .infinity, 2), (800, 600, 0), (8e9, 600, 2)])
func sizesThatCannotBeDrawnAreRefused(width: Double, height: Double, pixelScale: Double) throws {
    try withTemporaryFolder { folder in
        var chart = curves(epochs: 2)
        (chart.width, chart.height, chart.pixelScale) = (width, height, pixelScale)
        #expect(throws: PlottingError.self) { try chart.writePNG(to: folder + "/chart.png") }
        let left = try names(in: folder)
        #expect(left.isEmpty)
    }
}

@Test func oddDataNeverTraps() throws {
    let largest = Double.greatestFiniteMagnitude
    let odd: [([Double], [Double])] = [
        ([], []), ([3], [5]), ([1, 2, 3], [7, 7, 7]), ([0, 1], [.nan, .nan]), ([.nan, .infinity], [1, 2]),
        ([0, 1, 2], [-largest, largest, 0]), ([-largest, largest], [1, 2]), ([0, 1], [0, .leastNonzeroMagnitude]),
        ([0, 1, 2], [1]),
        ([1e17, 1e17 + 64], [1, 1 + 1e-15]), ([5, 5, 5], [1, 2, 3]), ([2, 1, 0.5], [1e-12, 2e-12, 3e-12]),
    ]
    try withTemporaryFolder { folder in
        for (x, y) in odd {
            for count in [1, 2, 10, 60] {
                let series = (0..<count).map {
                    LineChart.Series(label: "curve \($0)", x: x, y: y, isDashed: $0 % 2 == 1)
                }
                var chart = LineChart(title: "Odd", xLabel: "x", yLabel: "y", series: series)
                chart.pixelScale = 0.5
                try chart.writePNG(to: folder + "/odd.png")
                try chart.writeSVG(to: folder + "/odd.svg")
                #expect(try isWellFormed(folder + "/odd.svg"))
            }
        }
        for (width, height) in [(1.0, 1.0), (20, 600), (800, 10), (0.01, 0.01)] {
            var chart = curves(epochs: 3)
            (chart.width, chart.height) = (width, height)
            chart.title = String(repeating: "A title without an end. ", count: 50)
            chart.series[0].label = chart.title
            try chart.writePNG(to: folder + "/odd.png")
            try chart.writeSVG(to: folder + "/odd.svg")
        }
    }
}
