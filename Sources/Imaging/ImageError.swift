/// Why bytes are no image, or an image cannot be written.
public indirect enum ImageError: Error, Equatable, CustomStringConvertible {
    case empty
    /// Neither JPEG nor PNG; the first bytes, at most eight.
    case notAnImage([UInt8])
    case truncated
    /// The decoder's own words.
    case damaged(String)
    case tooLarge(width: Int, height: Int)
    case cannotEncode(String)
    case inFile(String, ImageError)

    public var description: String {
        switch self {
        case .empty: "the file is empty"
        case .notAnImage(let bytes):
            "it is neither a JPEG nor a PNG image; it begins with the bytes "
                + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
        case .truncated: "the image is truncated: its data end early; copy or download it again"
        case .damaged(let reason): "the image is damaged (\(reason)); copy or download it again"
        case .tooLarge(let width, let height):
            "the image says that it has \(width)x\(height) pixels; at most \(Image.largestSide) to a side and "
                + "\(Image.largestArea) in all are read"
        case .cannotEncode(let reason): "the image cannot be encoded (\(reason))"
        case .inFile(let path, let error): "\(path): \(error)"
        }
    }
}
