import ComputeGraph
import FixtureSupport
import Tensors
import Testing

/// A step of an optimizer changes the weights that are trained, by the gradients of the loss and of the penalties.
@Suite struct UpdateTests {
    private let kernel = ParameterID(0), bias = ParameterID(1)

    /// A kernel with both penalties and a frozen bias with one. All gradients are 10.
    private func parameters(on backend: TestBackend) throws -> any ParameterStorage {
        var graph = try Graph(.dense(units: 3, useBias: true), inputs: [[1]], trainable: [true, false])
        graph[kernel].penalty = Penalty(l1: 0.5, l2: 0.25)
        graph[bias].penalty = Penalty(l1: 2)
        let parameters = try backend.backend.load(graph).parameters
        parameters.setWeight(kernel, to: Tensor(shape: [1, 3], scalars: [1, -2, 0]))
        parameters.setWeight(bias, to: Tensor(shape: [3], scalars: [3, -4, 0]))
        parameters.withGradients { gradients in
            for parameter in [kernel, bias] { for i in parameters.gradientRange(of: parameter) { gradients[i] = 10 } }
        }
        return parameters
    }

    /// The weights minus their gradients.
    private let descent = {
        var rule = UpdateRule()
        rule.set(.weight, to: .weight - .gradient)
        return rule
    }()

    @Test(arguments: TestBackend.allCases) func anUpdateAddsThePenaltiesIfItIsTold(_ backend: TestBackend) throws {
        let without = try parameters(on: backend), with = try parameters(on: backend)
        without.update(descent, addingPenalties: false)
        #expect(without.weight(kernel).scalars == [-9, -12, -10])
        with.update(descent, addingPenalties: true)
        // To 10 it adds 0.5 times the weight and 0.5 times its sign, which is 0 at 0: 11, 8.5 and 10.
        #expect(with.weight(kernel).scalars == [-10, -10.5, -10])
        for parameters in [without, with] {
            #expect(parameters.weight(bias).scalars == [3, -4, 0])
            #expect(parameters.gradient(kernel).scalars == [10, 10, 10])
        }
    }

    /// Threads divide a large weight between them.
    @Test(arguments: TestBackend.allCases) func everyElementOfALargeWeightIsUpdatedOnce(_ backend: TestBackend) throws {
        let count = 100_003
        var graph = try Graph(.dense(units: count, useBias: false), inputs: [[1]])
        graph[kernel].penalty = Penalty(l2: 0.25)
        let parameters = try backend.backend.load(graph).parameters
        let start = randomTensor([1, count], 0), gradient = randomTensor([1, count], 1).scalars
        parameters.setWeight(kernel, to: start)
        parameters.makeSlots(count: 2, value: 3)
        parameters.withGradients { gradients in
            for (i, value) in zip(parameters.gradientRange(of: kernel), gradient) { gradients[i] = value }
        }
        var rule = UpdateRule()
        rule.set(.slot(1), to: .slot(1) + .gradient)
        rule.set(.weight, to: .weight - .slot(1))
        for _ in 0..<2 { parameters.update(rule, addingPenalties: true) }

        var weight = start.scalars, slot = [Float](repeating: 3, count: count)
        for _ in 0..<2 {
            for i in 0..<count {
                slot[i] += gradient[i] + 0.5 * weight[i]
                weight[i] -= slot[i]
            }
        }
        #expect(parameters.weight(kernel).scalars == weight)
        #expect(parameters.slot(1, of: kernel).scalars == slot)
        #expect(parameters.slot(0, of: kernel).scalars.allSatisfy { $0 == 3 })
    }

    @Test(arguments: TestBackend.allCases) func penaltiesMayBeAddedBeforeTheUpdate(_ backend: TestBackend) throws {
        let parameters = try parameters(on: backend)
        parameters.addPenaltyGradients()
        #expect(parameters.gradient(kernel).scalars == [11, 8.5, 10])
        #expect(parameters.gradient(bias).scalars == [10, 10, 10])
        parameters.update(descent, addingPenalties: false)
        #expect(parameters.weight(kernel).scalars == [-10, -10.5, -10])
    }

    @Test(arguments: TestBackend.allCases) func penaltiesAreSums(_ backend: TestBackend) throws {
        let parameters = try parameters(on: backend)
        // 0.5 times 3 plus 0.25 times 5, and for the frozen bias 2 times 7.
        #expect(parameters.penalty(includingFrozen: false) == 2.75)
        #expect(parameters.penalty(includingFrozen: true) == 16.75)
    }
}
