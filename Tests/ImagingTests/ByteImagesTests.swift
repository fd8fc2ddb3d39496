import Imaging
import Tensors
import Testing

@Suite struct ByteImagesTests {
    /// Two images of 1x2 pixels. The first channel counts up, the second is constant, the third has every kind of byte.
    private let images = ByteImages(shape: [2, 1, 2, 3], bytes: [1, 7, 0, 3, 7, 255, 5, 7, 128, 7, 7, 1])

    private static let conversions: [ByteConversion] = [
        .plain, .unit, .symmetric, .centered(mean: Tensor(shape: [1, 2, 3], scalars: [3, 7, 64.5, 5.25, 7, 0.1])),
        .standardized(
            mean: Tensor(shape: [1, 2, 3], scalars: [4, 7, 96, 4.5, 7, 0.1]),
            divisor: Tensor(shape: [1, 2, 3], scalars: [2.236068, 1e-6, 105.7, 3, 1, 7])),
        .reversed(means: [3, 0.5, 100], divisor: 7),
    ]

    /// The float at a place, where the byte is this.
    private func value(_ byte: UInt8, at place: Int, _ conversion: ByteConversion) -> Float {
        switch conversion {
        case .plain: Float(byte)
        case .unit: Float(byte) / 255
        case .symmetric: Float(byte) / 127.5 - 1
        case .centered(let mean): Float(byte) - mean.scalars[place % 6]
        case .standardized(let mean, let divisor):
            (Float(byte) - mean.scalars[place % 6]) / divisor.scalars[place % 6]
        case .reversed(let means, let divisor):
            (Float(images.bytes[place / 3 * 3 + 2 - place % 3]) - means[place % 3]) / divisor
        }
    }

    @Test(arguments: conversions) func bytesBecomeFloatsInTheirOrder(conversion: ByteConversion) {
        var images = images
        images.conversion = conversion
        let expected = images.bytes.enumerated().map { value($1, at: $0, conversion) }
        #expect(images.tensor == Tensor(shape: [2, 1, 2, 3], scalars: expected))
        for row in 0..<2 {
            let floats = [Float](unsafeUninitializedCapacity: 6) { buffer, count in
                if let target = buffer.baseAddress { images.copyImage(row, to: target) }
                count = 6
            }
            #expect(floats == Array(expected[row * 6..<(row + 1) * 6]))
            #expect(images[rows: row..<row + 1].tensor.scalars == floats)
        }
        #expect(images.gathered(rows: [1, 0, 1]).tensor == images.tensor.gathered(rows: [1, 0, 1]))
        // A mean image is mirrored with the images.
        #expect(images.mirrored().tensor == images.tensor.mirrored() && images.mirrored() != images)
    }

    @Test func everyByteIsTheFloatThatItsNameSays() {
        let all = ByteImages(shape: [256, 1, 1, 1], bytes: Array(0...255))
        #expect(all.tensor.scalars == (0..<256).map(Float.init))
        #expect([UInt8](rounding: all.tensor.scalars[...]) == all.bytes)
        #expect(Tensor(images.image(1)).scalars == [5, 7, 128, 7, 7, 1])
    }

    @Test func theMeanImageIsTheMeanOfEveryValue() {
        #expect(images.meanImage() == Tensor(shape: [1, 2, 3], scalars: [3, 7, 64, 5, 7, 128]))
        #expect(ByteImages(shape: [0, 1, 1, 3], bytes: []).meanImage().scalars == [0, 0, 0])
    }

    @Test func aChannelHasAMeanAndADeviation() {
        let (mean, deviation) = images.channelStatistics()
        #expect(mean == [4, 7, 96])
        #expect(abs(deviation[0] - 2.236068) < 1e-6 && deviation[1] == 0 && abs(deviation[2] - 105.52962) < 1e-4)
    }

    @Test func tensorsAreImagesToo() {
        let tensor = images.tensor
        let floats = [Float](unsafeUninitializedCapacity: 6) { buffer, count in
            if let target = buffer.baseAddress { tensor.copyImage(1, to: target) }
            count = 6
        }
        #expect(floats == Array(tensor.scalars[6...]))
    }
}
