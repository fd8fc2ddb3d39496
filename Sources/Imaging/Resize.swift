import System
import Tensors

extension Image {
    public func resized(width: Int, height: Int, interpolation: Interpolation) -> Image {
        guard (height, width) != (self.height, self.width) else { return self }
        return Image(
            height: height, width: width,
            pixels: resize(pixels, shape, height: height, width: width, interpolation: interpolation))
    }
}

extension Tensor {
    /// Resizes `[height, width, channels]`. The numbers may have any range.
    ///
    /// - Precondition: the tensor has rank 3, and both sizes are at least one pixel. Otherwise the program ends with a
    ///   message.
    public func resized(width: Int, height: Int, interpolation: Interpolation) -> Tensor {
        guard shape.rank == 3 else { stop("an image is (height, width, channels), not \(shape)") }
        guard (height, width) != (shape[0], shape[1]) else { return self }
        return Tensor(
            shape: [height, width, shape[2]],
            scalars: resize(scalars, shape, height: height, width: width, interpolation: interpolation))
    }
}

// All generic code is in this file, so that the compiler specializes it for each scalar type even without whole-module
// optimization.

/// A channel of a pixel, and OpenCV's arithmetic for it.
private protocol Channel {
    associatedtype Weight
    /// The type of a blend of columns, before rows are blended.
    associatedtype Blend
    static var zero: Blend { get }
    static var hasExactPlaces: Bool { get }
    static var isAlwaysFinite: Bool { get }
    static func weight(_ fraction: Float) -> Weight
    static func blend(_ near: Self, _ far: Self, _ weight: Weight) -> Blend
    static func blend(rows near: Blend, _ far: Blend, _ weight: Weight) -> Self
    var float: Float { get }
    /// Four of them, of which the first is at `pixel`.
    static func floats(_ pixel: UnsafePointer<Self>) -> SIMD4<Float>
    init(nearest value: Float)
    /// A quarter of the sum of four.
    init(quarter sum: Float)
}

/// Fixed-point weights of both pixels with 11 fractional bits. Sums lose 4 bits between the axes and 18 at the end.
extension UInt8: Channel {
    static let zero: Int32 = 0
    static let hasExactPlaces = false
    @inline(__always) static var isAlwaysFinite: Bool { true }
    static func weight(_ fraction: Float) -> (near: Int32, far: Int32) {
        (
            Int32(((1 - fraction) * 2048).rounded(.toNearestOrEven)),
            Int32((fraction * 2048).rounded(.toNearestOrEven))
        )
    }
    @inline(__always)
    static func blend(_ near: UInt8, _ far: UInt8, _ weight: (near: Int32, far: Int32)) -> Int32 {
        Int32(near) &* weight.near &+ Int32(far) &* weight.far
    }
    @inline(__always)
    static func blend(rows near: Int32, _ far: Int32, _ weight: (near: Int32, far: Int32)) -> UInt8 {
        let sum = ((weight.near &* (near &>> 4)) &>> 16) &+ ((weight.far &* (far &>> 4)) &>> 16)
        return UInt8(truncatingIfNeeded: (sum &+ 2) &>> 2)
    }
    @inline(__always) var float: Float { Float(self) }
    @inline(__always)
    static func floats(_ pixel: UnsafePointer<UInt8>) -> SIMD4<Float> {
        // As one number: a vector of bytes would be loaded byte by byte.
        let bytes = unsafeBitCast(UnsafeRawPointer(pixel).loadUnaligned(as: UInt32.self), to: SIMD4<UInt8>.self)
        return SIMD4<Float>(SIMD4<Int32>(truncatingIfNeeded: bytes))
    }
    /// Rounds half to even, for values from 0: a Float near 2^23 has no fractional bits, and its last bits are the number.
    /// A loop of it becomes vector instructions, which a conversion that checks its range does not. Cuts to 255.
    @inline(__always)
    init(nearest value: Float) { self = UInt8(truncatingIfNeeded: (Swift.min(value, 255) + 0x1p23).bitPattern) }
    @inline(__always) init(quarter sum: Float) { self = UInt8((Int32(sum) &+ 2) &>> 2) }
}

extension Float: Channel {
    static let zero: Float = 0
    static let hasExactPlaces = true
    @inline(__always) static var isAlwaysFinite: Bool { false }
    static func weight(_ fraction: Float) -> Float { fraction }
    @inline(__always)
    static func blend(_ near: Float, _ far: Float, _ weight: Float) -> Float { near + (far - near) * weight }
    @inline(__always)
    static func blend(rows near: Float, _ far: Float, _ weight: Float) -> Float { near + (far - near) * weight }
    @inline(__always) var float: Float { self }
    @inline(__always)
    static func floats(_ pixel: UnsafePointer<Float>) -> SIMD4<Float> {
        UnsafeRawPointer(pixel).loadUnaligned(as: SIMD4<Float>.self)
    }
    @inline(__always) init(nearest value: Float) { self = value }
    @inline(__always) init(quarter sum: Float) { self = sum * 0.25 }
}

