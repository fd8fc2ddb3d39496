import Tensors

/// The fixtures' own numbers, made from a name (`Tests/Fixtures/README.md`, section 0).
public func hashUniform(_ name: String, _ count: Int, _ low: Double, _ high: Double) -> [Float] {
    var seed: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { seed = (seed ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return (0..<count).map { index in
        var z = seed &+ UInt64(index + 1) &* 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        z = z ^ (z >> 31)
        let u = Double(z >> 40) / 16_777_216
        return Float(low + u * (high - low))
    }
}

public func hashUniform(_ name: String, shape: Shape, _ low: Double, _ high: Double) -> Tensor {
    Tensor(shape: shape, scalars: hashUniform(name, shape.count, low, high))
}

/// Blocky images: coarse squares of 8x8 pixels with fine noise.
public func hashImages(_ key: String, _ shape: Shape) -> Tensor {
    let (n, h, w, c) = (shape[0], shape[1], shape[2], shape[3])
    let (rows, columns) = ((h + 7) / 8, (w + 7) / 8)
    let coarse = hashUniform("\(key)/coarse", n * rows * columns * c, -1, 1)
    var x = hashUniform("\(key)/fine", shape: shape, -0.25, 0.25)
    for b in 0..<n {
        for i in 0..<h {
            for j in 0..<w {
                for k in 0..<c {
                    x.scalars[((b * h + i) * w + j) * c + k] += coarse[((b * rows + i / 8) * columns + j / 8) * c + k]
                }
            }
        }
    }
    return x
}
