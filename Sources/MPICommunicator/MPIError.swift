/// Processes that cannot begin together.
public struct MPIError: Error, CustomStringConvertible {
    /// One line: what was expected, what was found, what to do.
    public let description: String

    init(_ description: String) { self.description = description }
}
