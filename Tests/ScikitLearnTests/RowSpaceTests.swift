import FixtureSupport
import Foundation
import HDF5
import NeuralNetwork
@testable import ScikitLearn
import Tensors
import Testing

/// Samples with more features than samples, of which one stands twice and one is 0; see Fixtures/make_wide.py.
@Suite struct RowSpaceTests {
    private let file: FixtureGroup
    private let x: Tensor

    init() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        file = try FixtureGroup(HDF5File(reading: folder.appendingPathComponent("Fixtures/wide.hdf5").path).root)
        x = try file.tensor("x")
    }

    @Test(arguments: ["three_classes", "two_classes"])
    func coefficientsAndStepsAreScikitLearns(_ problem: String) throws {
        let group = try FixtureGroup(file.group.group(problem)), labels = try group.integers("labels")
        let cases = try group.group.names().filter { $0.hasPrefix("C") }
        #expect(cases.count == 4)
        for name in cases {
            let expected = try FixtureGroup(group.group.group(name)), c = try expected.number("C")
            var exact = LogisticRegression(c: c, tolerance: 1e-10, maxIterations: 10_000)
            try exact.fit(x, labels) { _ in }
            // With C = 100 the function is flat, and both solvers stop where it no longer falls.
            func off(_ found: some Collection<Double>, _ expected: [Double]) -> Double {
                largestDifference(found, expected) / (expected.map(abs).max() ?? 0)
            }
            #expect(
                off(exact.coefficients.joined(), try expected.doubles("coef")) <= (c < 100 ? 1e-6 : 1e-4), "\(name)")
            #expect(off(exact.intercepts, try expected.doubles("intercept")) <= (c < 100 ? 1e-6 : 1e-4), "\(name)")

            var usual = LogisticRegression(c: c)
            try usual.fit(x, labels)
            let steps = try expected.number("steps")
            #expect(abs(Double(usual.iterations[0]) - steps) <= max(1, 0.05 * steps), "\(name): \(usual.iterations)")
        }
    }

    @Test func theBasisIsOrthonormalAndGivesTheSamplesBack() throws {
        let space = try #require(RowSpace(x)), samples = x.rowCount, features = x.shape[1]
        let back = space.features(0..<features, of: space.coordinates, count: samples)
        #expect(largestDifference(back, x.scalars.map(Double.init)) < 1e-12)
        let axes = (0..<samples * samples).map { $0 % (samples + 1) == 0 ? 1.0 : 0 }
        let basis = space.features(0..<features, of: axes, count: samples)
        for first in 0..<samples {
            for second in 0..<samples {
                var product = 0.0
                for feature in 0..<features {
                    product += basis[first * features + feature] * basis[second * features + feature]
                }
                #expect(abs(product - axes[first * samples + second]) < 1e-12)
            }
        }
        let part = space.features(100..<103, of: axes, count: samples)
        let expected = (0..<samples).flatMap { sample in
            Array(basis[sample * features + 100..<sample * features + 103])
        }
        #expect(part == expected)
    }

    @Test func fewFeaturesNeedNoSpace() {
        #expect(RowSpace(Tensor(shape: [10, 19])) == nil)
        #expect(RowSpace(Tensor(shape: [10, 20])) != nil)
    }
}
