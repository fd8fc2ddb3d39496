import Dispatch

/// Divides loops between threads.
struct Workers: Sendable {
    let threads: Int

    /// The largest number of slices. It does not depend on the number of threads, and sums over slices are added in
    /// order, so the results have the same bits for any number of threads.
    private static let slices = 16

    /// The number of slices of `count` iterations, each with at least about `grain` iterations.
    func sliceCount(of count: Int, grain: Int = 1) -> Int {
        min(Self.slices, (count + grain - 1) / grain)
    }

    /// Calls `body` with every slice and the iterations in it, on several threads.
    func forEachSlice(of count: Int, grain: Int = 1, _ body: (_ slice: Int, _ range: Range<Int>) -> Void) {
        let slices = sliceCount(of: count, grain: grain)
        let threads = min(threads, slices)
        withoutActuallyEscaping(body) { body in
            // The compiler cannot check that slices write to different memory. The author of `body` ensures it.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: threads) { thread in
                for slice in stride(from: thread, to: slices, by: threads) {
                    body(slice, count * slice / slices..<count * (slice + 1) / slices)
                }
            }
        }
    }

    /// The same for loops with few instructions per element, for which small slices are not worth a thread.
    func forEachSlice(ofElements count: Int, _ body: (_ range: Range<Int>) -> Void) {
        forEachSlice(of: count, grain: 4096) { _, range in body(range) }
    }
}
