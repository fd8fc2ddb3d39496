/// Why a chart could not be written.
public enum PlottingError: Error, Equatable, CustomStringConvertible {
    /// The chart's width, height or pixel scale is not something that can be drawn.
    case invalidSize(path: String, reason: String)
    /// Cairo gave up.
    case drawingFailed(path: String, reason: String)
    /// The file system refused; nothing was left behind. The reason names the file.
    case writingFailed(path: String, reason: String)

    public var description: String {
        switch self {
        case .invalidSize(let path, let reason): "cannot draw \(path): \(reason)"
        case .drawingFailed(let path, let reason): "cannot draw \(path): \(reason)"
        case .writingFailed(_, let reason): reason
        }
    }
}
