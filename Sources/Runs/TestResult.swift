import NeuralNetwork
import PyImageSearch
import ScikitLearn
import Tensors

extension RunRecord.TestResult {
    /// What predictions are worth: accuracy, confusion matrix and classification report.
    ///
    /// - Parameters:
    ///   - predictions: a class for every image.
    ///   - truth: the class that it is.
    ///   - metrics: what else was counted, from 0 to 1.
    /// - Throws: `ClassificationError` if they do not belong together.
    public init(
        predictions: [Int], truth: [Int], classNames: [String], metrics: [String: Double] = [:]
    ) throws {
        self.init(
            images: truth.count,
            metrics: metrics.merging(["accuracy": try accuracyScore(truth: truth, predictions: predictions)]) { $1 },
            classNames: classNames,
            confusionMatrix: try ScikitLearn.confusionMatrix(
                truth: truth, predictions: predictions, classes: classNames.count),
            classificationReport: try ScikitLearn.classificationReport(
                truth: truth, predictions: predictions, targetNames: classNames))
    }
}
