import Foundation
import Imaging
import System
import Tensors

/// Ten kinds of drawn shapes in CIFAR-10's layout: a data set without files, generated from a seed.
///
/// Position, size, angle and both colors of every shape vary, and either color may be the brighter one; spots cover
/// parts of the picture, and noise covers everything. Single pixels say little (a linear classifier stays far below 60
/// %); the class is in the shape. The same shapes are drawn as pictures of any size (``pictures(_:kinds:width:height:seed:)``).
public enum Shapes10 {
    /// `circle`, `ring`, `square` and so on, by label.
    public static let classNames = Kind.allCases.map { "\($0)" }

    private enum Kind: CaseIterable {
        case circle, ring, square, frame, triangle, star, cross, crescent, bars, heart
    }

    /// Draws the images, 32x32 pixels. The program ends with one line if a number is negative.
    ///
    /// - Parameters:
    ///   - train: number of training images; all classes are equally frequent.
    ///   - test: number of test images.
    ///   - seed: determines the images.
    public static func load(train: Int = 4_000, test: Int = 1_000, seed: UInt64 = 42) -> ImageDataset {
        guard train >= 0, test >= 0 else { stop("\(train) and \(test) are not numbers of images to draw") }
        let training = draw(train, seed: seed, split: 0), testing = draw(test, seed: seed, split: 1)
        return ImageDataset(
            trainImages: training.images, trainLabels: training.labels, testImages: testing.images,
            testLabels: testing.labels, classNames: classNames)
    }

    /// Shapes as pictures of any size, which are drawn when they are read. Where they are wider than high, or higher than
    /// wide, the shape is within the middle square.
    ///
    /// The program ends with one line if a number is not positive, or a kind does not exist.
    ///
    /// - Parameters:
    ///   - count: number of pictures; all kinds are equally frequent.
    ///   - kinds: the kinds to draw, places in ``classNames``.
    ///   - width: of the pictures, in pixels.
    ///   - height: of the pictures, in pixels.
    ///   - seed: determines the pictures. They are other ones than those of ``load(train:test:seed:)``.
    public static func pictures(
        _ count: Int, kinds: Range<Int> = classNames.indices, width: Int, height: Int, seed: UInt64 = 42
    ) -> PictureDataset {
        requireSize(width, height)
        guard count >= kinds.count, !kinds.isEmpty, classNames.indices.contains(kinds) else {
            stop("\(count) pictures of the kinds \(kinds) of shapes cannot be drawn")
        }
        let drawn = (0..<count).map { kinds.lowerBound + $0 % kinds.count }
        let classNames = kinds.map { Self.classNames[$0] }.sorted()
        let labels = drawn.map { classNames.firstIndex(of: Self.classNames[$0]) ?? 0 }
        // As in a data set in folders, the pictures of a class follow each other.
        let order = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
        return PictureDataset(
            classNames: classNames, labels: order.map { labels[$0] },
            names: order.map { "\(Self.classNames[drawn[$0]]) \($0)" }
        ) { place, _ in
            let index = order[place]
            let random = RandomStream(seed: seed, purpose: .drawing, epoch: 2, index: index)
            let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { buffer, initialized in
                Picture(Kind.allCases[drawn[index]], random).draw(into: buffer, width: width, height: height)
                initialized = width * height * 3
            }
            return Image(height: height, width: width, pixels: pixels)
        }
    }

    private static let side = 32

    private static func draw(_ count: Int, seed: UInt64, split: Int) -> (images: ByteImages, labels: [Int]) {
        let labels = (0..<count).map { $0 % Kind.allCases.count }
        let size = side * side * 3
        let bytes = [UInt8](unsafeUninitializedCapacity: count * size) { buffer, initialized in
            for (index, label) in labels.enumerated() {
                let random = RandomStream(seed: seed, purpose: .drawing, epoch: split, index: index)
                Picture(Kind.allCases[label], random).draw(
                    into: UnsafeMutableBufferPointer(rebasing: buffer[index * size..<(index + 1) * size]), width: side,
                    height: side)
            }
            initialized = count * size
        }
        return (ByteImages(shape: [count, side, side, 3], bytes: bytes), labels)
    }

    /// One picture. Everything about it is drawn from its stream of random numbers, in a fixed order. Its places and sizes are
    /// those of a picture of 32x32 pixels.
    private struct Picture {
        let kind: Kind
        let random: RandomStream
        let center: (x: Float, y: Float)
        let radius: Float
        let angle: (cos: Float, sin: Float)
        let foreground: SIMD3<Float>
        let background: SIMD3<Float>
        let slope: SIMD3<Float>
        let spots: [(x: Float, y: Float, radius: Float, color: SIMD3<Float>)]

