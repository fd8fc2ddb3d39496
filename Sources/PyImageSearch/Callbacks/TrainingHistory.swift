import Files
import Foundation

/// The numbers of a training run by name, a value for every epoch; `nil` where an epoch lacks it.
public typealias TrainingHistory = [String: [Double?]]

/// Bytes: some hundred thousand epochs.
private let largestHistory = 1 << 26

extension TrainingHistory {
    /// Reads a history, Keras's or ours: a JSON object of lists of numbers.
    ///
    /// Python writes `NaN` and `Infinity`, which JSON does not have; here they are values that are lacking. Keras 3 says
    /// `accuracy` and `learning_rate` where Keras 2, and we, say `acc` and `lr`.
    ///
    /// - Throws: `FileError` where there is none at `path`, or it is something else.
    public init(contentsOf path: String) throws {
        let json = withoutPythonsWords(try FileBytes.read(path, limit: largestHistory))
        let read: TrainingHistory
        do { read = try JSONDecoder().decode(TrainingHistory.self, from: Data(json)) } catch {
            throw FileError("\(path) is not a training history; move it away to begin a new one")
        }
        self = [:]
        // In the order of their names, so that the result does not depend on a dictionary's; our own names go first.
        for (name, values) in read.sorted(by: { $0.key < $1.key }) {
            let ours = name == "learning_rate" ? "lr" : name.replacing("accuracy", with: "acc")
            guard ours == name || read[ours] == nil else { continue }
            self[ours] = values.map { $0.flatMap { $0.isFinite ? $0 : nil } }
        }
    }
}

/// JSON with `null` in place of the words that Python writes for numbers that are not finite. (JSON5 has these words too,
/// but Foundation's reader of it does not survive text that is not UTF-8.)
private func withoutPythonsWords(_ json: [UInt8]) -> [UInt8] {
    let words = ["-Infinity", "Infinity", "NaN"].map { Array($0.utf8) }
    var (kept, rest, isInString) = ([UInt8](), json[...], false)
    while let byte = rest.first {
        if !isInString, let word = words.first(where: { rest.starts(with: $0) }) {
            kept += Array("null".utf8)
            rest = rest.dropFirst(word.count)
            continue
        }
        // What a backslash stands before neither begins nor ends a string.
        let length = isInString && byte == UInt8(ascii: "\\") ? 2 : 1
        if byte == UInt8(ascii: "\"") { isInString.toggle() }
        kept += rest.prefix(length)
        rest = rest.dropFirst(length)
    }
    return kept
}
