import Foundation

/// The folder for what can be made or fetched again: `pyimagesearch` in `XDG_CACHE_HOME`, or in `~/.cache`.
public enum UserCache {
    /// - Parameter environment: the variables of the process.
    public static func folder(_ environment: [String: String] = ProcessInfo.processInfo.environment) -> String {
        let base = environment["XDG_CACHE_HOME"].flatMap { $0.isEmpty ? nil : $0 }
        let home = environment["HOME"].flatMap { $0.isEmpty ? nil : $0 } ?? Path.expandingTilde("~")
        return (base ?? "\(home)/.cache") + "/pyimagesearch"
    }
}
