/// What a user asks of a run; `nil` leaves it to the checkpoint or the experiment.
public struct RunOptions: Sendable {
    /// Epochs in all.
    public var epochs: Int?
    public var batchSize: Int?
    /// In place of the experiment's.
    public var learningRate: Double?
    public var seed: UInt64?
    public var start = Start.anew
    /// Whether the files of another run, or of an unfinished one, may be replaced.
    public var replacesOthers = false
    /// Whether every step looks for numbers that are not finite: ``Model/detectsAnomalies``.
    public var detectsAnomalies = false

    public init() {}

    /// The model that training begins with.
    public enum Start: Sendable, Equatable {
        /// A new one.
        case anew
        /// The checkpoint of this run with the most training; a new one if there is none.
        case resuming
        /// The model in a file after so many epochs, with whatever settings; the run's own file if the path is `nil`. A new
        /// one if that is not there and no epoch has been trained.
        case continuing(path: String?, epochs: Int)
    }
}
