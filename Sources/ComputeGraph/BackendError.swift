/// A backend that cannot do what a graph asks, or a library that failed.
public struct BackendError: Error, CustomStringConvertible, Equatable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
