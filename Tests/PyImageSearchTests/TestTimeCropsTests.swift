import FixtureSupport
import Imaging
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

@Suite struct TestTimeCropsTests {
    /// Red encodes the column and green the row, in 250 steps each.
    private func ramp(height: Int, width: Int) -> Image {
        var pixels: [UInt8] = []
        for row in 0..<height {
            for column in 0..<width { pixels += [UInt8(column * 250 / width), UInt8(row * 250 / height), 0] }
        }
        return Image(height: height, width: width, pixels: pixels)
    }

    /// The positions of a view's columns and rows in a ramp of `height` and `width`, in pixels of the ramp.
    private func place(
        _ view: Image, height: Int, width: Int
    ) -> (left: Double, right: Double, top: Double, bottom: Double) {
        let last = view.pixels.count - 3
        func pixel(_ value: UInt8, _ size: Int) -> Double { Double(value) * Double(size) / 250 }
        return (
            pixel(view.pixels[0], width), pixel(view.pixels[last], width), pixel(view.pixels[1], height),
            pixel(view.pixels[last + 1], height)
        )
    }

    /// The paper's enumeration again, in numbers: scale, square, view; the mirror images follow the views of a square.
    @Test(arguments: [(600, 900), (900, 600), (700, 700), (300, 200), (256, 256)])
    func theViewsAreThePapers(height: Int, width: Int) throws {
        let crops = TestTimeCrops.paper()
        #expect(crops.count == 144)
        let views = try crops.crops(of: ramp(height: height, width: width))
        #expect(views.count == 144 && views.allSatisfy { $0.height == 224 && $0.width == 224 })
        let shorter = Double(min(height, width)), excess = Double(max(height, width)) - shorter
        var number = 0
        for scale in [256, 288, 320, 352] as [Double] {
            for square in [0, excess / 2, excess] {
                let unit = shorter / scale  // pixels of the image to one of the view
                let margin = (scale - 224) * unit
                let corners = [(0, 0), (0, margin), (margin, margin), (margin, 0), (margin / 2, margin / 2)]
                for (top, left, size) in corners.map({ ($0.0, $0.1, 224 * unit) }) + [(0, 0, shorter)] {
                    let left = left + (width > height ? square : 0), top = top + (height > width ? square : 0)
                    let view = place(views[number], height: height, width: width)
                    // A step of color is up to 3.6 pixels; a pixel of the view is `unit` of the image's.
                    let tolerance = Double(max(height, width)) / 250 + 2 * max(unit, 1)
                    #expect(abs(view.left - left) < tolerance && abs(view.right - (left + size)) < tolerance)
                    #expect(abs(view.top - top) < tolerance && abs(view.bottom - (top + size)) < tolerance)
                    #expect(views[number + 6] == views[number].mirrored())
                    number += 1
                }
                number += 6
            }
        }
        #expect(number == 144)
    }

    @Test func cornersAreThePixelsOfTheScaledSquare() throws {
        let image = ramp(height: 300, width: 500)
        let square = image.cropped(rows: 0..<300, columns: 100..<400)
            .resized(width: 256, height: 256, interpolation: .area)
        let ten = try TestTimeCrops.ten().crops(of: image)
        #expect(ten.count == 10)
        #expect(ten[1] == square.cropped(rows: 0..<224, columns: 32..<256))
        #expect(ten[4] == square.cropped(rows: 16..<240, columns: 16..<240))
        #expect(try TestTimeCrops.center().crops(of: image) == [ten[4]])
        // The book's ten views are the same of a square that has been scaled.
        #expect(try CropPreprocessor(width: 224, height: 224).crops(of: square) == ten)
        // They are also the paper's for the center square of the first scale.
        let paper = try TestTimeCrops.paper().crops(of: image)
        #expect(paper[12..<17] + paper[18..<23] == ten[...])
        #expect(paper[17] == square.resized(width: 224, height: 224, interpolation: .area))
    }

    @Test func tinyImagesAreScaledUp() throws {
        for (height, width) in [(1, 1), (3, 5000), (5000, 3)] {
            let image = Image(
                height: height, width: width, pixels: [UInt8](repeating: 9, count: 3 * height * width))
            let views = try TestTimeCrops.paper().crops(of: image)
            #expect(views.count == 144 && views.allSatisfy { $0.pixels.allSatisfy { $0 == 9 } })
        }
    }

