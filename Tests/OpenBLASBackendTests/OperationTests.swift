import ComputeGraph
import OpenBLASBackend
import Tensors
import Testing

/// Cases small enough to compute by hand.
@Suite struct OperationTests {
    private func window(_ kernel: Int, _ stride: Int, _ padding: Padding) -> SlidingWindow {
        SlidingWindow(kernel: Size2D(kernel, kernel), strides: Size2D(stride, stride), padding: padding)
    }
    private func image(_ scalars: [Float], _ height: Int, _ width: Int) -> Tensor {
        Tensor(shape: [1, height, width, 1], scalars: scalars)
    }
    private let oneToNine = (1...9).map(Float.init), oneToSixteen = (1...16).map(Float.init)

    @Test func convolutionPadsTheSmallerHalfFirst() throws {
        let ones = Tensor(repeating: 1, shape: [3, 3, 1, 1])
        let operation = Operation.conv2D(window(3, 2, .same), filters: 1, useBias: false)
        // A 3x3 window with stride 2 needs a row of padding on every side.
        let odd = try output(operation, [image(oneToNine, 3, 3)], shape: [2, 2, 1], parameters: [ones])
        #expect(odd.scalars == [12, 16, 24, 28])
        // A 4x4 image with stride 2 needs one row and one column, after the image.
        let even = try output(operation, [image(oneToSixteen, 4, 4)], shape: [2, 2, 1], parameters: [ones])
        #expect(even.scalars == [54, 45, 72, 54])
    }

    @Test func convolutionDoesNotFlipItsKernel() throws {
        let kernel = Tensor(shape: [2, 2, 1, 1], scalars: [1, 10, 100, 1000])
        let y = try output(
            .conv2D(window(2, 1, .valid), filters: 1, useBias: true), [image(oneToNine, 3, 3)], shape: [2, 2, 1],
            parameters: [kernel, Tensor(shape: [1], scalars: [0.5])])
        #expect(y.scalars == [5421.5, 6532.5, 8754.5, 9865.5])
    }

    @Test func maxPoolingGivesTheGradientToTheFirstOfEquals() throws {
        let x = image([1, 3, 3, 3, 2, 3, 0, 1, 3], 3, 3)
        let gradient = try inputGradient(.maxPooling2D(window(3, 1, .valid)), x, shape: [1, 1, 1], [5])
        #expect(gradient == [0, 5, 0, 0, 0, 0, 0, 0, 0])
        let overlapping = try inputGradient(
            .maxPooling2D(window(2, 1, .valid)), x, shape: [2, 2, 1], [1, 10, 100, 1000])
        #expect(overlapping == [0, 11, 0, 100, 0, 1000, 0, 0, 0])
    }

    @Test func paddingNeverWins() throws {
        let x = image([-4, -3, -2, -1], 2, 2)
        let y = try output(.maxPooling2D(window(3, 2, .same)), [x], shape: [1, 1, 1])
        #expect(y.scalars == [-1])
        let everywhere = try output(.maxPooling2D(window(3, 1, .same)), [image([-5], 1, 1)], shape: [1, 1, 1])
        #expect(everywhere.scalars == [-5])
    }

    @Test func paddingDoesNotCountInAverages() throws {
        let y = try output(.averagePooling2D(window(3, 2, .same)), [image(oneToNine, 3, 3)], shape: [2, 2, 1])
        #expect(y.scalars == [3, 4, 6, 7])
    }

    @Test func derivativesAtZeroAreThoseOfKeras() throws {
        let x = Tensor(shape: [1, 3], scalars: [-1, 0, 1])
        #expect(try inputGradient(.activation(.relu), x, shape: [3], [1, 1, 1]) == [0, 0, 1])
        #expect(try inputGradient(.activation(.elu(alpha: 0.5)), x, shape: [3], [1, 1, 1])[1] == 0.5)
    }

    @Test func softmaxDoesNotOverflow() throws {
        let y = try output(.activation(.softmax), [Tensor(shape: [1, 3], scalars: [1000, 1000, -1000])], shape: [3])
        #expect(y.scalars == [0.5, 0.5, 0])
    }

