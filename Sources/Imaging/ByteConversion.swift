import System
import Tensors

/// How the bytes of images become floats. Other code of the package makes no floats of them, except resizing, whose
/// arithmetic does.
public enum ByteConversion: Sendable, Equatable {
    /// The same numbers, 0 to 255.
    case plain
    /// Divided by 255: 0 to 1.
    case unit
    /// Divided by 127.5, then minus 1: -1 to 1.
    case symmetric
    /// Minus the mean, value by value; `[height, width, channels]`.
    case centered(mean: Tensor)
    /// Minus the mean, then divided by the divisor, value by value; both are `[height, width, channels]`.
    case standardized(mean: Tensor, divisor: Tensor)
    /// Channels in the opposite order, blue first. Then minus the mean of each, divided by the divisor.
    case reversed(means: [Float], divisor: Float)

    /// Converts the bytes of one image of this shape, `[height, width, channels]`.
    ///
    /// The program ends with one line if the conversion is one of images of another shape.
    func callAsFunction(_ bytes: UnsafePointer<UInt8>, to floats: UnsafeMutablePointer<Float>, shape: Shape) {
        func requireShape(_ statistics: Tensor...) {
            for other in statistics where other.shape != shape {
                stop("images of shape \(shape) cannot be normalized by statistics of shape \(other.shape)")
            }
        }
        let count = shape.count
        // The compiler vectorizes these loops over pointers, but not `map`.
        switch self {
        case .plain: for i in 0..<count { floats[i] = Float(bytes[i]) }
        case .unit: for i in 0..<count { floats[i] = Float(bytes[i]) / 255 }
        case .symmetric: for i in 0..<count { floats[i] = Float(bytes[i]) / 127.5 - 1 }
        case .centered(let mean):
            requireShape(mean)
            mean.scalars.withUnsafeBufferPointer { mean in
                for i in 0..<count { floats[i] = Float(bytes[i]) - mean[i] }
            }
        case .standardized(let mean, let divisor):
            requireShape(mean, divisor)
            mean.scalars.withUnsafeBufferPointer { mean in
                divisor.scalars.withUnsafeBufferPointer { divisor in
                    for i in 0..<count { floats[i] = (Float(bytes[i]) - mean[i]) / divisor[i] }
                }
            }
        case .reversed(let means, let divisor):
            let channels = means.count
            guard shape.rank == 3, shape[2] == channels else {
                stop("images of shape \(shape) cannot be normalized by the means of \(counted(channels, "channel"))")
            }
            for pixel in stride(from: 0, to: count, by: channels) {
                for c in 0..<channels {
                    floats[pixel + c] = (Float(bytes[pixel + channels - 1 - c]) - means[c]) / divisor
                }
            }
        }
    }

    /// The floats of the bytes of an image.
    ///
    /// The program ends with one line if the bytes do not fill `shape`, or the conversion is one of images of another
    /// shape.
    ///
    /// - Parameter shape: `[height, width, channels]`.
    public func tensor(_ bytes: ArraySlice<UInt8>, shape: Shape) -> Tensor {
        guard bytes.count == shape.count else { stop("\(bytes.count) bytes do not fill an image of shape \(shape)") }
        let scalars = [Float](unsafeUninitializedCapacity: bytes.count) { floats, count in
            bytes.withUnsafeBufferPointer { bytes in
                guard let bytes = bytes.baseAddress, let floats = floats.baseAddress else { return }
                self(bytes, to: floats, shape: shape)
            }
            count = bytes.count
        }
        return Tensor(shape: shape, scalars: scalars)
    }

    /// The conversion of mirrored images to the mirror images of the floats.
    func mirrored() -> ByteConversion {
        switch self {
        case .plain, .unit, .symmetric, .reversed: self
        case .centered(let mean): .centered(mean: mean.mirrored())
        case .standardized(let mean, let divisor): .standardized(mean: mean.mirrored(), divisor: divisor.mirrored())
        }
    }
}

extension Tensor {
    /// Creates a `[height, width, 3]` tensor with values 0 to 255.
    public init(_ image: Image) { self = ByteConversion.plain.tensor(image.pixels[...], shape: image.shape) }
}

extension [UInt8] {
    /// Pixels from floats: rounded (half to even) and cut to 0 to 255. What is not a number becomes 0.
    public init(rounding scalars: ArraySlice<Float>) {
        // max drops what is not a number.
        self = scalars.map { UInt8(nearest: Swift.max(0, $0)) }
    }
}

extension Image {
    /// Creates an image from a `[height, width, 3]` tensor, rounded (half to even) and clamped to 0 to 255. NaN becomes
    /// 0.
    ///
    /// - Precondition: the tensor has this shape. Otherwise the program ends with a message.
    public init(_ tensor: Tensor) {
        guard tensor.shape.rank == 3, tensor.shape[2] == 3 else {
            stop("an image is (height, width, 3), not \(tensor.shape)")
        }
        self.init(
            height: tensor.shape[0], width: tensor.shape[1], pixels: [UInt8](rounding: tensor.scalars[...]))
    }
}
