import CCairo

/// A failure inside cairo, with cairo's message.
struct DrawingFailure: Error {
    var reason: String

    init(_ status: cairo_status_t) { reason = String(cString: cairo_status_to_string(status)) }
}

/// The surface that a ``Picture`` draws on, with coordinates in points from the top left corner.
///
/// Its drawing commands are internal. A picture of another module draws by passing the canvas to pictures of this one.
public final class Canvas {
    let width: Double
    let height: Double
    let context: OpaquePointer

    /// Draws on a fresh canvas and returns the bytes of the image file.
    static func encode(
        _ format: ImageFormat, width: Double, height: Double, draw: (Canvas) -> Void
    ) throws(DrawingFailure) -> [UInt8] {
        let bytes = ByteSink()
        let closure = Unmanaged.passUnretained(bytes).toOpaque()
        let surface: OpaquePointer?
        var scale = 1.0
        switch format {
        case .svg:
            surface = cairo_svg_surface_create_for_stream(ByteSink.append, closure, width, height)
        case .png(let pixelScale):
            scale = pixelScale
            let columns = Int32((width * scale).rounded(.up)), rows = Int32((height * scale).rounded(.up))
            surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, columns, rows)
        }
        guard let surface else { throw DrawingFailure(CAIRO_STATUS_NO_MEMORY) }
        defer { withExtendedLifetime(bytes) { cairo_surface_destroy(surface) } }
        try check(cairo_surface_status(surface))
        guard let context = cairo_create(surface) else { throw DrawingFailure(CAIRO_STATUS_NO_MEMORY) }
        defer { cairo_destroy(context) }
        if case .png = format {
            // The size in points may end inside a pixel, which would stay black.
            cairo_set_source_rgb(context, 1, 1, 1)
            cairo_paint(context)
        }
        cairo_scale(context, scale, scale)
        draw(Canvas(context: context, width: width, height: height))
        try check(cairo_status(context))

