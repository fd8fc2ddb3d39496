import ArgumentParser
import System

extension Path {
    /// What a flag that names a file or a folder means: `~` is the home folder, also behind `=`, where no shell expands it.
    ///
    /// - Throws: `ValidationError` where it is empty.
    public static func argument(_ text: String) throws -> String {
        guard !text.isEmpty else { throw ValidationError("a path must not be empty") }
        return expandingTilde(text)
    }
}
