import ComputeGraph
import OpenBLASBackend
import Tensors
import Testing

/// Every operation's backward pass agrees with central differences of its forward pass.
@Suite struct GradientTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let operation: Operation
        let inputs: [Shape]
        let output: Shape
        var parameters: [Shape] = []
        var trainable: [Bool]?
        var step: Float = 0.01

        var testDescription: String { "\(operation)" }
    }

    private static func window(
        _ height: Int, _ width: Int, _ rows: Int, _ columns: Int, _ padding: Padding
    ) -> SlidingWindow {
        SlidingWindow(kernel: Size2D(height, width), strides: Size2D(rows, columns), padding: padding)
    }

    static let cases: [Case] = [
        // Linear operations: any step is exact, and a large step has the smallest rounding errors.
        Case(
            operation: .conv2D(window(3, 3, 1, 1, .same), filters: 4, useBias: true), inputs: [[5, 6, 3]],
            output: [5, 6, 4], parameters: [[3, 3, 3, 4], [4]], step: 0.5),
        Case(
            operation: .conv2D(window(3, 2, 2, 1, .same), filters: 4, useBias: true), inputs: [[6, 5, 3]],
            output: [3, 5, 4], parameters: [[3, 2, 3, 4], [4]], step: 0.5),
        Case(
            operation: .conv2D(window(3, 3, 2, 2, .valid), filters: 5, useBias: false), inputs: [[8, 7, 2]],
            output: [3, 3, 5], parameters: [[3, 3, 2, 5]], step: 0.5),
        Case(
            operation: .conv2D(window(1, 1, 1, 1, .same), filters: 5, useBias: true), inputs: [[4, 3, 6]],
            output: [4, 3, 5], parameters: [[1, 1, 6, 5], [5]], step: 0.5),
        Case(
            operation: .conv2D(window(1, 1, 2, 2, .same), filters: 5, useBias: false), inputs: [[5, 4, 6]],
            output: [3, 2, 5], parameters: [[1, 1, 6, 5]], step: 0.5),
        Case(
            operation: .dense(units: 70, useBias: true), inputs: [[130]], output: [70],
            parameters: [[130, 70], [70]], step: 0.5),
        Case(
            operation: .dense(units: 4, useBias: false), inputs: [[3, 2, 5]], output: [3, 2, 4],
            parameters: [[5, 4]], step: 0.5),
        Case(
            operation: .batchNormalization(epsilon: 0.001, momentum: 0.9, isFrozen: true), inputs: [[3, 4, 5]],
            output: [3, 4, 5], parameters: [[5], [5], [5], [5]], trainable: [true, true, false, false], step: 0.5),
        Case(
            operation: .averagePooling2D(window(3, 3, 2, 2, .same)), inputs: [[6, 5, 2]], output: [3, 3, 2],
            step: 0.5),
        Case(operation: .globalAveragePooling2D, inputs: [[4, 3, 5]], output: [5], step: 0.5),
        Case(
            operation: .zeroPadding2D(top: 1, bottom: 2, left: 0, right: 3), inputs: [[3, 2, 4]],
            output: [6, 5, 4], step: 0.5),
        Case(operation: .concatenate, inputs: [[2, 3, 4], [2, 3, 1], [2, 3, 5]], output: [2, 3, 10], step: 0.5),
        Case(operation: .add, inputs: [[2, 3, 4], [2, 3, 4], [2, 3, 4]], output: [2, 3, 4], step: 0.5),
        Case(operation: .flatten, inputs: [[2, 3, 4]], output: [24], step: 0.5),
        Case(operation: .dropout(rate: 0.4), inputs: [[3, 5, 3]], output: [3, 5, 3], step: 0.5),
        Case(operation: .activation(.linear), inputs: [[7]], output: [7], step: 0.5),
        // Piecewise linear operations: a step must stay in its piece.
        Case(operation: .maxPooling2D(window(3, 3, 2, 2, .same)), inputs: [[7, 6, 2]], output: [4, 3, 2]),
        Case(operation: .maxPooling2D(window(2, 3, 1, 2, .valid)), inputs: [[5, 7, 2]], output: [4, 3, 2]),
        Case(operation: .activation(.relu), inputs: [[4, 3]], output: [4, 3]),
        // Curved operations.
        Case(operation: .activation(.elu(alpha: 0.7)), inputs: [[4, 3]], output: [4, 3]),
        Case(operation: .activation(.sigmoid), inputs: [[4, 3]], output: [4, 3]),
        Case(operation: .activation(.tanh), inputs: [[4, 3]], output: [4, 3]),
        Case(operation: .activation(.softmax), inputs: [[2, 2, 6]], output: [2, 2, 6]),
        Case(
            operation: .batchNormalization(epsilon: 0.001, momentum: 0.9, isFrozen: false), inputs: [[3, 4, 5]],
            output: [3, 4, 5], parameters: [[5], [5], [5], [5]], trainable: [true, true, false, false]),
        Case(
            operation: .batchNormalization(epsilon: 0.001, momentum: 0.9, isFrozen: false), inputs: [[6]],
            output: [6], parameters: [[6], [6], [6], [6]], trainable: [true, true, false, false]),
        Case(
            operation: .localResponseNormalization(depthRadius: 2, bias: 1.5, alpha: 0.3, beta: 0.75),
            inputs: [[2, 3, 8]], output: [2, 3, 8]),
    ]

    @Test(arguments: cases)
    func gradientsAgreeWithFiniteDifferences(_ c: Case) throws {
        let batchSize = 3
        let graph = graph(
            c.operation, inputs: c.inputs, output: c.output, parameters: c.parameters, trainable: c.trainable)
        let loaded = try OpenBLASBackend(threads: 2).load(graph)
        for (index, shape) in c.parameters.enumerated() {
            // Positive, because a variance must be.
            let random = randomTensor(shape, 100 + index)
            loaded.parameters.setWeight(index, to: Tensor(shape: shape, scalars: random.scalars.map { $0 / 2 + 1 }))
        }
        let plan = try loaded.plan(
            batchSize: batchSize, mode: .training(outputs: graph.outputs, inputGradients: true))
        let dropout = RandomStream(seed: 3, purpose: .dropout, index: 1)
        var inputs = c.inputs.enumerated().map { separatedTensor($1.batched(batchSize), $0) }
        let dy = randomTensor(c.output.batched(batchSize), 50)
        func currentLoss() throws -> Double { loss(try plan.forward(inputs, dropout: dropout)[0], dy) }

        _ = try plan.forward(inputs, dropout: dropout)
        let inputGradients = try plan.backward([dy])
        let gradients = c.parameters.indices.map { loaded.parameters.gradient($0) }

        /// Checks some elements of a gradient. `change` adds to an element of the input or parameter.
        func check(_ gradient: Tensor, _ what: String, _ change: (_ element: Int, _ amount: Float) -> Void) throws {
            let scale = Double(gradient.scalars.reduce(0) { max($0, abs($1)) })
            for sample in 0..<min(12, gradient.count) {
                let i = sample * 7919 % gradient.count
                change(i, c.step)
                let above = try currentLoss()
                change(i, -2 * c.step)
                let below = try currentLoss()
                change(i, c.step)
                let expected = (above - below) / (2 * Double(c.step))
                let found = Double(gradient.scalars[i])
                #expect(
                    abs(found - expected) <= 2e-3 * max(scale, 0.1), "\(what)[\(i)]: \(found), expected \(expected)")
            }
        }
        for (index, gradient) in inputGradients.enumerated() {
            try check(gradient, "input \(index)") { inputs[index].scalars[$0] += $1 }
        }
        for (index, gradient) in gradients.enumerated() where graph.parameters[index].isTrainable {
            try check(gradient, "parameter \(index)") { element, amount in
                var weight = loaded.parameters.weight(index)
                weight.scalars[element] += amount
                loaded.parameters.setWeight(index, to: weight)
            }
        }
    }
}
