import ComputeGraph
import Foundation
import Synchronization

/// What all calls of a layer have in common, in whatever models they are: its weights, and whether training moves them.
///
/// Copies of a layer have its identity.
public final class LayerIdentity: @unchecked Sendable {  // The lock protects all state.
    private let lock = NSLock()
    private var trainable: Bool
    private var memory: [any Weight] = []
    private var firstName: String?

    /// - Parameter isTrainable: whether training moves the weights.
    public init(isTrainable: Bool = true) { trainable = isTrainable }

    /// Whether training moves the weights.
    public internal(set) var isTrainable: Bool {
        get { lock.withLock { trainable } }
        set {
            lock.withLock { trainable = newValue }
            Self.changes.add(1, ordering: .relaxed)
        }
    }

    /// A new layer's, frozen and named like this one.
    func copied() -> LayerIdentity {
        let copy = LayerIdentity(isTrainable: isTrainable)
        copy.givenName = givenName
        return copy
    }

    /// Changes whenever any layer is frozen or freed, or its weights are moved, so that models notice at no cost.
    static var version: Int { changes.load(ordering: .relaxed) }
    private static let changes = Atomic<Int>(0)

    /// The weights, once a model has been computed.
    var weights: [any Weight] { lock.withLock { memory } }

    /// Keeps the weights in this memory; models that have them elsewhere notice.
    func keep(_ weights: [any Weight]) {
        let wasElsewhere = lock.withLock {
            defer { memory = weights }
            return !memory.isEmpty && !zip(memory, weights).allSatisfy { $0 === $1 }
        }
        if wasElsewhere { Self.changes.add(1, ordering: .relaxed) }
    }

    /// The name that the first model gave to a layer without one; later models keep it if they can.
    var givenName: String? {
        get { lock.withLock { firstName } }
        set { lock.withLock { firstName = firstName ?? newValue } }
    }
}
