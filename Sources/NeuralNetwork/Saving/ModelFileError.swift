/// A model file that cannot be read or written, or does not fit.
public struct ModelFileError: Error, CustomStringConvertible, Equatable {
    /// One line: which file, what was expected, what was found, what to do.
    public let description: String
    /// - Parameter description: one line: which file, what was expected, what was found, what to do.
    public init(_ description: String) { self.description = description }
}
