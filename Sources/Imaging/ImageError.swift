/// The reason why bytes are not an image, or an image cannot be written.
public indirect enum ImageError: Error, Equatable, CustomStringConvertible {
    /// There are no bytes.
    case empty
    /// The bytes are neither JPEG nor PNG. The associated value holds the first bytes, at most eight.
    case notAnImage([UInt8])
    /// The data end early.
    case truncated
    /// The data are damaged; the associated value is the decoder's message.
    case damaged(String)
    /// The header declares more pixels than are read.
    case tooLarge(width: Int, height: Int)
    /// The image or the request does not fit the file format; the associated value is the reason.
    case cannotEncode(String)
    /// An error in the file at this path.
    case inFile(String, ImageError)

    /// One line, which names the file if there is one.
    public var description: String {
        switch self {
        case .empty: "the file is empty"
        case .notAnImage(let bytes):
            "it is neither a JPEG nor a PNG image; it begins with the bytes "
                + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        case .truncated: "the image is truncated: its data end early; copy or download it again"
        case .damaged(let reason): "the image is damaged (\(reason)); copy or download it again"
        case .tooLarge(let width, let height):
            "the image's header declares \(width)x\(height) pixels; at most \(Image.largestSide) a side and "
                + "\(Image.largestArea) in all are read"
        case .cannotEncode(let reason): "the image cannot be encoded (\(reason))"
        case .inFile(let path, let error): "\(path): \(error)"
        }
    }
}
