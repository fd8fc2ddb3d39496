import Foundation
import NeuralNetwork
import System

/// The metrics of a training run by name, with a value for every epoch; `nil` for an epoch that lacks it.
public typealias TrainingHistory = [String: [Double?]]

/// In bytes: some hundred thousand epochs.
private let largestHistory = 1 << 26

extension TrainingHistory {
    /// The name of a training metric in the book's plots: `train_loss` for `loss`, `train_acc` for `acc`. Other metrics
    /// keep their names.
    public static func label(of metric: String) -> String {
        ["loss", "acc"].contains(metric) ? "train_\(metric)" : metric
    }

    /// A learning rate as the book writes it: 5e-3.
    public static func label(ofRate rate: Double) -> String {
        String(format: "%.2e", rate).replacing(/\.?0+e/, with: "e").replacing("e-0", with: "e-").replacing(
            "e+0", with: "e+")
    }

    /// Reads a history of Keras or of this library: a JSON object of lists of numbers.
    ///
    /// Python writes `NaN` and `Infinity`, which JSON does not have; they are read as missing values. Keras 3's
    /// `accuracy` and `learning_rate` become Keras 2's `acc` and `lr`, the names that this library uses.
    ///
    /// - Parameter path: of the JSON file.
    /// - Throws: `FileError` if there is no file at `path`, or it is not a history.
    public init(contentsOf path: String) throws {
        let bytes = try FileBytes.read(path, limit: largestHistory)
        let json = JSON.replacingNaN(in: bytes) ?? bytes
        let read: TrainingHistory
        do { read = try JSONDecoder().decode(TrainingHistory.self, from: Data(json)) } catch {
            throw FileError("\(path) is not a training history; move it away to begin a new one")
        }
        self = [:]
        // Sorted, so that the result does not depend on the order of a dictionary; our own names win.
        for (name, values) in read.sorted(by: { $0.key < $1.key }) {
            let isAccuracy = name.hasSuffix("accuracy") && !name.hasSuffix("categorical_accuracy")
            let ours = name == "learning_rate" ? "lr" : isAccuracy ? "\(name.dropLast(5))" : name
            guard ours == name || read[ours] == nil else { continue }
            self[ours] = values.map { $0.flatMap { $0.isFinite ? $0 : nil } }
        }
    }
}
