/// The processes that train one model together. Every process runs the same program; process 0 writes files and reports.
///
/// All processes call the same functions in the same order, each with as many numbers. A function returns when this
/// process has the result. What cannot be repaired, a lost process or a connection that broke, ends all processes.
public protocol Communicator: AnyObject {
    /// This process's number, from 0.
    var rank: Int { get }
    /// The number of processes.
    var size: Int { get }
    /// The machine of each process, in the order of their ranks.
    var hosts: [String] { get }
    /// Processor threads that each process computes with, in the order of their ranks.
    var threads: [Int] { get }
    /// The name and version of the library that carries the numbers.
    var library: String { get }
    /// What has been sent since the beginning, or since ``resetTraffic()``, and how long it was waited for.
    var traffic: Traffic { get }
    /// Begins to count anew.
    func resetTraffic()

    /// Replaces numbers by their sums over all processes. All processes get the same bits.
    func sum(_ numbers: inout [Double])
    /// Begins to replace numbers by their sums over all processes. Until ``finishSums()`` nobody else touches them.
    ///
    /// - Parameters:
    ///   - numbers: of this process.
    ///   - format: of the numbers on their way.
    func beginSum(_ numbers: UnsafeMutableBufferPointer<Float>, as format: GradientFormat)
    /// Moves the sums that have begun on, and returns at once.
    func advanceSums()
    /// Waits for all sums that have begun.
    func finishSums()
    /// Replaces bytes by those of process 0.
    func broadcast(_ bytes: UnsafeMutableRawBufferPointer)
    /// A text of every process, in the order of their ranks.
    func gather(_ text: String) -> [String]
}

extension Communicator {
    /// Whether this is the process that writes files and reports.
    public var isFirst: Bool { rank == 0 }

    /// A process in words: `process 2 on node7`.
    public func name(ofProcess rank: Int) -> String {
        "process \(rank)" + (hosts.indices.contains(rank) ? " on \(hosts[rank])" : "")
    }

    /// Whether a condition holds in any process.
    public func any(_ condition: Bool) -> Bool {
        var count = [condition ? 1.0 : 0]
        sum(&count)
        return count[0] > 0
    }

    /// Replaces numbers by their sums over all processes.
    func sum(_ numbers: inout [Float]) {
        numbers.withUnsafeMutableBufferPointer {
            beginSum($0, as: .float32)
            finishSums()
        }
    }

    /// The bytes of process 0.
    public func broadcast(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes, count = [isFirst ? Double(bytes.count) : 0]
        sum(&count)
        if !isFirst { bytes = [UInt8](repeating: 0, count: Int(count[0])) }
        bytes.withUnsafeMutableBytes(broadcast)
        return bytes
    }
}

/// The numbers in which gradients travel between processes.
public enum GradientFormat: String, Sendable, CaseIterable {
    /// As they are.
    case float32
    /// Half of the bytes. Sums are rounded to eight significant bits, which adds noise to the gradients.
    case bfloat16
}

/// What a process has exchanged with others.
public struct Traffic: Sendable, Equatable {
    /// Bytes of numbers that this process gave into sums, on their way.
    public var bytes = 0
    /// Seconds in which this process did nothing but wait for others.
    public var secondsWaited = 0.0

    /// Nothing.
    public init() {}
}
