import Experiments
import Imaging
import Plotting
import PyImageSearch

extension Figure {
    /// Right and wrong answers, from chapter 4 of the book.
    static let rankFigures: [Figure] = [
        Figure(
            name: "4.1",
            caption: """
                The probabilities of the book's table 4.1 for two pictures, in percent. (a) A frog: the right class has the \
                highest probability, so the answer is right at rank 1. (b) An automobile: the truck has the highest, and the \
                right class the second. The answer is wrong at rank 1 and right at rank 5.
                """
        ) { _ in rankedPictures() },
        Figure(
            name: "4.2",
            caption: """
                Four training images of Tiny ImageNet: two of the class basketball, two of the class volleyball. Both \
                classes show a ball, or players in a hall, so even a good network confuses them. Rank 5 counts such \
                an answer as right if the right class is among the next four.
                """
        ) { try lookalikes($0) },
    ]

    private static func rankedPictures() -> Panels {
        let panels = Experiments.rankedPictures.map { picture -> BarChart in
            let bars = zip(CIFAR10.classNames, picture.percents).map { BarChart.Bar(label: $0, value: $1) }
            var chart = BarChart(
                title: "a picture of class \(picture.truth)", xLabel: "probability, in percent",
                bars: bars.sorted { $0.value > $1.value }.prefix(5).map { $0 })
            (chart.xRange, chart.decimals) = (0...100, 2)
            (chart.width, chart.height) = (700, 420)
            return chart
        }
        return Panels([panels])
    }

    private static func lookalikes(_ folder: ReportFolder) throws -> ImageGrid {
        let classes = [
            ("basketball", ["n02802426_7", "n02802426_29"]), ("volleyball", ["n04540053_3", "n04540053_8"]),
        ]
        let tiles = try classes.flatMap { name, files in
            try files.map { file in
                let image = try Image(contentsOf: "\(folder.samples)/tiny-imagenet/\(file).JPEG")
                return ImageGrid.Tile(PixelImage(image), caption: [name])
            }
        }
        return ImageGrid(title: "", tiles: tiles, columns: 4, tileSize: 180)
    }
}