        init(_ kind: Kind, _ random: RandomStream) {
            self.kind = kind
            self.random = random
            func number(_ element: Int, _ low: Float, _ high: Float) -> Float {
                low + random.uniform(element) * (high - low)
            }
            func color(_ element: Int) -> SIMD3<Float> {
                SIMD3(number(element, 20, 235), number(element + 1, 20, 235), number(element + 2, 20, 235))
            }
            radius = number(0, 9, 13)
            let reach = 16.5 - radius
            center = (15.5 + number(1, -reach, reach), 15.5 + number(2, -reach, reach))
            let turn = number(3, -0.3, 0.3)
            angle = (cosf(turn), sinf(turn))
            // Either of the two colors may be the brighter one. The first pair with enough contrast is used; if there is
            // none, nearly black and nearly white.
            var pair = (SIMD3<Float>(repeating: 20), SIMD3<Float>(repeating: 235))
            for attempt in 0..<16 {
                let candidates = (color(8 + 8 * attempt), color(12 + 8 * attempt))
                let difference = (candidates.0 - candidates.1) * SIMD3(0.299, 0.587, 0.114)
                if abs(difference.sum()) > 80 {
                    pair = candidates
                    break
                }
            }
            let (background, foreground) = pair
            self.background = background
            self.foreground = foreground
            slope = SIMD3(number(4, -1, 1), number(5, -1, 1), number(6, -1, 1))
            spots = (0..<3).map { spot in
                let element = 160 + 8 * spot
                return (
                    number(element, 0, 31), number(element + 1, 0, 31), number(element + 2, 0.8, 2.2),
                    color(element + 3)
                )
            }
        }

        /// - Parameter pixels: `[height, width, 3]`. Its middle square shows the picture.
        func draw(into pixels: UnsafeMutableBufferPointer<UInt8>, width: Int, height: Int) {
            let unit = Float(side) / Float(min(width, height))
            for row in 0..<height {
                let y = place(row, of: height, unit)
                for column in 0..<width {
                    let x = place(column, of: width, unit)
                    var color = background + slope * (x + y - 31)
                    let covered = coverage(x, y, unit)
                    color += (foreground - color) * covered
                    for spot in spots {
                        let distance = ((x - spot.x) * (x - spot.x) + (y - spot.y) * (y - spot.y)).squareRoot()
                        let covered = min(max((spot.radius - distance) / unit + 0.5, 0), 1)
                        color += (spot.color - color) * covered
                    }
                    let pixel = row * width + column
                    // One block gives a pixel's three noise values: sums of four bytes are nearly normal.
                    let words = random.words(block: 64 + pixel)
                    for channel in 0..<3 {
                        let word = words[channel]
                        let bytes = (word & 255) + (word >> 8 & 255) + (word >> 16 & 255) + (word >> 24)
                        let noise = (Float(bytes) - 510) / 148 * 11
                        // Halves go up, not to even as elsewhere: records of runs have the checksum of these images.
                        pixels[pixel * 3 + channel] = UInt8(min(max(color[channel] + noise, 0), 255).rounded())
                    }
                }
            }
        }

        /// The center of a pixel. Of a picture of 32x32 pixels it is the pixel's number.
        private func place(_ pixel: Int, of count: Int, _ unit: Float) -> Float {
            (Float(pixel) + 0.5 - Float(count) / 2) * unit + 15.5
        }

        /// The fraction of the pixel that the shape covers, from 3x3 samples.
        private func coverage(_ column: Float, _ row: Float, _ unit: Float) -> Float {
            var inside = 0
            for i in 0..<3 {
                for j in 0..<3 {
                    let dx = column + (Float(j) - 1) * unit / 3 - center.x,
                        dy = row + (Float(i) - 1) * unit / 3 - center.y
                    if abs(dx) + abs(dy) > 2 * radius { continue }
                    // The point in the shape's own frame: rotated back, in units of its size.
                    let x = (dx * angle.cos + dy * angle.sin) / radius
                    let y = (dy * angle.cos - dx * angle.sin) / radius
                    if contains(x, y) { inside += 1 }
                }
            }
            return Float(inside) / 9
        }

        /// Whether the point belongs to the shape, which is within about one unit of the origin; y points down.
        private func contains(_ x: Float, _ y: Float) -> Bool {
            let squared = x * x + y * y
            switch kind {
            case .circle: return squared < 0.81
            case .ring: return squared < 0.95 && squared > 0.30
            case .square: return max(abs(x), abs(y)) < 0.78
            case .frame: return max(abs(x), abs(y)) < 0.85 && max(abs(x), abs(y)) > 0.48
            case .triangle: return y < 0.75 && y > -0.95 + 1.9 * abs(x)
            case .star:
                // Five points: the radius varies between 0.40 and 1.05 with the angle.
                let fifth = 2 * Float.pi / 5
                var turn = atan2f(x, -y).truncatingRemainder(dividingBy: fifth)
                if turn < 0 { turn += fifth }
                let towardsPoint = abs(turn / fifth - 0.5) * 2
                return squared.squareRoot() < 0.40 + 0.65 * powf(towardsPoint, 1.6)
            case .cross: return min(abs(x), abs(y)) < 0.26 && max(abs(x), abs(y)) < 0.95
            case .crescent:
                let other = (x - 0.42) * (x - 0.42) + y * y
                return squared < 0.9 && other > 0.55
            case .bars: return max(abs(x), abs(y)) < 0.9 && abs(abs(x) - 0.55) < 0.24
            case .heart:
                // The heart curve (x^2 + y^2 - 1)^3 = x^2 y^3, upright.
                let (u, v) = (x * 1.25, -y * 1.25 + 0.15)
                let round = u * u + v * v - 1
                return round * round * round < u * u * v * v * v
            }
        }
    }
}
