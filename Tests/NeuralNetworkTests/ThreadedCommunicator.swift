import Foundation
@testable import NeuralNetwork

/// Processes that are threads of the test: what they exchange goes through memory.
final class ThreadedCommunicator: Communicator {
    let rank: Int
    var size: Int { meeting.size }
    var hosts: [String] { (0..<size).map { "host\($0)" } }
    var threads: [Int] { hosts.map { _ in 1 } }
    let library = "threads"
    private(set) var traffic = Traffic()
    private let meeting: Meeting

    private init(_ rank: Int, _ meeting: Meeting) { (self.rank, self.meeting) = (rank, meeting) }

    /// Where every thread brings something and takes what all have brought.
    private final class Meeting: @unchecked Sendable {  // `condition` protects all state.
        let size: Int
        private let condition = NSCondition()
        private var brought: [Int: Any] = [:], taken: [Any] = [], round = 0

        init(_ size: Int) { self.size = size }

        func exchange<Value>(_ value: Value, by rank: Int) -> [Value] {
            condition.lock()
            defer { condition.unlock() }
            let own = round
            brought[rank] = value
            if brought.count == size {
                taken = (0..<size).compactMap { brought[$0] }
                (brought, round) = ([:], round + 1)
                condition.broadcast()
            }
            let end = Date() + 60
            while round == own {
                precondition(condition.wait(until: end), "a process waits for others that do not come")
            }
            return taken.compactMap { $0 as? Value }
        }
    }

    /// What each of so many processes makes of `body`, in the order of their ranks.
    static func run<Value: Sendable>(
        _ size: Int, _ body: @escaping @Sendable (ThreadedCommunicator) throws -> Value
    ) -> [Result<Value, any Error>] {
        let meeting = Meeting(size), group = DispatchGroup()
        let results = Results<Value>(size)
        for rank in 0..<size {
            group.enter()
            let thread = Thread {
                results.set(Result { try body(ThreadedCommunicator(rank, meeting)) }, at: rank)
                group.leave()
            }
            thread.stackSize = 8 << 20
            thread.start()
        }
        group.wait()
        return results.all
    }

    private final class Results<Value>: @unchecked Sendable {  // `lock` protects all state.
        private let lock = NSLock()
        private var results: [Result<Value, any Error>?]

        init(_ size: Int) { results = Array(repeating: nil, count: size) }
        func set(_ result: Result<Value, any Error>, at rank: Int) { lock.withLock { results[rank] = result } }
        var all: [Result<Value, any Error>] { lock.withLock { results.compactMap(\.self) } }
    }

    func resetTraffic() { traffic = Traffic() }
    func sum(_ numbers: inout [Double]) {
        let all = meeting.exchange(numbers, by: rank)
        for i in numbers.indices { numbers[i] = all.reduce(0) { $0 + $1[i] } }
    }
    func beginSum(_ numbers: UnsafeMutableBufferPointer<Float>, as format: GradientFormat) {
        traffic.bytes += (format == .float32 ? 4 : 2) * numbers.count
        let all = meeting.exchange(Array(numbers), by: rank)
        for i in numbers.indices { numbers[i] = all.reduce(0) { $0 + $1[i] } }
    }
    func advanceSums() {}
    func finishSums() {}
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
        let all = meeting.exchange(Array(bytes), by: rank)
        bytes.copyBytes(from: all[0])
    }
    func gather(_ text: String) -> [String] { meeting.exchange(text, by: rank) }
}
