import CHDF5

/// The element types in which datasets are created (little-endian in the file). Reading accepts every integer and
/// floating-point type.
public enum ElementType: Sendable {
    case uint8, int32, int64, float32, float64

    /// Bytes of one element.
    public var size: Int {
        switch self {
        case .uint8: 1
        case .int32, .float32: 4
        case .int64, .float64: 8
        }
    }

    /// The type in memory; a predefined identifier, not to be closed.
    var memoryType: hid_t {
        switch self {
        case .uint8: CHDF5_native_uint8()
        case .int32: CHDF5_native_int32()
        case .int64: CHDF5_native_int64()
        case .float32: CHDF5_native_float()
        case .float64: CHDF5_native_double()
        }
    }

    /// The type in the file; a predefined identifier, not to be closed.
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

/// A Swift number that libhdf5 converts to and from what a file holds. Values outside the range of an integer type
/// are clamped to it, fractions are cut off.
public protocol HDF5Scalar: BitwiseCopyable {
    /// The layout of the type in memory.
    static var elementType: ElementType { get }
}

extension Float: HDF5Scalar {
    public static var elementType: ElementType { .float32 }
}

extension Double: HDF5Scalar {
    public static var elementType: ElementType { .float64 }
}

extension UInt8: HDF5Scalar {
    public static var elementType: ElementType { .uint8 }
}

extension Int32: HDF5Scalar {
    public static var elementType: ElementType { .int32 }
}

extension Int64: HDF5Scalar {
    public static var elementType: ElementType { .int64 }
}

extension Int: HDF5Scalar {
    // Int has 64 bits on every platform this package runs on.
    public static var elementType: ElementType { .int64 }
}
