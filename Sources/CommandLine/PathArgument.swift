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

    /// As ``argument(_:)``, for a folder that has to exist.
    ///
    /// - Throws: `ValidationError` if the path is empty, or does not lead to a folder.
    public static func existingFolder(_ text: String) throws -> String {
        let path = try argument(text)
        guard FileSystem.isFolder(path) else {
            throw ValidationError(FileSystem.exists(path) ? "it is not a folder" : "there is no such folder")
        }
        return path
    }

    /// As ``argument(_:)``, for a file that has to exist.
    ///
    /// - Throws: `ValidationError` if the path is empty, or nothing is there.
    public static func existingFile(_ text: String) throws -> String {
        let path = try argument(text)
        guard FileSystem.exists(path) else { throw ValidationError("\(path): no such file") }
        return path
    }
}
