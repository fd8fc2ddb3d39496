import System

/// Why a run cannot begin or resume, and what the user may do. The command line adds the flags.
public struct RunError: Error, CustomStringConvertible, Equatable {
    /// What is wrong, in one line.
    public let facts: String
    public let waysOn: [WayOn]

    /// What a user may do about it.
    public enum WayOn: Sendable, Equatable {
        /// Resume the run that exists; the text says which, if it is not obvious.
        case resume(String = "resume it")
        /// Resume with the settings that the run began with.
        case sameSettings
        /// Continue from this checkpoint after so many epochs, with other settings. It is the run's last one, or another.
        case continueFrom(String, epochs: Int, isLast: Bool)
        /// Begin anew, and replace the files that exist.
        case beginAnew
        /// Write to another place.
        case otherPlace
        /// Replace the file that exists.
        case replace

        var words: String {
            switch self {
            case .resume(let words): words
            case .sameSettings: "resume with the same settings"
            case .continueFrom(let path, let epochs, _):
                "continue from \(path) after \(counted(epochs, "epoch")) with these settings"
            case .beginAnew: "begin anew"
            case .otherPlace: "write to another place"
            case .replace: "replace it"
            }
        }
    }

    init(_ facts: String, _ waysOn: [WayOn]) { (self.facts, self.waysOn) = (facts, waysOn) }

    init(_ facts: String, _ waysOn: WayOn...) { self.init(facts, waysOn) }

    public var description: String {
        waysOn.isEmpty ? facts : "\(facts); \(waysOn.map(\.words).joined(separator: ", or "))"
    }
}

/// A signal ended training before its last epoch. Everything is saved.
public struct TrainingInterrupted: Error {
    /// The file of the model as it is now.
    public let model: String
    /// What to type to resume.
    public let command: String
}
