import ArgumentParser
import System

extension Path {
    /// The value of a flag that names a file or a folder. `~` is the home folder, also after `=`, where no shell
    /// expands it.
    ///
    /// - Throws: `ValidationError` if the path is empty.
    public static func argument(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("a path must not be empty") }
        return expandingTilde(text)
    }

    /// The value of a flag that names something that exists. What it is, its reader says.
    ///
    /// - Throws: `ValidationError` if the path is empty, or nothing is there.
    public static func existingFile(_ text: String) throws -> String {
        let path = try argument(text)
        guard FileSystem.exists(path) else { throw ValidationError("\(path): no such file") }
        return path
    }
}