private func resize<Scalar: Channel>(
    _ pixels: [Scalar], _ shape: Shape, height: Int, width: Int, interpolation: Interpolation
) -> [Scalar] {
    guard height > 0, width > 0, Shape([height, width, shape[2]]).isCountable, !pixels.isEmpty else {
        stop("an image of shape \(shape) cannot be resized to \(height)x\(width)")
    }
    return [Scalar](unsafeUninitializedCapacity: height * width * shape[2]) { target, count in
        count = height * width * shape[2]
        pixels.withUnsafeBufferPointer { source in
            guard let source = source.baseAddress, let target = target.baseAddress else { return }
            let resizing = Resizing(
                source: source, target: target, oldHeight: shape[0], oldWidth: shape[1], height: height, width: width,
                channels: shape[2])
            switch interpolation {
            case .nearest: resizing.nearest(places: cornerPlaces)
            case .nearestExact: resizing.nearest(places: centerPlaces)
            case .linear: resizing.linear(.linear)
            case .area where height > shape[0] || width > shape[1]: resizing.linear(.area)
            case .area:
                let scales = (scale(from: shape[0], to: height), scale(from: shape[1], to: width))
                if scales == (scales.0.rounded(), scales.1.rounded()) { resizing.blocks() } else { resizing.area() }
            }
        }
    }
}

/// The old pixels under the new pixels' first corners, by OpenCV's arithmetic.
private func cornerPlaces(_ old: Int, _ new: Int) -> [Int] {
    (0..<new).map { min(Int(Double($0) * scale(from: old, to: new)), old - 1) }
}

/// The old pixels under the new pixels' centers, by Pillow's arithmetic: it adds up, so that the rounding of the sum decides
/// where a center lies on the edge of two old pixels.
private func centerPlaces(_ old: Int, _ new: Int) -> [Int] {
    let step = Double(old) / Double(new)
    var center = step / 2
    return (0..<new).map { _ in
        defer { center += step }
        return min(Int(center), old - 1)
    }
}

private struct Resizing<Scalar: Channel> {
    let source: UnsafePointer<Scalar>
    let target: UnsafeMutablePointer<Scalar>
    let oldHeight: Int
    let oldWidth: Int
    let height: Int
    let width: Int
    let channels: Int

    /// - Parameter places: the old pixel of each new one along an axis, from the old and the new number of pixels.
    func nearest(places: (Int, Int) -> [Int]) {
        let columns = places(oldWidth, width).map { $0 * channels }
        var target = target
        for row in places(oldHeight, height) {
            let old = source + row * oldWidth * channels
            for column in columns {
                for channel in 0..<channels { target[channel] = old[column + channel] }
                target += channels
            }
        }
    }

    func linear(_ interpolation: Interpolation) {
        func axis(_ old: Int, _ new: Int, holdsEnds: Bool) -> [LinearTap] {
            LinearTap.axis(
                from: old, to: new, interpolation: interpolation, holdsEnds: holdsEnds, isExact: Scalar.hasExactPlaces)
        }
        let columns = axis(oldWidth, width, holdsEnds: true)
            .map { (near: $0.near * channels, far: $0.far * channels, weight: Scalar.weight($0.fraction)) }
        let rows = axis(oldHeight, height, holdsEnds: false)
        let count = width * channels
        // The two old rows in use, already stretched. The last bit of a row's number selects its place.
        withUnsafeTemporaryAllocation(of: Scalar.Blend.self, capacity: 2 * count) { stretched in
            guard let stretched = stretched.baseAddress else { return }
            stretched.initialize(repeating: Scalar.zero, count: 2 * count)
            var held = (-1, -1)
            func row(_ number: Int) -> UnsafeMutablePointer<Scalar.Blend> {
                let isOdd = number & 1 == 1
                let result = isOdd ? stretched + count : stretched
                guard (isOdd ? held.1 : held.0) != number else { return result }
                if isOdd { held.1 = number } else { held.0 = number }
                let old = source + number * oldWidth * channels
                var next = result
                for column in columns {
                    for channel in 0..<channels {
                        next[channel] = Scalar.blend(
                            old[column.near + channel], old[column.far + channel], column.weight)
                    }
                    next += channels
                }
                return result
            }
            var target = target
            for tap in rows {
                let (near, far, weight) = (row(tap.near), row(tap.far), Scalar.weight(tap.fraction))
                for i in 0..<count { target[i] = Scalar.blend(rows: near[i], far[i], weight) }
                target += count
            }
        }
    }

