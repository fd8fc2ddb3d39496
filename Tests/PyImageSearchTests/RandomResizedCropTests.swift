import Foundation
import PyImageSearch
import Tensors
import Testing

@Suite struct RandomResizedCropTests {
    private func random(_ index: Int, epoch: Int = 0) -> RandomStream {
        RandomStream(seed: 3, purpose: .preprocessing, epoch: epoch, index: index)
    }

    /// Every share of the area is equally likely, a ratio as likely as its inverse, and so are all positions and mirror
    /// images.
    @Test func cropsAreDistributedAsInThePaper() {
        let crop = RandomResizedCropPreprocessor(side: 224)
        let (side, count) = (1000, 4000)
        var areas = [Int](repeating: 0, count: 4), mirrored = 0, wide = 0, low = 0, right = 0
        for index in 0..<count {
            let part = crop.part(height: side, width: side, random: random(index))
            #expect((0..<side).contains(part.rows.lowerBound) && part.rows.upperBound <= side)
            #expect((0..<side).contains(part.columns.lowerBound) && part.columns.upperBound <= side)
            // Sides are whole pixels.
            let share = Double(part.rows.count * part.columns.count) / Double(side * side)
            let ratio = Double(part.columns.count) / Double(part.rows.count)
            #expect((0.0795...1).contains(share) && (0.745...1.34).contains(ratio), "\(part)")
            areas[min(Int((share - 0.08) / 0.23), 3)] += 1
            mirrored += part.isMirrored ? 1 : 0
            wide += ratio > 1 ? 1 : 0
            low += part.rows.lowerBound > side - part.rows.upperBound ? 1 : 0
            right += part.columns.lowerBound > side - part.columns.upperBound ? 1 : 0
        }
        for area in areas { #expect((900...1100).contains(area), "\(areas)") }
        for half in [mirrored, wide, low, right] {
            #expect((1880...2120).contains(half), "\(mirrored) \(wide) \(low) \(right)")
        }
    }

    /// If no such crop fits an image, the largest that fits is used. Ratios stay in range if there are enough pixels.
    @Test func cropsFitImagesOfAnyShape() {
        let crop = RandomResizedCropPreprocessor(side: 224)
        for (height, width) in [(300, 400), (900, 100), (100, 900), (333, 500), (1, 1), (3, 5000), (1, 2)] {
            for index in 0..<200 {
                let part = crop.part(height: height, width: width, random: random(index))
                #expect(!part.rows.isEmpty && part.rows.upperBound <= height && part.rows.lowerBound >= 0)
                #expect(!part.columns.isEmpty && part.columns.upperBound <= width && part.columns.lowerBound >= 0)
                guard height >= 100 else { continue }
                #expect((0.72...1.38).contains(Double(part.columns.count) / Double(part.rows.count)), "\(part)")
            }
        }
    }

    @Test func aCropIsAFunctionOfItsAddress() throws {
        let crop = RandomResizedCropPreprocessor(side: 7)
        let image = Tensor(shape: [20, 30, 3], scalars: (0..<1800).map(Float.init))
        let result = try crop.preprocess(image, random: random(5))
        #expect(result.shape == [7, 7, 3])
        #expect(try result == crop.preprocess(image, random: random(5)))
        #expect(try result != crop.preprocess(image, random: random(5, epoch: 1)))
        #expect(try result != crop.preprocess(image, random: random(6)))
        // The result is the crop, scaled and perhaps mirrored: rows rise, columns rise or fall.
        for index in 0..<20 {
            let part = crop.part(height: 20, width: 30, random: random(index))
            let scaled = try crop.preprocess(image, random: random(index))
            #expect(scaled.scalars[0] < scaled.scalars[7 * 21 - 3])
            #expect((scaled.scalars[0] > scaled.scalars[18]) == part.isMirrored)
        }
        #expect(throws: PreprocessingError.notAnImage([3, 3])) {
            try crop.preprocess(Tensor(shape: [3, 3]), random: random(0))
        }
    }
}
