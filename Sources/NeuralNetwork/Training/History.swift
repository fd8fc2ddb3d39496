/// What ``Model/fit(_:epochs:initialEpoch:validation:callbacks:workers:verbose:)`` returns: every number of every epoch.
public struct History: Sendable, Equatable {
    /// The first epoch in it, counted from 0.
    public let initialEpoch: Int
    public private(set) var epochs: [Logs] = []

    init(initialEpoch: Int) { self.initialEpoch = initialEpoch }

    mutating func append(_ logs: Logs) { epochs.append(logs) }

    /// One number over the epochs, as `history["val_acc"]`; epochs that lack it are left out.
    public subscript(key: String) -> [Double] { epochs.compactMap { $0[key] } }
}