    /// The mean of each new pixel's area: columns first, then rows, in 32-bit floats.
    func area() {
        let columns = AreaColumns(from: oldWidth, to: width, channels: channels)
        let rows = AreaShare.axis(from: oldHeight, to: height)
        let count = width * channels
        // A pixel may be written as four numbers.
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 2 * count + 1) { buffer in
            guard let sums = buffer.baseAddress else { return }
            buffer.initialize(repeating: 0)
            let shrunk = sums + count
            var held = -1
            for (number, row) in rows.enumerated() {
                if held != row.old {
                    held = row.old
                    shrink(source + row.old * oldWidth * channels, columns, into: shrunk)
                }
                if number == 0 || rows[number - 1].new != row.new {
                    for i in 0..<count { sums[i] = shrunk[i] * row.weight }
                } else {
                    for i in 0..<count { sums[i] += shrunk[i] * row.weight }
                }
                if number == rows.count - 1 || rows[number + 1].new != row.new {
                    let target = target + row.new * count
                    for i in 0..<count { target[i] = Scalar(nearest: sums[i]) }
                }
            }
        }
    }

    /// The mean of each new pixel's share of an old row.
    ///
    /// - Parameter shrunk: a new row, and room for one number behind it.
    private func shrink(
        _ old: UnsafePointer<Scalar>, _ columns: AreaColumns, into shrunk: UnsafeMutablePointer<Float>
    ) {
        var new = 0
        if channels == 3 {
            // All channels of a pixel at once, and the first of the next, which is not used. No jump depends on how many
            // shares a pixel has: a processor cannot foresee it, and waits.
            let (fewest, most) = (columns.fewest, columns.most)
            columns.weights.withUnsafeBufferPointer { weights in
                guard var weight = weights.baseAddress else { return }
                var target = shrunk
                while new < columns.innerCount {
                    let pixel = old + columns.firsts[new]
                    var sum = SIMD4<Float>.zero
                    for share in 0..<most {
                        let next = sum + Scalar.floats(pixel + 3 &* share) * weight[share]
                        // What is behind the shares has the weight 0, but 0 times infinity is not 0.
                        if Scalar.isAlwaysFinite || share < fewest {
                            sum = next
                        } else {
                            sum.replace(with: next, where: SIMDMask(repeating: share < columns.counts[new]))
                        }
                    }
                    weight += most
                    UnsafeMutableRawPointer(target).storeBytes(of: sum, as: SIMD4<Float>.self)
                    target += 3
                    new += 1
                }
            }
        }
        while new < width {
            for channel in 0..<channels {
                var sum: Float = 0
                for share in 0..<columns.counts[new] {
                    let pixel = columns.firsts[new] + share * channels + channel
                    sum += old[pixel].float * columns.weights[new * columns.most + share].x
                }
                shrunk[new * channels + channel] = sum
            }
            new += 1
        }
    }

    /// The means of blocks of whole pixels. 8-bit halves are rounded up for blocks of 2x2, to even otherwise, as in
    /// OpenCV.
    func blocks() {
        let (rows, columns) = (oldHeight / height, oldWidth / width)
        let scale = 1 / Float(rows * columns)
        let areHalves = rows == 2 && columns == 2
        var target = target
        for row in 0..<height {
            for column in 0..<width {
                for channel in 0..<channels {
                    // A float holds the sum of a row's bytes, but not of a million pixels.
                    var sum = 0.0
                    for i in 0..<rows {
                        let old = source + ((row * rows + i) * oldWidth + column * columns) * channels + channel
                        var rowSum: Float = 0
                        for j in 0..<columns { rowSum += old[j * channels].float }
                        sum += Double(rowSum)
                    }
                    let total = Float(sum)
                    target[channel] = areHalves ? Scalar(quarter: total) : Scalar(nearest: total * scale)
                }
                target += channels
            }
        }
    }
}

/// The old pixels that each new pixel of a row covers.
private struct AreaColumns {
    /// The place of the first channel of the first old pixel, for each new pixel.
    let firsts: [Int]
    /// How many old pixels each new one covers, and the fewest and the most of them.
    let counts: [Int], fewest: Int, most: Int
    /// `most` for each new pixel, each once for every channel; those behind its own are 0.
    let weights: [SIMD4<Float>]
    /// The number of new pixels at the beginning of which `most` old pixels, and one more number, lie within the row.
    let innerCount: Int

    init(from old: Int, to new: Int, channels: Int) {
        let shares = AreaShare.axis(from: old, to: new)
        var firsts = [Int](repeating: 0, count: new), counts = firsts
        for share in shares {
            if counts[share.new] == 0 { firsts[share.new] = share.old * channels }
            counts[share.new] += 1
        }
        let most = counts.max() ?? 0
        var weights = [SIMD4<Float>](repeating: .zero, count: new * most)
        for share in shares {
            weights[share.new * most + share.old - firsts[share.new] / channels] = SIMD4(repeating: share.weight)
        }
        (self.firsts, self.counts, self.weights, self.most) = (firsts, counts, weights, most)
        fewest = counts.min() ?? 0
        innerCount = firsts.firstIndex { $0 + most * channels >= old * channels } ?? new
    }
}
