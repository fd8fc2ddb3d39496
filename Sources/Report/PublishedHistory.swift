import Experiments
import PyImageSearch
import System

extension ReportFolder {
    /// The history that the README publishes of a run of the experiment: `report/published/<name>.json`, in Keras's
    /// layout. If it lacks the learning rates, they are those of the experiment's schedule, which counts epochs.
    ///
    /// - Returns: `nil` if it publishes none.
    func publishedHistory(of experiment: Experiment) throws -> TrainingHistory? {
        guard experiment.published.contains(where: { $0.source == .readme }) else { return nil }
        // The README repeats one experiment of the book.
        let name = experiment.source == .readme ? experiment.name : "readme-\(experiment.dataset.rawValue)"
        let path = "\(published)/\(name).json"
        guard FileSystem.exists(path) else { return nil }
        var history = try TrainingHistory(contentsOf: path)
        let schedule = experiment.schedule(experiment.wholeSpan)
        history["lr"] = history["lr"] ?? (0..<experiment.epochs).map { schedule.learningRate(at: $0) }
        return history
    }
}
