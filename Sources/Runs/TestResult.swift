import NeuralNetwork
import PyImageSearch
import ScikitLearn
import Tensors

extension RunRecord.TestResult {
    /// The quality of predictions: accuracy, confusion matrix and classification report.
    ///
    /// - Parameters:
    ///   - predictions: the predicted class of every image.
    ///   - truth: the true class of every image.
    ///   - metrics: other metrics, from 0 to 1.
    /// - Throws: `ClassificationError` if predictions, labels and names do not match.
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
