/// The error of a backend that cannot compute a graph, or of a library that failed.
public struct BackendError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
