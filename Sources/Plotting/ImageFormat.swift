/// What a chart is encoded as.
enum ImageFormat: Equatable {
    case png(pixelScale: Double)
    case svg

    /// Why an image of this size, in points, cannot be drawn; nil if it can.
    func objection(toWidth width: Double, height: Double) -> String? {
        // Cairo's own bound on the sides of an image.
        let mostPixels = 32767.0
        guard width.isFinite, height.isFinite, width > 0, height > 0 else {
            return "a chart of \(width) x \(height) points has no area"
        }
        var scale = 1.0
        if case .png(let pixelScale) = self { scale = pixelScale }
        guard scale.isFinite, scale > 0 else { return "a pixel scale of \(scale) shows nothing" }
        guard width * scale <= mostPixels, height * scale <= mostPixels else {
            return "\(width * scale) x \(height * scale) is too large, a side may have \(Int(mostPixels))"
        }
        return nil
    }
}
