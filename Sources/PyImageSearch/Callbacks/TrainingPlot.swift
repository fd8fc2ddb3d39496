import Foundation
import Plotting

/// The curves of a training run over its epochs.
public struct TrainingPlot: Picture {
    /// How loss and accuracy are shown.
    public enum Style: Sendable {
        /// Loss above accuracy, each on its own scale. A dot marks the best epoch. Thin lines mark steps of the
        /// learning rate. Of several outputs, each has its color.
        case lossAboveAccuracy
        /// The book's: one chart of four curves on one scale; of several outputs, those of the first.
        case original
    }

    /// The metrics by their names.
    public var history: TrainingHistory
    /// The title above the picture.
    public var title: String
    /// The model's outputs, the main one first. A model with one output needs none.
    public var outputs: [String]
    /// How loss and accuracy are shown.
    public var style: Style

    /// Accuracies to compare the curves with, from 0 to 1. The book's chart has none.
    public var references: [LineChart.Reference] = []
    /// The epochs that the x axis shows at least; `nil` for those of the history, as in the book's chart.
    public var epochs: Int?
    /// The scale of all text and lines; above 1 for a picture that will be shown small.
    public var textScale = 1.0

    /// Creates a picture of a history.
    public init(
        _ history: TrainingHistory, title: String, outputs: [String] = [], style: Style = .lossAboveAccuracy
    ) {
        self.history = history
        self.title = title
        self.outputs = outputs
        self.style = style
    }

    /// The width in points.
    public var width: Double { picture.width }
    /// The height in points.
    public var height: Double { picture.height }

    /// Draws the picture.
    public func draw(on canvas: Canvas) { picture.draw(on: canvas) }

    private var picture: any Picture {
        switch style {
        case .lossAboveAccuracy: lossAboveAccuracy
        case .original: original
        }
    }

    // MARK: - Loss above accuracy

    /// The picture as a stack of charts, to which others can be added. A metric that the history lacks has no chart.
    public var lossAboveAccuracy: ChartStack {
        var charts = [chart("Loss", of: "loss"), chart("Accuracy", of: "acc")].filter { !$0.series.isEmpty }
        // The curves of both charts have the same labels, so one legend explains them.
        if charts.count > 1 {
            for curve in charts[0].series.indices where !charts[0].series[curve].isScattered {
                charts[0].series[curve].label = ""
            }
        }
        var stack = ChartStack(title: title, charts: charts)
        stack.verticalLines = rateSteps
        stack.textScale = textScale
        return stack
    }

    /// The curves of a metric, and the best epoch if the metric decides on it.
    private func chart(_ yLabel: String, of metric: String) -> LineChart {
        var chart = LineChart(title: "", xLabel: "Epoch #", yLabel: yLabel, series: [])
        // Training and validation differ in color; if outputs do, training is dashed.
        for output in 0..<max(1, outputs.count) {
            let name = hasSeveralOutputs ? "\(outputs[output]), " : ""
            if let training = values(of: metric, output: output, validation: false) {
                var curve = series(training, "\(name)training", Palette.color(of: output))
                curve.isDashed = hasSeveralOutputs
                chart.series.append(curve)
            }
            if let validation = values(of: metric, output: output, validation: true) {
                chart.series.append(series(validation, "\(name)validation", validationColor(of: output)))
            }
        }
        if let best, best.metric == metric {
            let value =
                metric == "acc" ? String(format: "%.2f %%", 100 * best.value) : String(format: "%.4g", best.value)
            chart.series.append(
                LineChart.Series(
                    label: "best: epoch \(best.epoch), \(value)", x: [Double(best.epoch)], y: [best.value],
                    color: validationColor(of: 0), isScattered: true, thickness: 1.6))
        }
        if metric == "acc" { chart.references = references }
        chart.xRange = epochs.map { 0...Double($0) }
        chart.hasLegendBelow = true
        return chart
    }

    /// The epoch, from 1, of the highest validation accuracy of the first output; without one, of its lowest validation
    /// loss. The first of several that are equal.
    private var best: (metric: String, epoch: Int, value: Double)? {
        for (metric, sign) in [("acc", 1.0), ("loss", -1.0)] {
            let values = (values(of: metric, output: 0, validation: true) ?? []).map { $0 ?? .nan }
            let epochs = values.indices.filter { values[$0].isFinite }
            let best = epochs.max { (sign * values[$0], $1) < (sign * values[$1], $0) }
            if let best { return (metric, best + 1, values[best]) }
        }
        return nil
    }

    /// Falls of the learning rate to half or less, after at least two epochs with one rate. A rate that changes with
    /// every epoch, or by little, has no steps.
    private var rateSteps: [LineChart.VerticalLine] {
        let rates = history["lr"] ?? []
        return rates.indices.dropFirst(2).compactMap { epoch in
            guard let rate = rates[epoch], let before = rates[epoch - 1], before == rates[epoch - 2], rate > 0,
                rate <= before / 2
            else { return nil }
            return LineChart.VerticalLine(label: "lr \(TrainingHistory.label(ofRate: rate))", x: Double(epoch))
        }
    }

    private func validationColor(of output: Int) -> Color { Palette.color(of: hasSeveralOutputs ? output : 1) }

    // MARK: - The original

    var original: LineChart {
        var chart = LineChart(title: title, xLabel: "Epoch #", yLabel: "Loss/Accuracy", series: [])
        for metric in ["loss", "acc"] {
            for name in [metric, "val_\(metric)"] {
                guard let values = values(of: metric, output: 0, validation: name != metric) else { continue }
                chart.series.append(series(values, TrainingHistory.label(of: name)))
            }
        }
        chart.textScale = textScale
        return chart
    }

    // MARK: - What both share

    private var hasSeveralOutputs: Bool { outputs.count > 1 }

    private func values(of metric: String, output: Int, validation: Bool) -> [Double?]? {
        let prefix = hasSeveralOutputs ? "\(outputs[output])_" : ""
        return history["\(validation ? "val_" : "")\(prefix)\(metric)"]
    }

    private func series(_ values: [Double?], _ label: String, _ color: Color? = nil) -> LineChart.Series {
        LineChart.Series(
            label: label, x: values.indices.map { Double($0 + 1) }, y: values.map { $0 ?? .nan }, color: color)
    }
}
