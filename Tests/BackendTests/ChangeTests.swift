import FixtureSupport
import Tensors
import Testing

/// The comparison of what training changed sees weights that were not updated, whatever the weights are.
@Suite struct ChangeTests {
    private let before = [hashUniform("before/kernel", shape: [6, 5], -1, 1), Tensor(shape: [5])]
    private let names = ["kernel", "bias"]

    /// The weights after steps of these sizes, in one direction for each tensor.
    private func after(_ kernel: Float, _ bias: Float) -> [Tensor] {
        zip(before, [("kernel", kernel), ("bias", bias)]).map { weights, step in
            var weights = weights
            let direction = hashUniform("step/\(step.0)", shape: weights.shape, 0.5, 1)
            for index in weights.scalars.indices { weights.scalars[index] += step.1 * direction.scalars[index] }
            return weights
        }
    }

    private func differences(_ found: [Tensor], _ reference: [Tensor]) -> [Double] {
        Change.all(names, before: before, after: found, reference: reference).map(\.difference)
    }

    @Test(arguments: [1, 1e-2, 1e-4] as [Float])
    func withoutAnUpdateTheWholeChangeIsMissing(_ step: Float) {
        for difference in differences(before, after(step, step)) { #expect(difference == 1) }
    }

    @Test func aChangeIsComparedWithItself() {
        let differences = differences(after(0.011, 0.0005), after(0.01, 0.001))
        #expect(abs(differences[0] - 0.1) < 1e-4 && abs(differences[1] - 0.5) < 1e-4)
    }

    /// A bias in front of a normalization has no gradient.
    @Test func whatIsRoundingIsComparedWithTheLargestChange() {
        let differences = differences(after(0.01, 3e-7), after(0.01, -2e-7))
        #expect(differences[0] == 0 && differences[1] < 1e-4)
        #expect(self.differences(after(0.01, 0.01), after(0.01, -2e-7))[1] > 0.9)
    }

    @Test func whatDoesNotChangeMustNot() {
        #expect(differences(after(0.01, 0), after(0.01, 0)) == [0, 0])
        #expect(differences(after(0, 1e-9), before) == [0, .infinity])
    }

    @Test func noNumberAndAnotherShapeAreInfinitelyOff() {
        let reference = after(0.01, 0.01)
        var found = reference
        found[0].scalars[3] = .nan
        found[1] = Tensor(shape: [6])
        #expect(differences(found, reference) == [.infinity, .infinity])
        #expect(relativeDifference(found[0], reference[0]) == .infinity)
        #expect(relativeDifference(reference[0], reference[0]) == 0)
    }
}
