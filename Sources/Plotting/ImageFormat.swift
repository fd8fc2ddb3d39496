/// The file format of a picture.
enum ImageFormat: Equatable {
    case png(pixelScale: Double)
    case svg

    /// The reason why a picture of this size, in points, cannot be drawn; nil if it can.
    func objection(toWidth width: Double, height: Double) -> String? {
        // Cairo's own bound on the sides of an image.
        let mostPixels = 32767.0
        guard width.isFinite, height.isFinite, width > 0, height > 0 else {
            return "expected a width and height above 0, found \(width) x \(height) points"
        }
        var scale = 1.0
        if case .png(let pixelScale) = self { scale = pixelScale }
        guard scale.isFinite, scale > 0 else { return "expected a pixel scale above 0, found \(scale)" }
        guard width * scale <= mostPixels, height * scale <= mostPixels else {
            return "expected at most \(Int(mostPixels)) pixels a side, found \(width * scale) x \(height * scale)"
        }
        return nil
    }
}
