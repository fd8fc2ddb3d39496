import CProcesses
import Foundation
import NeuralNetwork
import System

/// The processes that `mpirun` has started, connected by MPI.
///
/// One thread calls it. While numbers travel it computes; MPI moves them on whenever it is called. A process that waits
/// too long asks the others whether they are alive, and ends all with one line that names those that do not answer.
public final class MPICommunicator: Communicator {
    /// This process's number, from 0.
    public let rank: Int
    /// The number of processes.
    public let size: Int
    /// The machine of each process.
    public private(set) var hosts: [String] = []
    /// `Open MPI 4.1.4`.
    public let library: String
    /// Processor threads that each process computes with, in the order of their ranks.
    public private(set) var threads: [Int] = []
    /// What has been sent since the beginning, or since ``resetTraffic()``, and how long it was waited for.
    public private(set) var traffic = Traffic()
    /// Seconds that a process waits for the others before it takes them for lost.
    public var patience = 120.0

    private var sums: [RunningSum] = []

    /// A sum on its way.
    private struct RunningSum {
        let work: OpaquePointer
        let numbers: UnsafeMutableBufferPointer<Float>
        /// The numbers as they travel, if they are others.
        let rounded: UnsafeMutableBufferPointer<UInt16>?
    }

    // One thread begins MPI, and calls it from then on.
    nonisolated(unsafe) private static var begun: MPICommunicator?

    /// The communicator, if this process has begun one.
    public static var current: MPICommunicator? { begun }

    /// The processes that a launcher has started; `nil` if it has started none, and then nothing of MPI has run.
    ///
    /// Binds this process to processors of its own, before any threads compute.
    ///
    /// - Parameter threads: processor threads that each process computes with; by default a machine's processors are
    ///   divided evenly.
    /// - Throws: ``MPIError`` if the launcher is of another MPI than the library.
    public static func started(threads: Int? = nil) throws -> MPICommunicator? {
        if let begun { return begun }
        guard MPILaunch.rank != nil else { return nil }
        if let message = processes_begin() { throw MPIError("MPI cannot begin: \(String(cString: message))") }
        let communicator = MPICommunicator()
        begun = communicator
        let (size, rank) = (MPILaunch.size ?? communicator.size, MPILaunch.rank ?? 0)
        guard size == communicator.size, rank == communicator.rank else {
            throw MPIError(
                "the launcher has started \(counted(size, "process")) of which this is number \(rank), but to "
                    + "\(communicator.library) it is number \(communicator.rank) of \(communicator.size): start the "
                    + "program with the mpirun of the MPI that it was built with")
        }
        let binding = ProcessorBinding.current(threads: threads)
        binding.apply()
        communicator.hosts = communicator.gather(Self.host)
        communicator.threads = communicator.gather("\(binding.threads)").compactMap { Int($0) }
        return communicator
    }

    private init() {
        rank = Int(processes_rank())
        size = Int(processes_size())
        var text = [CChar](repeating: 0, count: 512)
        processes_library(&text, text.count)
        let version = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // "Open MPI v4.1.4, package: ..."
        library = String(version.prefix { $0 != "," && !$0.isNewline }).replacing(" v", with: " ")
    }

    private static var host: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    // MARK: - Communicator

    /// Begins to count anew.
    public func resetTraffic() { traffic = Traffic() }

    /// Replaces numbers by their sums over all processes. All processes get the same bits.
    public func sum(_ numbers: inout [Double]) {
        traffic.bytes += 8 * numbers.count
        numbers.withUnsafeMutableBufferPointer { numbers in
            for piece in Self.pieces(of: numbers.count) {
                let first = numbers.baseAddress.map { $0 + piece.lowerBound }
                wait(for: begin { processes_begin_sum(first, Int32(piece.count), PROCESSES_DOUBLE, $0) })
            }
        }
    }

    /// MPI counts in 32 bits.
    private static func pieces(of count: Int) -> [Range<Int>] {
        let most = 1 << 28
        return stride(from: 0, to: count, by: most).map { $0..<min($0 + most, count) }
    }

    /// Begins to replace numbers by their sums over all processes.
    public func beginSum(_ numbers: UnsafeMutableBufferPointer<Float>, as format: GradientFormat) {
        for piece in Self.pieces(of: numbers.count) {
            beginPiece(UnsafeMutableBufferPointer(rebasing: numbers[piece]), as: format)
        }
    }

    private func beginPiece(_ numbers: UnsafeMutableBufferPointer<Float>, as format: GradientFormat) {
        let first = numbers.baseAddress, count = Int32(numbers.count)
        switch format {
        case .float32:
            traffic.bytes += 4 * numbers.count
            let work = begin { processes_begin_sum(first, count, PROCESSES_FLOAT, $0) }
            sums.append(RunningSum(work: work, numbers: numbers, rounded: nil))
        case .bfloat16:
            traffic.bytes += 2 * numbers.count
            let rounded = UnsafeMutableBufferPointer<UInt16>.allocate(capacity: numbers.count)
            processes_to_bfloat16(first, rounded.baseAddress, count)
            let work = begin { processes_begin_sum(rounded.baseAddress, count, PROCESSES_BFLOAT16, $0) }
            sums.append(RunningSum(work: work, numbers: numbers, rounded: rounded))
        }
    }

