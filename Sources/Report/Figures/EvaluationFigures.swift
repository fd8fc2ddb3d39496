import Foundation
import Plotting
import Tensors

extension Figure {
    /// How a finished model does on images that it has not seen, and the kernels that it has learned.
    static let evaluationFigures: [Figure] = [
        Figure(
            name: "confusion-matrix",
            caption: """
                How often each class (row) was predicted as each class (column). Correct predictions lie on the \
                diagonal. Look first at cat and dog, then at the other mistakes: are animals confused with animals, \
                and vehicles with vehicles? Shades grow with the square root of the count; otherwise the mistakes \
                would be too pale to see.
                """
        ) { try confusionMatrix(fastTest($0)) },
        Figure(
            name: "class-accuracy",
            caption: """
                The share of test images of each class that are recognized. One number for all classes hides that some \
                are much harder than others.
                """
        ) { try classAccuracy(fastTest($0)) },
        Figure(
            name: "mistakes",
            caption: """
                The most confident mistakes: the true class, then the predicted class and its probability. People \
                would get some of these wrong too, and a few labels are doubtful.
                """
        ) { try mistakes($0) },
        Figure(
            name: "filters",
            caption: """
                The kernels of the first convolution as colors. Gray is a weight of zero. Each kernel is scaled by its \
                own largest weight, so that faint kernels are as visible as strong ones. Look for edges in several \
                directions, for spots, and for pairs of opposite colors.
                """
        ) { try filters($0) },
    ]

    private static let fast = WantedRun.fast

    /// The fast run's test result, with all parts that the figures need.
    private struct Test {
        let matrix: [[Int]]
        let names: [String]
        let images: Int

        var right: Int { matrix.indices.reduce(0) { $0 + matrix[$1][$1] } }
        var percent: Double { 100 * Double(right) / Double(images) }
    }

    private static func fastTest(_ folder: ReportFolder) throws -> Test {
        let run = try RunCatalog(folder).run(fast)
        guard let test = run.record.test, let matrix = test.confusionMatrix, let names = test.classNames else {
            throw MissingRun("the record of \(fast.title) has no confusion matrix", fast)
        }
        return Test(matrix: matrix, names: names, images: test.images)
    }

    private static func confusionMatrix(_ test: Test) -> HeatMap {
        HeatMap(
            title:
                "\(test.images.formatted(.number.locale(Locale(identifier: "en_US")))) test images, \(twoDecimals(test.percent)) % right",
            xLabel: "predicted",
            yLabel: "truth", rowNames: test.names, columnNames: test.names,
            values: test.matrix.map { $0.map(Double.init) })
    }

    private static func classAccuracy(_ test: Test) -> BarChart {
        let bars = zip(test.names, test.matrix).enumerated().map { index, row in
            BarChart.Bar(label: row.0, value: 100 * Double(row.1[index]) / Double(row.1.reduce(0, +)))
        }
        var chart = BarChart(
            title: "Accuracy by class", xLabel: "recognized, in percent",
            // A class without test images has no accuracy and comes last.
            bars: bars.sorted { ($0.value.isNaN ? -1 : $0.value) > ($1.value.isNaN ? -1 : $1.value) })
        chart.reference = BarChart.Bar(label: "all: \(twoDecimals(test.percent)) %", value: test.percent)
        chart.xRange = 0...100
        return chart
    }

    private static func mistakes(_ folder: ReportFolder) throws -> ImageGrid {
        let run = try RunCatalog(folder).run(fast)
        let samples = try run.sample(\.mistakes, in: folder, wanted: fast)
        let images = PixelImage.images(of: samples.images)
        let (truth, predicted) = (try run.names(of: samples.truth), try run.names(of: samples.predicted))
        let probability = samples.probability
        let tiles = images.indices.map { index in
            ImageGrid.Tile(
                images[index],
                caption: [truth[index], "\(predicted[index]), \(String(format: "%.1f", 100 * probability[index])) %"])
        }
        // The most confident first, and only as many as fit.
        let order = images.indices.sorted { (probability[$0], $1) > (probability[$1], $0) }.prefix(20)
        return ImageGrid(title: "The most confident mistakes", tiles: order.map { tiles[$0] }, columns: 5)
    }

    private static func filters(_ folder: ReportFolder) throws -> ImageGrid {
        let run = try RunCatalog(folder).run(fast)
        let kernel = try run.sample(\.firstLayerKernel, in: folder, wanted: fast)
        let (height, width, filters) = (kernel.shape[0], kernel.shape[1], kernel.shape[3])
        let tiles = (0..<filters).map { filter in
            let weights = stride(from: filter, to: kernel.count, by: filters).map { kernel.scalars[$0] }
            let largest = weights.lazy.filter(\.isFinite).map(abs).max() ?? 0
            return ImageGrid.Tile(PixelImage(width: width, height: height, values: weights, range: -largest...largest))
        }
        var grid = ImageGrid(
            title: "\(filters) kernels of \(height)x\(width)", tiles: tiles, columns: 12, tileSize: 52)
        grid.gap = 12
        return grid
    }
}

/// "93.20"
func twoDecimals(_ value: Double) -> String { String(format: "%.2f", value) }