    /// The mean over 144 views is the mean of 144 predictions of one view each.
    @Test func probabilitiesAreAveraged() throws {
        let input = Input(shape: [16, 16, 3])
        let features = Conv2D(4, kernelSize: (3, 3), strides: (2, 2), activation: .relu, name: "conv")(input)
        let model = try Model(
            inputs: input, outputs: Dense(3, activation: .softmax, name: "output")(Flatten(name: "flat")(features))
        ).on(.any)
        let images = [(40, 60), (50, 30)].map { height, width in
            let values = hashUniform("crops \(height)", height * width * 3, 0, 255)
            return Image(height: height, width: width, pixels: values.map { UInt8($0) })
        }
        let crops = TestTimeCrops.paper(side: 16, scales: [20, 24, 28, 32])
        let (averages, labels) = try model.predict(
            views: crops, of: zip(images, [5, 3]).map { .success((image: $0, label: $1)) }, count: 2,
            preprocessor: MeanPreprocessor(red: 120, green: 110, blue: 100), batchSize: 7)
        #expect(averages.shape == [2, 3] && labels == [5, 3])

        for (number, image) in images.enumerated() {
            var sums = [Double](repeating: 0, count: 3), count = 0
            let shorter = min(image.height, image.width), excess = max(image.height, image.width) - shorter
            for scale in [20, 24, 28, 32] {
                for start in [0, excess / 2, excess] {
                    let isPortrait = image.height > image.width
                    let (top, left) = isPortrait ? (start, 0) : (0, start)
                    let square = image.cropped(rows: top..<top + shorter, columns: left..<left + shorter)
                        .resized(width: scale, height: scale, interpolation: scale < shorter ? .area : .linear)
                    let d = scale - 16
                    var views = [(0, 0), (0, d), (d, 0), (d, d), (d / 2, d / 2)]
                        .map { square.cropped(rows: $0..<$0 + 16, columns: $1..<$1 + 16) }
                    views.append(square.resized(width: 16, height: 16, interpolation: .area))
                    for view in views.flatMap({ [$0, $0.mirrored()] }) {
                        var input = Tensor(view)
                        for i in input.scalars.indices { input.scalars[i] -= [120, 110, 100][i % 3] }
                        let prediction = try model.predict(Tensor(shape: [1, 16, 16, 3], scalars: input.scalars))
                        for i in 0..<3 { sums[i] += Double(prediction.scalars[i]) }
                        count += 1
                    }
                }
            }
            #expect(count == 144)
            for i in 0..<3 { #expect(abs(Double(averages.scalars[number * 3 + i]) - sums[i] / 144) < 1e-6) }
        }
    }

    /// An image is requested when the images before it have been predicted, for any batch size. The means do not
    /// change.
    @Test(arguments: [1, 10, 25, 1000])
    func imagesAreRequestedWhenTheyAreNeeded(batchSize: Int) throws {
        let input = Input(shape: [2, 2, 1])
        let model = try Model(inputs: input, outputs: Flatten()(input)).on(.any)
        var asked = 0
        let images = (0..<7).lazy.map { number -> Result<(image: Tensor, label: Int), any Error> in
            asked = number + 1
            return .success((Tensor(repeating: Float(number), shape: [3, 3, 1]), number))
        }
        struct Enough: Error {}
        func predict(_ images: some Sequence<Result<(image: Tensor, label: Int), any Error>>) throws -> (Tensor, [Int])
        {
            try model.predict(
                views: CropPreprocessor(width: 2, height: 2), of: images, count: 7,
                preprocessor: ImageToArrayPreprocessor(), batchSize: batchSize)
        }
        let (averages, labels) = try predict(images)
        #expect(labels == Array(0..<7) && averages.scalars == (0..<28).map { Float($0 / 4) })
        let (none, noLabels) = try predict(images.prefix(0))
        #expect(none.shape == [0, 4] && noLabels.isEmpty)
        // A failure ends the prediction, and later images are not requested.
        asked = 0
        #expect(throws: Enough.self) {
            try predict(images.map { $0.flatMap { $0.label == 3 ? .failure(Enough()) : .success($0) } })
        }
        #expect(asked == 4)
    }

    @Test func filesAreDecodedInTheirOrder() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        var samples: [(path: String, label: Int)] = []
        for number in 0..<5 {
            let image = Image(height: 1, width: number + 1, pixels: [UInt8](repeating: 9, count: 3 * (number + 1)))
            samples.append(("\(folder.path)/\(number).png", 10 * number))
            if number != 3 { try image.write(to: samples[number].path) }
        }
        for jobs in [1, 2, 16] {
            let all = Array(DecodedImages(samples, jobs: jobs))
            #expect(all.count == 5 && (try? all[3].get()) == nil)
            #expect(try all[4].get().image.width == 5 && all[4].get().label == 40)
            var left: [String] = []
            let readable = try DecodedImages(samples, jobs: jobs) { left.append("\($0)") }.map { try $0.get() }
            #expect(readable.map(\.image.width) == [1, 2, 3, 5] && readable.map(\.label) == [0, 10, 20, 40])
            #expect(left.count == 1 && left[0].contains("3.png"))
        }
    }

    @Test func theCenterCropIsTheMiddleOfTheImage() throws {
        let image = Tensor(shape: [5, 6, 1], scalars: (0..<30).map(Float.init))
        let middle = try CenterCropPreprocessor(width: 2, height: 2).preprocess(image)
        #expect(middle.scalars == [8, 9, 14, 15])
        #expect(throws: PreprocessingError.tooSmall(width: 7, height: 2, [5, 6, 1])) {
            try CenterCropPreprocessor(width: 7, height: 2).preprocess(image)
        }
    }
}
