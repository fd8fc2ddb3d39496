import Foundation
import NeuralNetwork
import System

/// The numbers of a training run by name, a value for every epoch; `nil` where an epoch lacks it.
public typealias TrainingHistory = [String: [Double?]]

/// Bytes: some hundred thousand epochs.
private let largestHistory = 1 << 26

extension TrainingHistory {
    /// What the book's plots call a metric of training: `train_loss` for `loss`, `train_acc` for `acc`. Others keep their names.
    public static func label(of metric: String) -> String {
        ["loss", "acc"].contains(metric) ? "train_\(metric)" : metric
    }

    /// Reads a history, Keras's or ours: a JSON object of lists of numbers.
    ///
    /// Python writes `NaN` and `Infinity`, which JSON does not have; here they are values that are lacking. Keras 3 says
    /// `accuracy` and `learning_rate` where Keras 2, and we, say `acc` and `lr`.
    ///
    /// - Throws: `FileError` where there is none at `path`, or it is something else.
    public init(contentsOf path: String) throws {
        let bytes = try FileBytes.read(path, limit: largestHistory)
        let json = JSON.replacingNaN(in: bytes) ?? bytes
        let read: TrainingHistory
        do { read = try JSONDecoder().decode(TrainingHistory.self, from: Data(json)) } catch {
            throw FileError("\(path) is not a training history; move it away to begin a new one")
        }
        self = [:]
        // In the order of their names, so that the result does not depend on a dictionary's; our own names go first.
        for (name, values) in read.sorted(by: { $0.key < $1.key }) {
            let ours = name == "learning_rate" ? "lr" : name.replacing("accuracy", with: "acc")
            guard ours == name || read[ours] == nil else { continue }
            self[ours] = values.map { $0.flatMap { $0.isFinite ? $0 : nil } }
        }
    }
}
