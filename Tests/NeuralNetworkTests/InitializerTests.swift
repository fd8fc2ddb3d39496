import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Initial values have the distributions of Keras's initializers.
@Suite struct InitializerTests {
    private let shape: Shape = [3, 3, 64, 64]
    private func values(_ initializer: Initializer, _ shape: Shape? = nil) -> [Double] {
        initializer(shape: shape ?? self.shape, stream: RandomStream(seed: 5, purpose: .initialization)).scalars.map(
            Double.init)
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let initializer: Initializer
        let mean, deviation: Double
        /// The largest distance from the mean, if there is one.
        var limit: Double?
        var testDescription: String { "\(initializer)" }
    }

    /// Fan-in and fan-out of the shape are 576.
    static let cases: [Case] = [
        Case(initializer: .lecunUniform, mean: 0, deviation: (1 / 576.0).squareRoot(), limit: (3 / 576.0).squareRoot()),
        Case(
            initializer: .lecunNormal, mean: 0, deviation: (1 / 576.0).squareRoot(),
            limit: 2 * (1 / 576.0).squareRoot() / 0.87962566),
        Case(
            initializer: .varianceScaling(scale: 1.5, fan: .outputs, distribution: .uniform), mean: 0,
            deviation: (1.5 / 576).squareRoot(), limit: (4.5 / 576).squareRoot()),
        Case(
            initializer: .varianceScaling(scale: 2, fan: .average, distribution: .untruncatedNormal), mean: 0,
            deviation: (2 / 576.0).squareRoot()),
        Case(initializer: .randomNormal(mean: 0.02, stddev: 0.1), mean: 0.02, deviation: 0.1),
        // Unlike the others, it does not make up for what is cut off.
        Case(
            initializer: .truncatedNormal(mean: 0.01, stddev: 0.2), mean: 0.01, deviation: 0.2 * 0.87962566,
            limit: 0.4),
        Case(
            initializer: .randomUniform(minval: -0.3, maxval: 0.4), mean: 0.05, deviation: 0.7 / 12.0.squareRoot(),
            limit: 0.35),
    ]

    @Test(arguments: cases) func momentsAreThoseOfTheDistribution(_ c: Case) {
        let values = values(c.initializer), count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
        #expect(abs(mean - c.mean) < 5 * c.deviation / count.squareRoot())
        #expect(abs(deviation / c.deviation - 1) < 0.02)
        let largest = values.reduce(0) { max($0, abs($1 - c.mean)) }
        if let limit = c.limit {
            #expect(largest <= limit * (1 + 1e-6) && largest > 0.98 * limit)
        } else {
            #expect(largest > 3.5 * c.deviation)
        }
    }

    /// A depthwise kernel's fan-in is that of all its channels, as in Keras.
    @Test func fansFollowFromTheShapeAlone() {
        let largest = values(.heUniform, [3, 3, 64, 2]).reduce(0) { max($0, abs($1)) }
        let limit = (6 / 576.0).squareRoot()
        #expect(largest <= limit && largest > 0.9 * limit)
    }

    @Test(arguments: [[3, 3, 4, 16], [2, 2, 3, 40], [7, 7], [5]] as [Shape])
    func shorterSidesOfAnOrthogonalMatrixAreOrthogonal(_ shape: Shape) {
        let columns = shape.dimensions.last ?? 1, rows = shape.count / columns
        let matrix = values(.orthogonal(gain: 0.5), shape)
        func vector(_ k: Int) -> [Double] {
            columns <= rows
                ? (0..<rows).map { matrix[$0 * columns + k] } : Array(matrix[k * columns..<(k + 1) * columns])
        }
        let vectors = (0..<min(rows, columns)).map(vector)
        for (i, a) in vectors.enumerated() {
            for (j, b) in vectors.enumerated() {
                let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product - (i == j ? 0.25 : 0)) < 1e-6)
            }
        }
    }

    static let all: [Initializer] =
        cases.map(\.initializer) + [
            .zeros, .ones, .constant(0.5), .glorotUniform, .glorotNormal, .heUniform, .heNormal, .orthogonal(gain: 2),
        ]

    @Test(arguments: all) func configurationsAreReadAgain(_ initializer: Initializer) {
        #expect(Initializer(kerasConfig: initializer.kerasConfig) == initializer)
    }

    @Test func defaultsAndNamesAreKeras() {
        #expect(Initializer(kerasConfig: "random_normal") == .randomNormal(mean: 0, stddev: 0.05))
        #expect(
            Initializer(kerasConfig: ["class_name": "RandomUniform"]) == .randomUniform(minval: -0.05, maxval: 0.05))
        #expect(Initializer(kerasConfig: "orthogonal") == .orthogonal(gain: 1))
        // Keras 2.2 writes LeCun's like this.
        let lecun: JSON = [
            "class_name": "VarianceScaling", "config": ["scale": 1, "mode": "fan_in", "distribution": "normal"],
        ]
        #expect(Initializer(kerasConfig: lecun) == .lecunNormal)
        #expect(Initializer(kerasConfig: "Identity") == nil)
        #expect(Initializer(kerasConfig: ["class_name": "RandomUniform", "config": ["minval": 1]]) == nil)
    }
}
