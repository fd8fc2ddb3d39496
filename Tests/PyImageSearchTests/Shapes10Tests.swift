import Foundation
import PyImageSearch
import Tensors
import Testing

@Suite struct Shapes10Tests {
    @Test func aPictureIsAFunctionOfItsSeedAndNumber() {
        let few = Shapes10.load(train: 20, test: 10, seed: 3), more = Shapes10.load(train: 40, test: 20, seed: 3)
        #expect(few.trainImages == more.trainImages[rows: 0..<20])
        #expect(few.testImages == more.testImages[rows: 0..<10])
        #expect(few.trainImages[rows: 0..<10] != few.testImages)
        #expect(few.trainImages != Shapes10.load(train: 20, test: 10, seed: 4).trainImages)
    }

    @Test func classesAreEquallyFrequent() {
        let data = Shapes10.load(train: 500, test: 100)
        #expect(data.trainImages.shape == [500, 32, 32, 3])
        for label in 0..<10 { #expect(data.trainLabels.count { $0 == label } == 50) }
    }

    /// Softmax regression on the pixels, ten times over the training images, must stay weak.
    @Test func aLinearClassifierStaysUnderSixtyPercent() {
        var data = Shapes10.load()
        data.normalize(.meanImage)
        let accuracy = LinearClassifier(data, steps: 400).testAccuracy
        #expect(accuracy < 0.6)
        // It must learn something, or the test would prove nothing.
        #expect(accuracy > 0.12)
    }
}

/// Softmax regression by gradient descent with momentum.
private struct LinearClassifier {
    let testAccuracy: Double

    init(_ data: ImageDataset, steps: Int) {
        let features = data.trainImages.shape.sample.count
        let (trainImages, testImages) = (data.trainImages.tensor.scalars, data.testImages.tensor.scalars)
        var weights = [Float](repeating: 0, count: features * 10)
        var velocity = weights
        for step in 0..<steps {
            var gradient = [Float](repeating: 0, count: weights.count)
            let batch = 100
            for row in 0..<batch {
                let index = (step * batch + row) % data.trainLabels.count
                let pixels = trainImages[index * features..<(index + 1) * features]
                var p = Self.scores(weights, pixels)
                let largest = p.max() ?? 0
                p = p.map { expf($0 - largest) }
                let sum = p.reduce(0, +)
                for c in 0..<10 {
                    let error = (p[c] / sum - (c == data.trainLabels[index] ? 1 : 0)) / Float(batch) / 64
                    for (i, pixel) in pixels.enumerated() { gradient[c * features + i] += error * pixel }
                }
            }
            let rate: Float = 0.005 * (1 - Float(step) / Float(steps))
            for i in weights.indices {
                velocity[i] = 0.9 * velocity[i] - rate * gradient[i]
                weights[i] += velocity[i]
            }
        }
        var correct = 0
        for (index, label) in data.testLabels.enumerated() {
            let p = Self.scores(weights, testImages[index * features..<(index + 1) * features])
            if p.indices.max(by: { p[$0] < p[$1] }) == label { correct += 1 }
        }
        testAccuracy = Double(correct) / Double(data.testLabels.count)
    }

    private static func scores(_ weights: [Float], _ pixels: ArraySlice<Float>) -> [Float] {
        (0..<10).map { c in
            var sum: Float = 0
            for (i, pixel) in pixels.enumerated() { sum += weights[c * pixels.count + i] * pixel }
            return sum / 64
        }
    }
}
