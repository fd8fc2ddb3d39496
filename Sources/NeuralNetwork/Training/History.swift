/// The metrics of every epoch: the result of `fit`, as
/// ``Model/fit(_:_:batchSize:epochs:initialEpoch:validation:shuffle:classWeight:sampleWeight:callbacks:verbose:)``.
public struct History: Sendable, Equatable {
    /// The first epoch in it, counted from 0.
    public let initialEpoch: Int
    /// The metrics of each epoch, from ``initialEpoch`` on.
    public private(set) var epochs: [Logs] = []

    init(initialEpoch: Int) { self.initialEpoch = initialEpoch }

    mutating func append(_ logs: Logs) { epochs.append(logs) }

    /// One metric over the epochs, as `history["val_acc"]`. Epochs without it are left out.
    public subscript(key: String) -> [Double] { epochs.compactMap { $0[key] } }
}
