import Dispatch

/// Divides loops among threads.
struct Workers: Sendable {
    let threads: Int

    /// Work is cut into so many slices however many threads there are. A sum over slices adds them up in their order,
    /// so no bit of a result depends on the number of threads.
    private static let slices = 16

    /// How many slices `count` iterations are cut into, if each is to have about `grain` of them at least.
    func sliceCount(of count: Int, grain: Int = 1) -> Int {
        min(Self.slices, (count + grain - 1) / grain)
    }

    /// Calls `body` with every slice and the iterations in it, on several threads.
    func forEachSlice(of count: Int, grain: Int = 1, _ body: (_ slice: Int, _ range: Range<Int>) -> Void) {
        let slices = sliceCount(of: count, grain: grain)
        let threads = min(threads, slices)
        withoutActuallyEscaping(body) { body in
            // The compiler cannot see that slices write to different memory: that is up to whoever writes `body`.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                for slice in stride(from: thread, to: slices, by: threads) {
                    body(slice, count * slice / slices..<count * (slice + 1) / slices)
                }
            }
        }
    }

    /// For loops with a few instructions per element: smaller slices are not worth a thread.
    func forEachSlice(ofElements count: Int, _ body: (_ range: Range<Int>) -> Void) {
        forEachSlice(of: count, grain: 4096) { _, range in body(range) }
    }
}
