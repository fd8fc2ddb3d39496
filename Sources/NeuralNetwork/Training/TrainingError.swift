/// Training, evaluation or prediction that cannot be done as asked.
public struct TrainingError: Error, CustomStringConvertible, Equatable {
    /// One line: what was expected, what was found, what to do.
    public let description: String
    /// - Parameter description: one line: what was expected, what was found, what to do.
    public init(_ description: String) { self.description = description }
}
