import Dispatch

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
            DispatchQueue.concurrentPerform(iterations: jobs) { job in
                for position in stride(from: job, to: count, by: jobs) {
                    let element = self[startIndex + position]
                    (results + position).initialize(to: Result { try transform(element) })
                }
            }
            initialized = count
        }
    }
}