        switch format {
        case .svg: cairo_surface_finish(surface)
        case .png: try check(cairo_surface_write_to_png_stream(surface, ByteSink.append, closure))
        }
        try check(cairo_surface_status(surface))
        return format == .svg ? SVGIdentifiers.renumbered(bytes.bytes) : bytes.bytes
    }

    /// Runs `body` with a canvas that only measures text, before there is a picture to draw.
    static func measuring<Result>(_ body: (Canvas) -> Result) throws(PlottingError) -> Result {
        guard let surface = cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1) else {
            throw .layoutFailed(reason: DrawingFailure(CAIRO_STATUS_NO_MEMORY).reason)
        }
        defer { cairo_surface_destroy(surface) }
        guard let context = cairo_create(surface) else {
            throw .layoutFailed(reason: DrawingFailure(CAIRO_STATUS_NO_MEMORY).reason)
        }
        defer { cairo_destroy(context) }
        let result = body(Canvas(context: context, width: 1, height: 1))
        let status = cairo_status(context)
        guard status == CAIRO_STATUS_SUCCESS else { throw .layoutFailed(reason: DrawingFailure(status).reason) }
        return result
    }

    private static func check(_ status: cairo_status_t) throws(DrawingFailure) {
        guard status == CAIRO_STATUS_SUCCESS else { throw DrawingFailure(status) }
    }

    /// A part of another canvas, which has moved the origin of their shared context.
    private init(sharing canvas: Canvas, width: Double, height: Double) {
        self.context = canvas.context
        self.width = width
        self.height = height
    }

    private init(context: OpaquePointer, width: Double, height: Double) {
        self.context = context
        self.width = width
        self.height = height
        cairo_select_font_face(context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL)
        // Without hinting, text is equally wide in PNG and SVG, so both have the same layout.
        let options = cairo_font_options_create()
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_set_font_options(context, options)
        cairo_font_options_destroy(options)
    }

    func fill(_ rectangle: Rectangle, with color: Color, opacity: Double = 1) {
        cairo_rectangle(context, rectangle.left, rectangle.top, rectangle.width, rectangle.height)
        set(color, opacity: opacity)
        cairo_fill(context)
    }

    func outline(_ rectangle: Rectangle, with color: Color, lineWidth: Double) {
        cairo_rectangle(context, rectangle.left, rectangle.top, rectangle.width, rectangle.height)
        set(color)
        cairo_set_dash(context, nil, 0, 0)
        cairo_set_line_width(context, lineWidth)
        cairo_stroke(context)
    }

    func fillCircle(center: Point, radius: Double, with color: Color) {
        cairo_new_sub_path(context)
        cairo_arc(context, center.x, center.y, radius, 0, 2 * .pi)
        set(color)
        cairo_fill(context)
    }

    /// Strokes an open line through `points`; `dash` holds alternating lengths of marks and gaps, in points.
    func stroke(_ points: [Point], with color: Color, lineWidth: Double, dash: [Double] = []) {
        guard let first = points.first else { return }
        cairo_move_to(context, first.x, first.y)
        for point in points.dropFirst() { cairo_line_to(context, point.x, point.y) }
        set(color)
        cairo_set_line_width(context, lineWidth)
        cairo_set_line_join(context, CAIRO_LINE_JOIN_ROUND)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT)
        cairo_set_dash(context, dash, Int32(dash.count), 0)
        cairo_stroke(context)
    }

    /// Strokes a chain of Bézier curves: a start, then two control points and an end for each curve.
    func strokeCurves(_ points: [Point], with color: Color, lineWidth: Double) {
        guard let first = points.first else { return }
        cairo_move_to(context, first.x, first.y)
        for index in stride(from: 1, to: points.count - 2, by: 3) {
            let (one, two, end) = (points[index], points[index + 1], points[index + 2])
            cairo_curve_to(context, one.x, one.y, two.x, two.y, end.x, end.y)
        }
        set(color)
        cairo_set_line_width(context, lineWidth)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_BUTT)
        cairo_set_dash(context, nil, 0, 0)
        cairo_stroke(context)
    }

    func fillPolygon(_ corners: [Point], with color: Color) {
        guard let first = corners.first else { return }
        cairo_move_to(context, first.x, first.y)
        for corner in corners.dropFirst() { cairo_line_to(context, corner.x, corner.y) }
        cairo_close_path(context)
        set(color)
        cairo_fill(context)
    }

    /// Runs `body` with drawing confined to `rectangle`.
    func clipped(to rectangle: Rectangle, _ body: () -> Void) {
        cairo_save(context)
        cairo_rectangle(context, rectangle.left, rectangle.top, rectangle.width, rectangle.height)
        cairo_clip(context)
        body()
        cairo_restore(context)
    }

    /// Runs `body` with a canvas that covers only `rectangle` of this one.
    func inset(_ rectangle: Rectangle, _ body: (Canvas) -> Void) {
        clipped(to: rectangle) {
            cairo_translate(context, rectangle.left, rectangle.top)
            body(Canvas(sharing: self, width: rectangle.width, height: rectangle.height))
        }
    }

    /// The advance width of `text` in points.
    func width(of text: String, size: Double) -> Double {
        cairo_set_font_size(context, size)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }

    /// The font's ascent and descent in points. They do not depend on the text.
    func lineExtents(size: Double) -> (ascent: Double, descent: Double) {
        cairo_set_font_size(context, size)
        var extents = cairo_font_extents_t()
        cairo_font_extents(context, &extents)
        return (extents.ascent, extents.descent)
    }

    /// Draws `text` with its baseline through `point`; `alignment` 0, 0.5, 1 places its start, middle, end there.
    /// `upwards` turns it a quarter counterclockwise.
    func draw(
        _ text: String, at point: Point, size: Double, color: Color, alignment: Double = 0, upwards: Bool = false
    ) {
        let advance = width(of: text, size: size)
        cairo_save(context)
        cairo_translate(context, point.x, point.y)
        if upwards { cairo_rotate(context, -.pi / 2) }
        cairo_move_to(context, -advance * alignment, 0)
        set(color)
        cairo_show_text(context, text)
        cairo_restore(context)
        cairo_new_path(context)
    }

    private func set(_ color: Color, opacity: Double = 1) {
        cairo_set_source_rgba(context, color.red, color.green, color.blue, opacity)
    }
}

/// Collects the bytes that cairo writes.
private final class ByteSink {
    var bytes: [UInt8] = []

    static let append: cairo_write_func_t = { closure, data, length in
        guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
        let sink = Unmanaged<ByteSink>.fromOpaque(closure).takeUnretainedValue()
        sink.bytes.append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
        return CAIRO_STATUS_SUCCESS
    }
}
