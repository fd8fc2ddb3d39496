import CProcesses
import Foundation

/// The processors of one process on a machine that several share.
///
/// Launchers bind a process to one core, to a socket or not at all, and do not know how many threads it computes with.
/// Here each process gets as many processors as it has threads, and no other has the same.
struct ProcessorBinding: Equatable {
    /// Threads that compute.
    let threads: Int
    /// The processors to bind to; `nil` if the launcher's choice is good. If there are too few for all, all share them.
    let processors: [Int]?

    /// - Parameters:
    ///   - threads: as the user wants; an equal share of the processors by default.
    ///   - own: the processors that the launcher has given this process.
    ///   - available: those that the launcher may use.
    ///   - place: the process's number on this machine, from 0.
    ///   - count: the number of processes on this machine.
    init(threads: Int?, own: [Int], available: [Int], place: Int, of count: Int) {
        // The launcher may have bound this process to fewer.
        let all = available.isEmpty ? own : available
        let threads = threads ?? max(1, all.count / max(count, 1))
        self.threads = threads
        let isEnough = threads * count <= all.count
        if isEnough {
            processors = own.count == threads ? nil : Array(all[place * threads..<(place + 1) * threads])
        } else {
            processors = own.count >= threads || all.isEmpty ? nil : all
        }
    }

    /// The binding of this process, among those of its machine.
    static func current(threads: Int?) -> ProcessorBinding {
        var place: Int32 = 0, count: Int32 = 1
        processes_on_machine(&place, &count)
        return ProcessorBinding(
            threads: threads, own: processors(of: 0), available: processors(of: getppid()), place: Int(place),
            of: Int(count))
    }

    private static func processors(of process: Int32) -> [Int] {
        var numbers = [Int32](repeating: 0, count: 1024)
        let count = processors_of(process, &numbers, Int32(numbers.count))
        return count < 0 ? [] : numbers.prefix(Int(count)).map(Int.init)
    }

    /// Binds this thread and those that it makes from now on.
    func apply() {
        guard let processors else { return }
        _ = processors_bind(processors.map(Int32.init), Int32(processors.count))
    }
}
