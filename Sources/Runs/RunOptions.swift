import NeuralNetwork

/// What a user asks of a run; `nil` leaves it to the checkpoint or the experiment.
public struct RunOptions {
    /// Epochs in all.
    public var epochs: Int?
    public var batchSize: Int?
    /// Replaces the experiment's, if given.
    public var learningRate: Double?
    public var seed: UInt64?
    public var start = Start.anew
    /// Whether the files of another run, or of an unfinished one, may be replaced.
    public var replacesOthers = false
    /// Whether every step checks that all numbers are finite: ``Model/detectsAnomalies``.
    public var detectsAnomalies = false
    /// The processes that train together; `nil` if there is only this one.
    public var parallelism: DataParallelism?
    /// Whether they normalize by the statistics of whole batches, as one process does anyway.
    public var synchronizesBatchNormalization = false

    /// The program's transcript so far, which its record stores; `nil` if there is none.
    public var transcript: @Sendable () -> Transcript? = { nil }

    public init() {}

    /// The seed of a run for which nobody chose one.
    public static let defaultSeed: UInt64 = 42

    /// The model that training begins with.
    public enum Start: Sendable, Equatable {
        /// A new one.
        case anew
        /// The checkpoint of this run with the most training; a new one if there is none.
        case resuming
        /// The model in a file after so many epochs, with any settings. If the path is `nil`, the file is the run's
        /// own; if that does not exist and the number of epochs is 0, the model is new.
        case continuing(path: String?, epochs: Int)
    }
}
