import Foundation
import HDF5

/// The parent process: it runs the child, notices where it ends, and starts another one after that input.
struct Supervisor {
    let target: FuzzTarget
    let seed: UInt64
    /// Seconds for one input.
    let patience: Double
    /// Seconds for a new process to begin, which takes longer than any input on a busy machine.
    private let startPatience = 60.0
    /// Bytes, 0 for no limit.
    let memory: Int
    /// The folder for inputs that did harm.
    let folder: String

    struct Harm {
        enum Kind: String {
            case crash, hang, unclear
            /// libhdf5 crashed on the file, and the program ended with one line that says so. This is known, not ours
            /// to fix, and counted.
            case libhdf5
        }
        let number: Int
        let kind: Kind
        let description: String
    }

    struct Tally {
        var tried = 0
        var accepted = 0
        var refused = 0
        var harms: [Harm] = []

        func count(_ kind: Harm.Kind) -> Int { harms.count { $0.kind == kind } }

        var line: String {
            "\(tried) inputs, \(accepted) accepted, \(refused) refused, \(count(.unclear)) with an unclear error, "
                + "\(count(.crash)) crashes, \(count(.hang)) hangs"
                + (count(.libhdf5) == 0 ? "" : ", \(count(.libhdf5)) ended by libhdf5 with one line")
        }

        /// Whether anything has to be fixed.
        var isHarmed: Bool { harms.contains { $0.kind != .libhdf5 } }
    }

    func run(_ numbers: Range<Int>, progress: (Tally) -> Void, harm: (Harm) throws -> Void) throws -> Tally {
        var tally = Tally()
        var rest = numbers
        while !rest.isEmpty {
            let child = try Child(target: target.name, seed: seed, numbers: rest, memory: memory)
            var current = rest.lowerBound
            var hasBegun = false
            var isDone = false
            var failure: Harm?
            reading: while failure == nil {
                switch child.line(within: hasBegun ? patience : startPatience) {
                case .line(let line):
                    hasBegun = true
                    let words = line.split(separator: " ", maxSplits: 1)
                    let detail = words.count > 1 ? String(words[1]) : ""
                    switch words.first.map(String.init) {
                    case Worker.Line.begin: current = Int(detail) ?? current
                    case Worker.Line.accepted: tally.accepted += 1
                    case Worker.Line.refused: tally.refused += 1
                    case Worker.Line.unclear:
                        let unclear = Harm(number: current, kind: .unclear, description: detail)
                        tally.harms.append(unclear)
                        try harm(unclear)
                    case Worker.Line.done: isDone = true
                    default: break
                    }
                    tally.tried = current - numbers.lowerBound + 1
                    progress(tally)
                case .silence:
                    child.kill()
                    failure = Harm(
                        number: current, kind: .hang, description: "nothing for \(Int(patience)) seconds")
                case .end:
                    let end = child.end()
                    if isDone { break reading }
                    failure = Harm(number: current, kind: end.isLibHDF5 ? .libhdf5 : .crash, description: end.text)
                }
            }
            guard let failure else { break }
            tally.tried = failure.number - numbers.lowerBound + 1
            tally.harms.append(failure)
            try harm(failure)
            rest = failure.number + 1..<max(numbers.upperBound, failure.number + 1)
        }
        return tally
    }

    /// Keeps an input in a file.
    ///
    /// - Returns: the file's path.
    func keep(_ number: Int) throws -> String {
        let input = try target.input(number, seed: seed, from: target.starts())
        let path = "\(folder)/\(target.name)-\(seed)-\(number)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data(input).write(to: URL(fileURLWithPath: path))
        return path
    }
}