    /// Moves the sums that have begun on, and returns at once.
    public func advanceSums() {
        sums.removeAll { sum in
            guard isOver(sum.work) else { return false }
            if let rounded = sum.rounded {
                processes_from_bfloat16(rounded.baseAddress, sum.numbers.baseAddress, Int32(rounded.count))
                rounded.deallocate()
            }
            return true
        }
    }

    /// Waits for all sums that have begun.
    public func finishSums() {
        wait {
            advanceSums()
            return sums.isEmpty
        }
    }

    /// Replaces bytes by those of process 0.
    public func broadcast(_ bytes: UnsafeMutableRawBufferPointer) {
        for piece in Self.pieces(of: bytes.count) {
            let piece = UnsafeMutableRawBufferPointer(rebasing: bytes[piece])
            wait(for: begin { processes_begin_broadcast(piece.baseAddress, Int32(piece.count), 0, $0) })
        }
    }

    /// A text of every process, in the order of their ranks.
    public func gather(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        var lengths = [Double](repeating: 0, count: size)
        lengths[rank] = Double(bytes.count)
        sum(&lengths)
        let longest = Int(lengths.max() ?? 0)
        guard longest > 0 else { return lengths.map { _ in "" } }
        let own = bytes + [UInt8](repeating: 0, count: longest - bytes.count)
        var all = [UInt8](repeating: 0, count: size * longest)
        own.withUnsafeBytes { own in
            all.withUnsafeMutableBytes { all in
                wait(for: begin { processes_begin_gather(own.baseAddress, all.baseAddress, Int32(longest), $0) })
            }
        }
        return lengths.indices.map { process in
            String(decoding: all[process * longest..<process * longest + Int(lengths[process])], as: UTF8.self)
        }
    }

    // MARK: - Waiting

    private func begin(
        _ call: (_ work: UnsafeMutablePointer<OpaquePointer?>) -> UnsafePointer<CChar>?
    ) -> OpaquePointer {
        var work: OpaquePointer?
        check(call(&work))
        guard let work else { fail("MPI has begun nothing") }
        return work
    }

    private func isOver(_ work: OpaquePointer) -> Bool {
        var isOver = false
        check(processes_advance(work, &isOver))
        return isOver
    }

    private func wait(for work: OpaquePointer) { wait { isOver(work) } }

    private func wait(until isOver: () -> Bool) {
        if isOver() { return }
        let clock = ContinuousClock(), start = clock.now
        var rollCall = RollCall(size: size, rank: rank)
        while true {
            // Where others need the processor, a turn is the system's time slice; else it is a microsecond.
            for _ in 0..<64 {
                if isOver() {
                    traffic.secondsWaited += (clock.now - start) / .seconds(1)
                    return
                }
                sched_yield()
            }
            let waited = (clock.now - start) / .seconds(1)
            // Nobody is in a hurry any more.
            if waited > 0.02 { usleep(100) }
            if waited > 0.5 { answer(&rollCall, waited: waited) }
        }
    }

    /// Who waits as this process does. Times are seconds of its waiting.
    private struct RollCall {
        /// When this process has begun to ask, after too long a time.
        var begin: Double?
        var lastCall = -Double.infinity
        /// Whose calls have arrived since then.
        var alive: [Bool]

        init(size: Int, rank: Int) { alive = (0..<size).map { $0 == rank } }
    }

    /// Answers the calls of others: a call is answered by a call. Begins to call if this process has waited too long, and
    /// ends all if somebody does not answer.
    private func answer(_ rollCall: inout RollCall, waited: Double) {
        var isAsked = false
        if rollCall.begin == nil, waited > patience {
            // Old calls say nothing about now.
            var old = rollCall.alive
            check(processes_hear(&old, &isAsked))
            rollCall.begin = waited
        }
        check(processes_hear(&rollCall.alive, &isAsked))
        if isAsked || rollCall.begin != nil, waited - rollCall.lastCall > 1 {
            rollCall.lastCall = waited
            check(processes_call())
        }
        guard let begin = rollCall.begin, waited - begin > Self.answerTime else { return }
        // One of those that are left speaks. The others end too, should it not reach them.
        guard rollCall.alive.firstIndex(of: true) == rank || waited - begin > 2 * Self.answerTime else { return }
        let lost = (0..<size).filter { !rollCall.alive[$0] }.map(name(ofProcess:))
        fail(
            lost.isEmpty
                ? "no message has arrived for \(Int(waited)) seconds, though all processes are alive"
                : "\(lost.joined(separator: ", ")) \(lost.count == 1 ? "does" : "do") not answer: all others have waited "
                    + "for \(Int(waited)) seconds")
    }

    /// Seconds.
    private static let answerTime = 5.0

    private func check(_ message: UnsafePointer<CChar>?) {
        if let message { fail("MPI: \(String(cString: message))") }
    }

    // MARK: - The end

    /// Ends all processes with one line that names this one.
    public func fail(_ message: String) -> Never {
        reportError("\(name(ofProcess: rank)): \(message)")
        abort(status: 1)
    }

    /// Ends all processes.
    public func abort(status: Int32) -> Never {
        // The launcher may not be reachable.
        alarm(10)
        processes_abort(status)
        _exit(status)
    }

    /// Ends MPI, when all processes have come to their end. A program that does not call it does so when it exits.
    public func end() { processes_end() }
}
