import ArgumentParser
import HDF5

/// How a program stores pixels in an HDF5 file.
public enum PixelType: String, CaseIterable, ExpressibleByArgument, Sendable {
    case uint8, float32, float64

    public var elementType: ElementType {
        switch self {
        case .uint8: .uint8
        case .float32: .float32
        case .float64: .float64
        }
    }
}
