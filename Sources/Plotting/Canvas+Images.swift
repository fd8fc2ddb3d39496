import CCairo

extension Canvas {
    /// Fills `rectangle` with the image; its pixels stay sharp squares.
    func draw(_ image: PixelImage, in rectangle: Rectangle) {
        guard image.width > 0, image.height > 0, rectangle.width > 0, rectangle.height > 0 else { return }
        // Viewers of SVG files blur enlarged images, so enlarge the image here.
        let factor = max(1, Int((2 * rectangle.width / Double(image.width)).rounded(.up)))
        let width = image.width * factor, height = image.height * factor
        let surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
        defer { cairo_surface_destroy(surface) }
        cairo_surface_flush(surface)
        guard let data = cairo_image_surface_get_data(surface) else { return }
        let stride = Int(cairo_image_surface_get_stride(surface))
        for y in 0..<height {
            let row = UnsafeMutableRawPointer(data + y * stride).bindMemory(to: UInt32.self, capacity: width)
            for x in 0..<width {
                let start = (y / factor * image.width + x / factor) * 3
                row[x] =
                    UInt32(image.pixels[start]) << 16 | UInt32(image.pixels[start + 1]) << 8
                    | UInt32(image.pixels[start + 2])
            }
        }
        cairo_surface_mark_dirty(surface)

        cairo_save(context)
        cairo_translate(context, rectangle.left, rectangle.top)
        cairo_scale(context, rectangle.width / Double(width), rectangle.height / Double(height))
        cairo_set_source_surface(context, surface, 0, 0)
        cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST)
        cairo_paint(context)
        cairo_restore(context)
    }
}
