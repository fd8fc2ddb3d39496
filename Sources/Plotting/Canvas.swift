import CCairo
import Files
import Foundation

/// A picture that cannot be drawn or written; one line.
public struct PlottingError: Error, CustomStringConvertible, Equatable {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// Something to draw on, in points, (0, 0) at the top left. The same drawing becomes a PNG or an SVG.
public final class Canvas {
    public let width: Double
    public let height: Double
    private let context: OpaquePointer

    /// Draws a PNG of `scale` pixels to a point; the file appears whole or not at all.
    ///
    /// - Throws: ``PlottingError`` or `FileError`.
    public static func writePNG(
        to path: String, width: Double, height: Double, scale: Double = 2, _ draw: (Canvas) -> Void
    ) throws {
        guard width > 0, height > 0, width * scale <= 32_767, height * scale <= 32_767,
            let surface = cairo_image_surface_create(
                CAIRO_FORMAT_RGB24, Int32((width * scale).rounded()), Int32((height * scale).rounded()))
        else { throw PlottingError("cannot draw \(path): no picture of \(width)x\(height) points") }
        defer { cairo_surface_destroy(surface) }
        cairo_surface_set_device_scale(surface, scale, scale)
        try Self.draw(on: surface, path, width, height, draw)
        try WholeFile.write(to: path) { temporary in
            try check(cairo_surface_write_to_png(surface, temporary), path)
        }
    }

    /// Draws an SVG; the file appears whole or not at all.
    ///
    /// - Throws: ``PlottingError`` or `FileError`.
    public static func writeSVG(
        to path: String, width: Double, height: Double, _ draw: (Canvas) -> Void
    ) throws {
        try WholeFile.write(to: path) { temporary in
            guard let surface = cairo_svg_surface_create(temporary, width, height) else {
                throw PlottingError("cannot draw \(path)")
            }
            defer { cairo_surface_destroy(surface) }
            try Self.draw(on: surface, path, width, height, draw)
            cairo_surface_finish(surface)
            try check(cairo_surface_status(surface), path)
        }
    }

    private static func draw(
        on surface: OpaquePointer, _ path: String, _ width: Double, _ height: Double, _ draw: (Canvas) -> Void
    ) throws {
        try check(cairo_surface_status(surface), path)
        guard let context = cairo_create(surface) else { throw PlottingError("cannot draw \(path)") }
        defer { cairo_destroy(context) }
        draw(Canvas(context, width, height))
        try check(cairo_status(context), path)
    }

    private static func check(_ status: cairo_status_t, _ path: String) throws {
        guard status != CAIRO_STATUS_SUCCESS else { return }
        throw PlottingError("cannot write \(path): \(String(cString: cairo_status_to_string(status)))")
    }

    private init(_ context: OpaquePointer, _ width: Double, _ height: Double) {
        self.context = context
        self.width = width
        self.height = height
        fill(Rectangle(x: 0, y: 0, width: width, height: height), .white)
    }

    // MARK: - Drawing

    public func fill(_ rectangle: Rectangle, _ color: Color) {
        set(color)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_fill(context)
    }

    public func stroke(_ rectangle: Rectangle, _ color: Color, width: Double) {
        set(color)
        cairo_set_line_width(context, width)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_stroke(context)
    }

    /// A line through `points`; a single point becomes a dot.
    public func stroke(_ points: [(x: Double, y: Double)], _ color: Color, width: Double, isDashed: Bool = false) {
        guard let first = points.first else { return }
        set(color)
        if points.count == 1 {
            cairo_arc(context, first.x, first.y, width * 1.6, 0, 2 * .pi)
            cairo_fill(context)
            return
        }
        cairo_set_line_width(context, width)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        let dashes = [4 * width, 2.5 * width]
        cairo_set_dash(context, dashes, isDashed ? 2 : 0, 0)
        cairo_move_to(context, first.x, first.y)
        for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
        cairo_stroke(context)
        cairo_set_dash(context, dashes, 0, 0)
    }

    /// Draws only inside `rectangle`.
    public func clipped(to rectangle: Rectangle, _ draw: () -> Void) {
        cairo_save(context)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_clip(context)
        draw()
        cairo_restore(context)
    }

    public enum Anchor: Sendable { case start, middle, end }

    /// One line of text whose vertical middle is at `y`.
    ///
    /// - Parameter isVertical: reading upwards, its horizontal middle at `x` and its `anchor` along `y`.
    public func text(
        _ text: String, x: Double, y: Double, size: Double, _ color: Color, anchor: Anchor = .start,
        isVertical: Bool = false
    ) {
        set(color)
        setFont(size)
        var font = cairo_font_extents_t()
        cairo_font_extents(context, &font)
        let width = self.width(of: text, size: size)
        let start =
            switch anchor {
            case .start: 0.0
            case .middle: -width / 2
            case .end: -width
            }
        cairo_save(context)
        cairo_translate(context, x, y)
        if isVertical { cairo_rotate(context, -.pi / 2) }
        cairo_move_to(context, start, (font.ascent - font.descent) / 2)
        cairo_show_text(context, text)
        cairo_restore(context)
    }

    /// Width of a line of text in points.
    public func width(of text: String, size: Double) -> Double {
        setFont(size)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }

    private func setFont(_ size: Double) {
        cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, size)
    }

    private func set(_ color: Color) {
        cairo_set_source_rgba(context, color.red, color.green, color.blue, color.alpha)
    }
}

/// A rectangle in points; y points down.
public struct Rectangle: Sendable, Equatable {
    public var x, y, width, height: Double

    public init(x: Double, y: Double, width: Double, height: Double) {
        (self.x, self.y, self.width, self.height) = (x, y, width, height)
    }

    var right: Double { x + width }
    var bottom: Double { y + height }

    func contains(_ x: Double, _ y: Double) -> Bool { x >= self.x && x <= right && y >= self.y && y <= bottom }
}
