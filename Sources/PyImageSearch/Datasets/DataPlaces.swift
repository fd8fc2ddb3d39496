import Foundation
import System

/// The folders where data sets and weights are looked for, in this order: the one that `$PYIMAGESEARCH_DATA` names, `data/`,
/// and the user's cache folder.
enum DataPlaces {
    static let variable = "PYIMAGESEARCH_DATA"

    /// - Parameter environment: the variables of the process.
    static func all(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> [String] {
        [environment[variable].map(Path.expandingTilde), "data", UserCache.folder(environment)]
            .compactMap { $0 }.filter { !$0.isEmpty }
    }

    /// Where a person may put something, in a sentence.
    static func choices(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        "into data/, into \(UserCache.folder(environment)), or into a folder that $\(variable) names"
    }
}
