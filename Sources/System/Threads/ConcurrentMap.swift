import Dispatch
import Synchronization

extension Collection where Element: Sendable, Index == Int, Self: Sendable {
    /// The result of `transform` for each element, or its error, in order. Up to `jobs` threads share the work.
    public func concurrentMap<Value: Sendable>(
        jobs: Int, _ transform: @Sendable (Element) throws -> Value
    ) -> [Result<Value, any Error>] {
        [Result<Value, any Error>](unsafeUninitializedCapacity: count) { buffer, initialized in
            // Each thread writes to its own places.
            guard let first = buffer.baseAddress else { return }
            nonisolated(unsafe) let results = first
            let count = count
            let jobs = Swift.max(1, Swift.min(jobs, count))
            // Whoever is done takes the next one: a processor that also does something else takes fewer.
            let taken = Atomic(0)
            DispatchQueue.concurrentPerform(iterations: jobs) { _ in
                while case let position = taken.add(1, ordering: .relaxed).oldValue, position < count {
                    let element = self[startIndex + position]
                    (results + position).initialize(to: Result { try transform(element) })
                }
            }
            initialized = count
        }
    }
}
