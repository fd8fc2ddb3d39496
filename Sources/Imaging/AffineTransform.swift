import Foundation

/// The source of each pixel of a warped image: (row, column) in the input as a linear function of (row, column) in the
/// output, both counted at pixel centers.
///
///     row_in    = a * row + b * column + c
///     column_in = d * row + e * column + f
public struct AffineTransform: Sendable, Equatable {
    public var a, b, c, d, e, f: Double

    public init(_ a: Double, _ b: Double, _ c: Double, _ d: Double, _ e: Double, _ f: Double) {
        (self.a, self.b, self.c, self.d, self.e, self.f) = (a, b, c, d, e, f)
    }

    public static let identity = AffineTransform(1, 0, 0, 0, 1, 0)

    /// The composition that applies `n` first: `(m * n)(p) = m(n(p))`.
    public static func * (m: AffineTransform, n: AffineTransform) -> AffineTransform {
        AffineTransform(
            m.a * n.a + m.b * n.d, m.a * n.b + m.b * n.e, m.a * n.c + m.b * n.f + m.c,
            m.d * n.a + m.e * n.d, m.d * n.b + m.e * n.e, m.d * n.c + m.e * n.f + m.f)
    }

    /// A rotation by `degrees` around pixel (0, 0).
    public static func rotation(degrees: Double) -> AffineTransform {
        let angle = degrees * .pi / 180
        return AffineTransform(cos(angle), -sin(angle), 0, sin(angle), cos(angle), 0)
    }

    /// A shift that reads `rows` further down and `columns` further right, so the content moves up and left.
    public static func shift(rows: Double, columns: Double) -> AffineTransform {
        AffineTransform(1, 0, rows, 0, 1, columns)
    }

    /// Keras's shear, in degrees. (Keras 2.1 and the documents' scripts use radians.)
    public static func shear(degrees: Double) -> AffineTransform {
        let angle = degrees * .pi / 180
        return AffineTransform(1, -sin(angle), 0, 0, cos(angle), 0)
    }

    /// A zoom, in which factors below 1 magnify.
    public static func zoom(rows: Double, columns: Double) -> AffineTransform {
        AffineTransform(rows, 0, 0, 0, columns, 0)
    }

    /// This transform around the center of an image instead of around its first pixel.
    public func centered(height: Int, width: Int) -> AffineTransform {
        let (row, column) = (Double(height) / 2 - 0.5, Double(width) / 2 - 0.5)
        return .shift(rows: row, columns: column) * self * .shift(rows: -row, columns: -column)
    }
}
