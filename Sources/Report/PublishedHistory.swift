import Foundation
import Plotting
import PyImageSearch
import System

/// The history that a document publishes of a run, epoch by epoch: `report/published/<name>.json`, in Keras's layout.
struct PublishedHistory {
    private let metrics: TrainingHistory

    /// - Returns: `nil` if no document publishes one of that name.
    init?(_ name: String, in folder: ReportFolder) throws {
        let path = "\(folder.published)/\(name).json"
        guard FileSystem.exists(path) else { return nil }
        metrics = try TrainingHistory(contentsOf: path)
    }

    /// - Parameter names: names of metrics; those that the history lacks are left out.
    func chart(_ title: String, of names: [String]) -> LineChart {
        LineChart(
            title: title, xLabel: "Epoch #", yLabel: "",
            series: names.compactMap { name in
                metrics[name].map { values in
                    LineChart.Series(
                        label: TrainingHistory.label(of: name), x: values.indices.map { Double($0 + 1) },
                        y: values.map { $0 ?? .nan })
                }
            })
    }
}
