/// Why a picture could not be drawn or written.
public enum PlottingError: Error, Equatable, CustomStringConvertible {
    /// The chart's width, height or pixel scale is not something that can be drawn.
    case invalidSize(path: String, reason: String)
    /// There is no place to be found for what the picture shows.
    case layoutFailed(reason: String)
    /// Cairo gave up.
    case drawingFailed(path: String, reason: String)
    /// The file system refused; nothing was left behind. The reason names the file.
    case writingFailed(path: String, reason: String)

    public var description: String {
        switch self {
        case .invalidSize(let path, let reason): "cannot draw \(path): \(reason)"
        case .layoutFailed(let reason): "cannot lay out a picture: \(reason)"
        case .drawingFailed(let path, let reason): "cannot draw \(path): \(reason)"
        case .writingFailed(_, let reason): reason
        }
    }
}
