/// A setting of training that describes itself: a class name and a config, Keras's if Keras has the class.
///
/// Descriptions are stored in model files and run records, and compared when training resumes. They name every value
/// that the weights depend on, and nothing else.
public protocol Described: Sendable {
    /// `{"class_name": ..., "config": {...}}`.
    var described: JSON { get }
}