    @Test func concatenationIsAlongTheLastAxis() throws {
        let a = Tensor(shape: [1, 2, 1, 1], scalars: [1, 2]), b = Tensor(shape: [1, 2, 1, 2], scalars: [3, 4, 5, 6])
        #expect(try output(.concatenate, [a, b], shape: [2, 1, 3]).scalars == [1, 3, 4, 2, 5, 6])
    }

    @Test func trainingUsesBatchStatisticsAndUpdatesMovingOnes() throws {
        let graph = graph(
            .batchNormalization(epsilon: 0, momentum: 0.75, isFrozen: false), inputs: [[1]], output: [1],
            parameters: [[1], [1], [1], [1]], trainable: [true, true, false, false])
        let loaded = try OpenBLASBackend(threads: 2).load(graph)
        for (index, value) in [2, 1, 10, 8].enumerated() {
            loaded.parameters.setWeight(index, to: Tensor(shape: [1], scalars: [Float(value)]))
        }
        let x = Tensor(shape: [4, 1], scalars: [1, 1, 5, 5])  // mean 3, biased variance 4
        let training = try loaded.plan(batchSize: 4, mode: .training(outputs: [1], inputGradients: false))
        #expect(try training.forward([x], dropout: nil)[0].scalars == [-1, -1, 3, 3])
        #expect(loaded.parameters.weight(2).scalars == [10 * 0.75 + 3 * 0.25])
        #expect(loaded.parameters.weight(3).scalars == [8 * 0.75 + 4 * 0.25])

        // Inference uses the moving statistics and does not change them.
        loaded.parameters.setWeight(2, to: Tensor(shape: [1], scalars: [1]))
        loaded.parameters.setWeight(3, to: Tensor(shape: [1], scalars: [16]))
        let inference = try loaded.plan(batchSize: 4, mode: .inference(outputs: [1]))
        #expect(try inference.forward([x], dropout: nil)[0].scalars == [1, 1, 3, 3])
        #expect(loaded.parameters.weight(2).scalars == [1])
    }

    @Test func aLargeMeanCostsNoDigits() throws {
        let graph = graph(
            .batchNormalization(epsilon: 0, momentum: 0, isFrozen: false), inputs: [[1]], output: [1],
            parameters: [[1], [1], [1], [1]], trainable: [true, true, false, false])
        let loaded = try OpenBLASBackend(threads: 2).load(graph)
        loaded.parameters.setWeight(0, to: Tensor(shape: [1], scalars: [1]))
        let plan = try loaded.plan(batchSize: 4, mode: .training(outputs: [1], inputGradients: false))
        let x = Tensor(shape: [4, 1], scalars: [100_000, 100_001, 100_002, 100_003])
        let y = try plan.forward([x], dropout: nil)[0]
        for (found, distance) in zip(y.scalars, [-1.5, -0.5, 0.5, 1.5]) {
            #expect(abs(Double(found) - distance / 1.25.squareRoot()) < 1e-6)
        }
    }

    @Test func dropoutFollowsTheStream() throws {
        // The node has number 1, and the last block of four is not full.
        let shape: Shape = [301], count = 10 * 301, rate: Float = 0.3
        let graph = graph(.dropout(rate: rate), inputs: [shape], output: shape)
        let plan = try OpenBLASBackend(threads: 2).load(graph)
            .plan(batchSize: 10, mode: .training(outputs: [1], inputGradients: true))
        let stream = RandomStream(seed: 5, purpose: .dropout, epoch: 2, index: 7)
        let ones = Tensor(repeating: 1, shape: shape.batched(10))
        let y = try plan.forward([ones], dropout: stream)[0]
        let expected: [Float] = (0..<count).map { stream.uniform(1 << 36 + $0) >= rate ? 1 / (1 - rate) : 0 }
        #expect(y.scalars == expected)
        #expect(try plan.backward([ones])[0].scalars == expected)
        let kept = Double(y.scalars.filter { $0 != 0 }.count) / Double(count)
        #expect(abs(kept - 0.7) < 0.03)

        let other = try plan.forward([ones], dropout: RandomStream(seed: 5, purpose: .dropout, epoch: 2, index: 8))[0]
        #expect(other != y)
        #expect(try output(.dropout(rate: rate), [ones], shape: shape) == ones)
    }
}
