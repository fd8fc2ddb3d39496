import CHDF5

/// How numbers are kept in a file that we make. Whatever integer or float a file has can be read.
public enum ElementType: Sendable {
    case uint8, int32, int64, float32, float64

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

/// A Swift number that HDF5 converts from and to.
public protocol HDF5Scalar: BitwiseCopyable, Sendable {
    /// The library's name of the type in memory.
    static var memoryType: Int64 { get }
    static var zero: Self { get }
}

extension Float: HDF5Scalar { public static var memoryType: Int64 { CHDF5_native_float() } }
extension Double: HDF5Scalar { public static var memoryType: Int64 { CHDF5_native_double() } }
extension UInt8: HDF5Scalar { public static var memoryType: Int64 { CHDF5_native_uint8() } }
extension Int32: HDF5Scalar { public static var memoryType: Int64 { CHDF5_native_int32() } }
extension Int64: HDF5Scalar { public static var memoryType: Int64 { CHDF5_native_int64() } }
extension Int: HDF5Scalar { public static var memoryType: Int64 { CHDF5_native_int64() } }
