import FixtureSupport
import Foundation
import Imaging
import Tensors
import Testing

@Suite struct EncodingTests {
    private func noise(_ height: Int, _ width: Int) -> Image {
        Image(Tensor(shape: [height, width, 3], scalars: hashUniform("noise", height * width * 3, 0, 255)))
    }

    /// Noise needs the largest buffer.
    @Test(arguments: [(1, 1), (3, 5), (64, 64), (1, 3_000), (3_000, 1), (200, 300)])
    func pngLosesNothing(height: Int, width: Int) throws {
        let image = noise(height, width)
        #expect(try Image(decoding: image.png()) == image)
    }

    @Test(arguments: [1, 50, 95, 100])
    func jpegKeepsSizeAndLooks(quality: Int) throws {
        let image = try Image(decoding: OpenCV.file("sampled_444.jpg"))
        let again = try Image(decoding: image.jpeg(quality: quality))
        #expect(again.shape == image.shape)
        let error = zip(image.pixels, again.pixels).map { abs(Double($0) - Double($1)) }.reduce(0, +)
        #expect(error / Double(image.pixels.count) < [1: 40, 50: 20, 95: 12, 100: 12][quality, default: 0])
        #expect(try noise(65, 33).jpeg(quality: quality).count > 0)
    }

    @Test func floatsBecomeBytes() {
        let scalars: [Float] = [0, 0.5, 1.5, 2.4, 254.6, 255, 256, 1e30, -1, -.infinity, .infinity, .nan]
        #expect([UInt8](rounding: scalars[...]) == [0, 0, 2, 2, 255, 255, 255, 255, 0, 0, 255, 0])
        #expect([UInt8](rounding: (0..<256).map(Float.init)[...]) == Array(0...255))
    }

    @Test func moreQualityIsMoreBytes() throws {
        let sizes = try [10, 50, 95].map { try noise(64, 64).jpeg(quality: $0).count }
        #expect(sizes == sizes.sorted() && Set(sizes).count == 3)
        #expect(try noise(64, 64).jpeg() == noise(64, 64).jpeg(quality: 95))
    }

    @Test func imagesThatDoNotFitTheirFormatAreRefused() {
        #expect(throws: ImageError.self) { try noise(2, 2).jpeg(quality: 0) }
        #expect(throws: ImageError.self) { try noise(2, 2).jpeg(quality: 101) }
        #expect(throws: ImageError.self) { try noise(1, 70_000).jpeg() }
        #expect(throws: ImageError.self) { try Image(height: 0, width: 0, pixels: []).jpeg() }
        #expect(throws: ImageError.self) { try Image(height: 0, width: 0, pixels: []).png() }
    }

    @Test func namesDecideTheFormat() throws {
        let folder = try TemporaryFolder()
        let image = noise(9, 8)
        try image.write(to: "\(folder.path)/new/a.PNG")
        #expect(try Image(contentsOf: "\(folder.path)/new/a.PNG") == image)
        try image.write(to: "\(folder.path)/a.jpeg")
        #expect(try Image(contentsOf: "\(folder.path)/a.jpeg").shape == image.shape)
        let path = "\(folder.path)/a.bmp"
        let error = #expect(throws: ImageError.self) { try image.write(to: path) }
        #expect(error?.description.hasPrefix(path) == true)
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func tensorsAreRoundedAndClamped() {
        let tensor = Tensor(shape: [1, 3, 3], scalars: [-3, 0.5, 1.5, 254.5, 255.4, 300, .nan, .infinity, 7])
        #expect(Image(tensor).pixels == [0, 0, 2, 254, 255, 255, 0, 255, 7])
        let image = noise(4, 5)
        #expect(Image(Tensor(image)) == image)
    }
}
