import NeuralNetwork
import System

extension RunRecord {
    /// Adds a model's test results to the record of the run that ended with its weights. Meanwhile nobody else may
    /// write there.
    ///
    /// Earlier metrics stay in the record unless they are measured again.
    ///
    /// - Parameters:
    ///   - place: the record, or a folder that may hold it.
    ///   - report: receives one line about what happened. A result is never lost because it cannot be filed.
    /// - Throws: `BackendError` if the model has no weights to compare.
    public static func add(
        _ result: TestResult, of model: Model, to place: String, report: (String) -> Void = info
    ) throws {
        let weights = try model.fingerprint()
        let path = FileSystem.isFolder(place) ? record(in: place, endingWith: weights) : place
        guard let path, FileSystem.exists(path) else {
            return report(
                path == nil
                    ? "no record in \(place) is of the run that ended with this model: it is added to none"
                    : "there is no record at \(place) to add it to")
        }
        do {
            try update(path) { run in
                guard run.weights == weights else {
                    throw RunRecordError("the run of \(path) ended with other weights")
                }
                var result = result
                if let before = run.test {
                    guard before.images == result.images else {
                        throw RunRecordError(
                            "\(path) has a test on \(counted(before.images, "image")), and this one is on \(result.images)"
                        )
                    }
                    result.metrics.merge(before.metrics) { new, _ in new }
                    // Numbers alone do not replace a report.
                    if result.confusionMatrix == nil {
                        result.classNames = before.classNames
                        result.confusionMatrix = before.confusionMatrix
                        result.classificationReport = before.classificationReport
                    }
                }
                run.test = result
            }
            report("added to \(path)")
        } catch { report("not added: \(error)") }
    }

    private static func record(in folder: String, endingWith weights: String) -> String? {
        let names = (try? FolderContents(folder).files) ?? []
        return names.filter { $0.hasSuffix(".run.json") }.map { "\(folder)/\($0)" }
            .first { (try? RunRecord(contentsOf: $0))?.weights == weights }
    }
}
