/// The reason why a picture could not be drawn or written.
public enum PlottingError: Error, Equatable, CustomStringConvertible {
    /// The picture's width, height or pixel scale cannot be drawn.
    case invalidSize(path: String, reason: String)
    /// The parts of the picture could not be measured or placed.
    case layoutFailed(reason: String)
    /// Cairo failed; the reason is its message.
    case drawingFailed(path: String, reason: String)
    /// The file could not be written, and nothing was left behind. The reason names the file.
    case writingFailed(path: String, reason: String)

    /// A single line that names the file if there is one.
    public var description: String {
        switch self {
        case .invalidSize(let path, let reason): "cannot draw \(path): \(reason)"
        case .layoutFailed(let reason): "cannot lay out a picture: \(reason)"
        case .drawingFailed(let path, let reason): "cannot draw \(path): \(reason)"
        case .writingFailed(_, let reason): reason
        }
    }
}
