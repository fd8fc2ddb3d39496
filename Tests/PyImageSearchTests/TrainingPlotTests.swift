import NeuralNetwork
import Plotting
import Testing
@testable import PyImageSearch

@Suite struct TrainingPlotTests {
    private let history: TrainingHistory = [
        "loss": [3, 2, 1, 0.5], "val_loss": [3, 1, 2, 2.5], "acc": [0.1, 0.5, 0.7, 0.9],
        "val_acc": [0.1, 0.5, 0.75, 0.75], "lr": [0.1, 0.1, 0.1, 0.1],
    ]

    private func plot(_ changes: [String: [Double?]?] = [:], outputs: [String] = []) -> ChartStack {
        var history = history
        for (name, values) in changes { history[name] = values }
        return TrainingPlot(history, title: "Title", outputs: outputs).lossAboveAccuracy
    }

    private func labels(_ stack: ChartStack) -> [[String]] { stack.charts.map { $0.series.map(\.label) } }

    /// The dot of the best epoch, with the label of its axis.
    private func best(_ stack: ChartStack) -> (axis: String, dot: LineChart.Series)? {
        for chart in stack.charts {
            for dot in chart.series where dot.isScattered { return (chart.yLabel, dot) }
        }
        return nil
    }

    @Test func lossIsAboveAccuracy() {
        let stack = plot()
        #expect(stack.title == "Title" && stack.charts.map(\.yLabel) == ["Loss", "Accuracy"])
        #expect(labels(stack) == [["", ""], ["training", "validation", "best: epoch 3, 75.00 %"]])
        #expect(stack.charts[0].series.map(\.y) == [[3, 2, 1, 0.5], [3, 1, 2, 2.5]])
        #expect(stack.charts[1].series[0].x == [1, 2, 3, 4])
    }

    /// The first of two that are equal.
    @Test func theBestEpochHasTheHighestValidationAccuracy() throws {
        let dot = try #require(best(plot()))
        #expect(dot.axis == "Accuracy" && dot.dot.x == [3] && dot.dot.y == [0.75])
        let gap = try #require(best(plot(["val_acc": [nil, 0.5, nil, 0.25]])))
        #expect(gap.dot.x == [2])
    }

    @Test func withoutValidationAccuracyTheBestEpochHasTheLowestValidationLoss() throws {
        for accuracy in [nil, [nil, nil, nil, nil]] as [[Double?]?] {
            let dot = try #require(best(plot(["val_acc": accuracy])))
            #expect(dot.axis == "Loss" && dot.dot.x == [2] && dot.dot.y == [1] && dot.dot.label == "best: epoch 2, 1")
        }
        #expect(best(plot(["val_acc": nil, "val_loss": nil])) == nil)
    }

    @Test func aMetricThatIsMissingHasNoChart() {
        #expect(labels(plot(["acc": nil, "val_acc": nil])) == [["training", "validation", "best: epoch 2, 1"]])
        #expect(TrainingPlot([:], title: "").lossAboveAccuracy.charts.isEmpty)
    }

    @Test func outputsHaveAColorEachAndTheFirstDecides() throws {
        var history: TrainingHistory = ["loss": [9, 9], "val_loss": [9, 9]]
        for (name, values) in ["main": [0.5, 0.25], "head": [0.25, 0.5]] {
            for metric in ["loss", "acc"] {
                history["\(name)_\(metric)"] = values
                history["val_\(name)_\(metric)"] = values
            }
        }
        let stack = TrainingPlot(history, title: "", outputs: ["main", "head"]).lossAboveAccuracy
        let curves = stack.charts[1].series
        #expect(
            curves.map(\.label) == [
                "main, training", "main, validation", "head, training", "head, validation", "best: epoch 1, 50.00 %",
            ])
        #expect(curves.map(\.isDashed) == [true, false, true, false, false])
        let colors = [0, 0, 1, 1, 0].map(Palette.color(of:))
        #expect(curves.map(\.color) == colors && stack.charts[0].series.map(\.color) == Array(colors.dropLast()))
        #expect(stack.charts[0].series.allSatisfy { $0.y.max() == 0.5 })
    }

    @Test func stepsOfTheLearningRateAreMarked() {
        func steps(_ rates: [Double?]) -> [String] {
            plot(["lr": rates]).verticalLines.map { "\($0.label) after \(Int($0.x))" }
        }
        #expect(steps([0.1, 0.1, 0.1, 0.01, 0.01, 0.005]) == ["lr 1e-2 after 3", "lr 5e-3 after 5"])
        #expect(steps([0.1, 0.1, 0.0125]) == ["lr 1.25e-2 after 2"])
        // A decay in every epoch, small falls, rises, missing rates and no rate at all are not steps.
        #expect(steps([8, 4, 2, 1, 0.5, 0.1]) == [])
        #expect(steps([1, 1, 0.96, 0.96, 0.92, 0.92]) == [])
        #expect(steps([0.1, 0.1, 1, 1]) == [])
        #expect(steps([nil, nil, 1, nil, 0.1, 0.1]) == [])
        #expect(steps([0, 0, 0, 0]) == [])
        #expect(plot(["lr": nil]).verticalLines.isEmpty)
    }

    @Test func ratesAreWrittenAsInTheBook() {
        let rates = [5e-3, 0.1, 1, 0.0125, 1.05e-4, 2e-10, 30, 0]
        #expect(
            rates.map(TrainingHistory.label(ofRate:)) == [
                "5e-3", "1e-1", "1e+0", "1.25e-2", "1.05e-4", "2e-10", "3e+1", "0e+0",
            ])
    }

    @Test func theOriginalIsOneChartOfFourCurves() {
        let plot = TrainingPlot(history, title: "Title", style: .original)
        #expect(plot.original.series.map(\.label) == ["train_loss", "val_loss", "train_acc", "val_acc"])
        #expect(
            plot.original.series.map(\.y)
                == ["loss", "val_loss", "acc", "val_acc"].map { history[$0]?.compactMap(\.self) })
        #expect(plot.original.yLabel == "Loss/Accuracy" && plot.original.verticalLines.isEmpty)
        #expect(plot.height == 600 && TrainingPlot(history, title: "Title").height == 800)
        let main = TrainingPlot(
            ["loss": [9], "main_loss": [1], "val_main_acc": [0.5], "head_loss": [3]], title: "",
            outputs: ["main", "head"],
            style: .original)
        #expect(main.original.series.map(\.y) == [[1], [0.5]])
    }

    @Test func referencesAreAmongTheAccuracies() {
        var plot = TrainingPlot(history, title: "")
        plot.references = [.init(label: "book", y: 0.9)]
        plot.epochs = 70
        #expect(plot.lossAboveAccuracy.charts.map(\.references.count) == [0, 1])
        #expect(plot.lossAboveAccuracy.charts.map(\.xRange) == [0...70, 0...70])
    }
}
