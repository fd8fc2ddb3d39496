import CHDF5

/// The element types of new datasets, little-endian in the file. Reading accepts every integer type of 8 to 64 bits and
/// every IEEE 754 floating-point type of 16 to 64.
public enum ElementType: Sendable {
    case uint8, int32, int64, float32, float64

    /// The size of one element in bytes.
    public var size: Int {
        switch self {
        case .uint8: 1
        case .int32, .float32: 4
        case .int64, .float64: 8
        }
    }

    /// The type in memory. A predefined identifier, which the caller must not close.
    var memoryType: hid_t {
        switch self {
        case .uint8: CHDF5_native_uint8()
        case .int32: CHDF5_native_int32()
        case .int64: CHDF5_native_int64()
        case .float32: CHDF5_native_float()
        case .float64: CHDF5_native_double()
        }
    }

    /// The type in the file. A predefined identifier, which the caller must not close.
    var fileType: hid_t {
        switch self {
        case .uint8: CHDF5_uint8_le()
        case .int32: CHDF5_int32_le()
        case .int64: CHDF5_int64_le()
        case .float32: CHDF5_float32_le()
        case .float64: CHDF5_float64_le()
        }
    }
}

/// A Swift number that libhdf5 converts to and from the type in a file. Conversion to an integer type truncates
/// fractions and clamps values to the type's range.
public protocol HDF5Scalar: BitwiseCopyable {
    /// The layout of the type in memory. Its size must be the type's stride: ``HDF5Dataset`` checks it.
    static var elementType: ElementType { get }
}

extension Float: HDF5Scalar {
    /// ``ElementType/float32``.
    public static var elementType: ElementType { .float32 }
}

extension Double: HDF5Scalar {
    /// ``ElementType/float64``.
    public static var elementType: ElementType { .float64 }
}

extension UInt8: HDF5Scalar {
    /// ``ElementType/uint8``.
    public static var elementType: ElementType { .uint8 }
}

extension Int32: HDF5Scalar {
    /// ``ElementType/int32``.
    public static var elementType: ElementType { .int32 }
}

extension Int64: HDF5Scalar {
    /// ``ElementType/int64``.
    public static var elementType: ElementType { .int64 }
}

extension Int: HDF5Scalar {
    /// ``ElementType/int64``: an `Int` has 64 bits on every platform that this package runs on.
    public static var elementType: ElementType { .int64 }
}
