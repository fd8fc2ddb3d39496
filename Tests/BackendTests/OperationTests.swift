import ComputeGraph
import FixtureSupport
import Tensors
import Testing

/// Cases small enough to compute by hand, on every backend.
@Suite struct OperationTests {
    private func window(_ kernel: Int, _ stride: Int, _ padding: Padding, dilation: Int = 1) -> SlidingWindow {
        SlidingWindow(
            kernel: Size2D(kernel, kernel), strides: Size2D(stride, stride), padding: padding,
            dilation: Size2D(dilation, dilation))
    }
    private func image(_ scalars: [Float], _ height: Int, _ width: Int) -> Tensor {
        Tensor(shape: [1, height, width, 1], scalars: scalars)
    }
    private func vector(_ scalars: [Float]) -> Tensor { Tensor(shape: [1, scalars.count], scalars: scalars) }
    private let oneToNine = (1...9).map(Float.init), oneToSixteen = (1...16).map(Float.init)

    // MARK: - Convolution

    @Test(arguments: TestBackend.allCases) func convolutionPadsTheSmallerHalfFirst(_ backend: TestBackend) throws {
        let ones = Tensor(repeating: 1, shape: [3, 3, 1, 1])
        let operation = Operation.conv2D(window(3, 2, .same), filters: 1, useBias: false)
        // A 3x3 window with stride 2 needs a row of padding on every side.
        let odd = try output(operation, [image(oneToNine, 3, 3)], parameters: [ones], on: backend)
        #expect(odd.scalars == [12, 16, 24, 28])
        // A 4x4 image with stride 2 needs one row and one column, after the image.
        let even = try output(operation, [image(oneToSixteen, 4, 4)], parameters: [ones], on: backend)
        #expect(even.scalars == [54, 45, 72, 54])
    }

    /// Windows of 7 with stride 2 over 8 rows: two rows before the image and three after it.
    @Test(arguments: TestBackend.allCases) func theSmallerHalfMayBeMoreThanNothing(_ backend: TestBackend) throws {
        // What windows over a row see of its 8 elements: 0 to 4, 0 to 6, 2 to 7 and 4 to 7.
        func outer(_ x: [Float], _ combine: (Float, Float) -> Float) -> [Float] {
            x.flatMap { a in x.map { combine(a, $0) } }
        }
        let window = window(7, 2, .same)
        let ones = Tensor(repeating: 1, shape: [7, 7, 1, 1])
        for operation in [
            Operation.conv2D(window, filters: 1, useBias: false),
            .depthwiseConv2D(window, multiplier: 1, useBias: false),
        ] {
            let y = try output(
                operation, [Tensor(repeating: 1, shape: [1, 8, 8, 1])], parameters: [ones], on: backend)
            #expect(y.scalars == outer([5, 7, 6, 4], *))
        }
        let x = image(outer((0..<8).map(Float.init)) { 10 * $0 + $1 }, 8, 8)
        let largest = try output(.maxPooling2D(window), [x], on: backend)
        #expect(largest.scalars == outer([4, 6, 7, 7]) { 10 * $0 + $1 })
        let means = Tensor(shape: [1, 4, 4, 1], scalars: outer([2, 3, 4.5, 5.5]) { 10 * $0 + $1 })
        #expect(distance(try output(.averagePooling2D(window), [x], on: backend), means) < 1e-4)
    }

    @Test(arguments: TestBackend.allCases) func convolutionDoesNotFlipItsKernel(_ backend: TestBackend) throws {
        let kernel = Tensor(shape: [2, 2, 1, 1], scalars: [1, 10, 100, 1000])
        let y = try output(
            .conv2D(window(2, 1, .valid), filters: 1, useBias: true), [image(oneToNine, 3, 3)],
            parameters: [kernel, Tensor(shape: [1], scalars: [0.5])], on: backend)
        #expect(y.scalars == [5421.5, 6532.5, 8754.5, 9865.5])
    }

    @Test(arguments: TestBackend.allCases) func aDilatedWindowHasHoles(_ backend: TestBackend) throws {
        let kernel = Tensor(shape: [2, 2, 1, 1], scalars: [1, 10, 100, 1000])
        let valid = Operation.conv2D(window(2, 1, .valid, dilation: 2), filters: 1, useBias: false)
        let corners = try output(valid, [image(oneToNine, 3, 3)], parameters: [kernel], on: backend)
        #expect(corners.scalars == [1 + 30 + 700 + 9000])
        // Three rows wide, so it needs a row before and one after.
        let same = Operation.conv2D(window(2, 1, .same, dilation: 2), filters: 1, useBias: false)
        let padded = try output(same, [image(oneToNine, 3, 3)], parameters: [kernel], on: backend)
        #expect(padded.scalars == [5000, 6400, 500, 8020, 9731, 802, 50, 64, 5])
    }

    @Test(arguments: TestBackend.allCases) func groupsSeeTheirOwnChannels(_ backend: TestBackend) throws {
        // Two groups of one filter each, which see two channels.
        let kernel = Tensor(shape: [1, 1, 2, 2], scalars: [1, 2, 10, 20])
        let x = Tensor(shape: [1, 1, 1, 4], scalars: [1, 2, 3, 4])
        let y = try output(
            .conv2D(window(1, 1, .valid), filters: 2, groups: 2, useBias: false), [x], parameters: [kernel],
            on: backend)
        #expect(y.scalars == [1 + 20, 6 + 80])
    }

    @Test(arguments: TestBackend.allCases) func depthwiseFiltersOfAChannelAreSideBySide(_ backend: TestBackend) throws {
        let kernel = Tensor(shape: [1, 1, 2, 2], scalars: [1, 10, 100, 1000])
        let x = Tensor(shape: [1, 1, 1, 2], scalars: [1, 2])
        let y = try output(
            .depthwiseConv2D(window(1, 1, .valid), multiplier: 2, useBias: true), [x],
            parameters: [kernel, Tensor(shape: [4], scalars: [0.5, 0, 0, 0.25])], on: backend)
        #expect(y.scalars == [1.5, 10, 200, 2000.25])
    }

    // MARK: - Pooling and images

    @Test(arguments: TestBackend.allCases)
    func maxPoolingGivesTheGradientToTheFirstOfEquals(_ backend: TestBackend) throws {
        let x = image([1, 3, 3, 3, 2, 3, 0, 1, 3], 3, 3)
        let gradient = try inputGradients(.maxPooling2D(window(3, 1, .valid)), [x], [5], on: backend)
        #expect(gradient == [[0, 5, 0, 0, 0, 0, 0, 0, 0]])
        let overlapping = try inputGradients(
            .maxPooling2D(window(2, 1, .valid)), [x], [1, 10, 100, 1000], on: backend)
        #expect(overlapping == [[0, 11, 0, 100, 0, 1000, 0, 0, 0]])
    }

    @Test(arguments: TestBackend.allCases)
    func equalMaximaOfAWholeImageShareTheGradient(_ backend: TestBackend) throws {
        let x = image([1, 3, 2, 3], 2, 2)
        #expect(try output(.globalMaxPooling2D, [x], on: backend).scalars == [3])
        #expect(try inputGradients(.globalMaxPooling2D, [x], [4], on: backend) == [[0, 2, 0, 2]])
    }

    @Test(arguments: TestBackend.allCases) func paddingNeverWins(_ backend: TestBackend) throws {
        let x = image([-4, -3, -2, -1], 2, 2)
        let y = try output(.maxPooling2D(window(3, 2, .same)), [x], on: backend)
        #expect(y.scalars == [-1])
        let everywhere = try output(.maxPooling2D(window(3, 1, .same)), [image([-5], 1, 1)], on: backend)
        #expect(everywhere.scalars == [-5])
    }

    @Test(arguments: TestBackend.allCases) func paddingDoesNotCountInAverages(_ backend: TestBackend) throws {
        let y = try output(.averagePooling2D(window(3, 2, .same)), [image(oneToNine, 3, 3)], on: backend)
        #expect(y.scalars == [3, 4, 6, 7])
    }

    @Test(arguments: TestBackend.allCases) func croppingKeepsTheMiddle(_ backend: TestBackend) throws {
        let y = try output(
            .cropping2D(top: 1, bottom: 0, left: 1, right: 1), [image(oneToSixteen, 4, 4)], on: backend)
        #expect(y.shape == [1, 3, 2, 1] && y.scalars == [6, 7, 10, 11, 14, 15])
    }

    @Test(arguments: TestBackend.allCases) func upSamplingRepeatsOrInterpolates(_ backend: TestBackend) throws {
        let x = image([0, 4, 8, 12], 2, 2)
        let nearest = try output(.upSampling2D(Size2D(1, 2), .nearest), [x], on: backend)
        #expect(nearest.shape == [1, 2, 4, 1] && nearest.scalars == [0, 0, 4, 4, 8, 8, 12, 12])
        let bilinear = try output(.upSampling2D(Size2D(1, 2), .bilinear), [x], on: backend)
        #expect(bilinear.scalars == [0, 1, 3, 4, 8, 9, 11, 12])
    }

    // MARK: - Activations

    struct Corner: Sendable, CustomTestStringConvertible {
        let function: ActivationFunction
        let x: Float
        let y: Float
        let slope: Float
        var testDescription: String { "\(function) at \(x)" }
    }

    /// Where one-sided derivatives differ, Keras's choice; and a few other numbers of Keras's.
    static let corners = [
        Corner(function: .relu, x: 0, y: 0, slope: 0),
        Corner(function: .elu(alpha: 0.5), x: 0, y: 0, slope: 0.5),
        Corner(function: .leakyReLU(negativeSlope: 0.25), x: 0, y: 0, slope: 0.25),
        Corner(function: .leakyReLU(negativeSlope: 0.25), x: -2, y: -0.5, slope: 0.25),
        Corner(function: .relu6, x: 0, y: 0, slope: 0),
        Corner(function: .relu6, x: 6, y: 6, slope: 0),
        Corner(function: .relu6, x: 7, y: 6, slope: 0),
        Corner(function: .rectifier(maxValue: 2, negativeSlope: 0.1, threshold: 0), x: 0, y: 0, slope: 0),
        Corner(function: .rectifier(maxValue: 2, negativeSlope: 0.1, threshold: 0), x: 3, y: 2, slope: 0),
        Corner(function: .rectifier(maxValue: nil, negativeSlope: 0.5, threshold: 1), x: 1, y: 0, slope: 0),
        Corner(function: .rectifier(maxValue: nil, negativeSlope: 0.5, threshold: 1), x: 0, y: -0.5, slope: 0.5),
        Corner(function: .rectifier(maxValue: 2, negativeSlope: 0.5, threshold: 1), x: 1.5, y: 1.5, slope: 1),
        Corner(function: .rectifier(maxValue: 2, negativeSlope: 0, threshold: 3), x: 2.5, y: 0, slope: 0),
        Corner(function: .rectifier(maxValue: 2, negativeSlope: 0, threshold: 3), x: 6, y: 2, slope: 0),
        Corner(function: .rectifier(maxValue: nil, negativeSlope: 0, threshold: 1), x: -.infinity, y: 0, slope: 0),
        Corner(function: .selu, x: 0, y: 0, slope: 1.050701),
        Corner(function: .celu(alpha: 2), x: 0, y: 0, slope: 1),
        Corner(function: .silu, x: -2.5, y: -0.189645, slope: -0.099401),
        Corner(function: .silu, x: -100, y: 0, slope: 0),
        Corner(function: .gelu(approximate: false), x: -3, y: -0.00405, slope: -0.011946),
        Corner(function: .gelu(approximate: true), x: -3, y: -0.003637, slope: -0.011584),
        Corner(function: .mish, x: -2.5, y: -0.196816, slope: -0.109744),
        Corner(function: .mish, x: 50, y: 50, slope: 1),
        Corner(function: .softplus, x: 0, y: 0.693147, slope: 0.5),
        Corner(function: .softplus, x: 100, y: 100, slope: 1),
        Corner(function: .softplus, x: -100, y: 0, slope: 0),
        Corner(function: .softplus, x: -20, y: 2.061154e-9, slope: 2.061154e-9),
        Corner(function: .exponential, x: 90, y: .infinity, slope: .infinity),
        Corner(function: .softsign, x: -3, y: -0.75, slope: 0.0625),
        Corner(function: .exponential, x: 1, y: 2.718282, slope: 2.718282),
        Corner(function: .hardSigmoid(slope: 1 / 6), x: -1, y: 0.333333, slope: 0.166667),
        Corner(function: .hardSigmoid(slope: 0.2), x: -1, y: 0.3, slope: 0.2),
        Corner(function: .hardSigmoid(slope: 0.2), x: 3, y: 1, slope: 0),
        Corner(function: .hardSilu, x: 2.5, y: 2.291667, slope: 1.333333),
        Corner(function: .hardSilu, x: -4, y: 0, slope: 0),
        Corner(function: .hardSilu, x: 4, y: 4, slope: 1),
    ]

    @Test(arguments: corners, TestBackend.allCases)
    func valuesAndSlopesAreThoseOfKeras(_ corner: Corner, _ backend: TestBackend) throws {
        let y = try output(.activation(corner.function), [vector([corner.x])], on: backend)
        func isNear(_ found: Float, _ expected: Float, _ tolerance: Float) -> Bool {
            // A positive number may be small, but not negative.
            found == expected || (abs(found - expected) <= tolerance && (expected <= 0 || found >= 0))
        }
        #expect(isNear(y.scalars[0], corner.y, 2e-6 * max(1, abs(corner.y))))
        let slope = try inputGradients(.activation(corner.function), [vector([corner.x])], [1], on: backend)[0][0]
        #expect(isNear(slope, corner.slope, 2e-6))
    }

    @Test(arguments: TestBackend.allCases) func softmaxDoesNotOverflow(_ backend: TestBackend) throws {
        let y = try output(.activation(.softmax), [vector([1000, 1000, -1000])], on: backend)
        #expect(y.scalars == [0.5, 0.5, 0])
        let logarithms = try output(.activation(.logSoftmax), [vector([100, 0, -100])], on: backend)
        #expect(logarithms.scalars == [0, -100, -200])
    }

    /// Where a NaN may turn into a number, the graph says so (``Graph/nodesThatMayBeHidden``). The readable backend keeps it.
    @Test(arguments: Set(corners.map(\.function)).union([.softmax, .logSoftmax, .sigmoid, .tanh]))
    func notANumberStaysOne(_ function: ActivationFunction) throws {
        let y = try output(.activation(function), [vector([.nan, 1])], on: .openblas)
        #expect(y.scalars[0].isNaN)
    }

    @Test(arguments: TestBackend.allCases) func notANumberBeatsAllNumbers(_ backend: TestBackend) throws {
        for operation in [Operation.maximum, .minimum] {
            let y = try output(operation, [vector([.nan, 1, 2]), vector([1, .nan, 3])], on: backend)
            #expect(y.scalars[0].isNaN && y.scalars[1].isNaN && !y.scalars[2].isNaN)
        }
        let pooled = try output(.globalMaxPooling2D, [image([1, .nan, 3, 2], 2, 2)], on: backend)
        #expect(pooled.scalars[0].isNaN)
    }

    @Test(arguments: TestBackend.allCases) func anAlphaMayBeShared(_ backend: TestBackend) throws {
        let x = Tensor(shape: [1, 2, 1, 2], scalars: [-1, 2, -3, 0])
        let graph = try Graph(.prelu(alpha: [1, 1, 2]), inputs: [[2, 1, 2]])
        let loaded = try backend.backend.load(graph)
        loaded.parameters.setWeight(ParameterID(0), to: Tensor(shape: [1, 1, 2], scalars: [0.5, 7]))
        let (y, dx) = try loaded.step(graph, [x], dy: [Tensor(shape: x.shape, scalars: [1, 10, 100, 1000])])
        #expect(y[0].scalars == [-0.5, 2, -1.5, 0])
        #expect(dx[0].scalars == [0.5, 10, 50, 0])
        #expect(loaded.parameters.gradient(ParameterID(0)).scalars == [-301, 0])
    }

    // MARK: - Scaling

    @Test(arguments: TestBackend.allCases) func channelsAreScaledByConstantsOrParameters(_ backend: TestBackend) throws
    {
        let x = Tensor(shape: [1, 2, 2], scalars: [1, 2, 3, 4])
        let rescaled = try output(
            .rescale(ScalingSettings(scale: [10, 100], offset: [0.5])), [x], on: backend)
        #expect(rescaled.scalars == [10.5, 200.5, 30.5, 400.5])
        let statistics = [Tensor(shape: [2], scalars: [1, 2]), Tensor(shape: [2], scalars: [4, 0])]
        let normalized = try output(.normalize(invert: false), [x], parameters: statistics, on: backend)
        #expect(normalized.scalars == [0, 0, 1, 2 / 1e-7])
        let restored = try output(.normalize(invert: true), [normalized], parameters: statistics, on: backend)
        #expect(restored.scalars == x.scalars)
    }

    // MARK: - Merging

    @Test(arguments: TestBackend.allCases) func concatenationIsAlongTheLastAxis(_ backend: TestBackend) throws {
        let a = Tensor(shape: [1, 2, 1, 1], scalars: [1, 2]), b = Tensor(shape: [1, 2, 1, 2], scalars: [3, 4, 5, 6])
        #expect(try output(.concatenate, [a, b], on: backend).scalars == [1, 3, 4, 2, 5, 6])
    }

    @Test(arguments: TestBackend.allCases) func mergesRepeatAxesOfLengthOne(_ backend: TestBackend) throws {
        let a = Tensor(shape: [1, 2, 1, 2], scalars: [1, 2, 3, 4]), b = Tensor(shape: [1, 2], scalars: [10, -1])
        let product = try output(.multiply, [a, b], on: backend)
        #expect(product.shape == [1, 2, 1, 2] && product.scalars == [10, -2, 30, -4])
        #expect(try output(.maximum, [b, a], on: backend).scalars == [10, 2, 10, 4])
        #expect(try output(.minimum, [b, a], on: backend).scalars == [1, -1, 3, -1])
        #expect(try inputGradients(.multiply, [a, b], [1, 1, 1, 1], on: backend) == [[10, -1, 10, -1], [4, 6]])
    }

    @Test(arguments: TestBackend.allCases) func theFirstOfEqualInputsGetsTheGradient(_ backend: TestBackend) throws {
        let x = [vector([1, 2, 3]), vector([1, 3, 2]), vector([1, 3, 3])]
        #expect(try inputGradients(.maximum, x, [5, 6, 7], on: backend) == [[5, 0, 7], [0, 6, 0], [0, 0, 0]])
        #expect(try inputGradients(.minimum, x, [5, 6, 7], on: backend) == [[5, 6, 0], [0, 0, 7], [0, 0, 0]])
    }

    @Test(arguments: TestBackend.allCases) func aCombinationScalesItsInputs(_ backend: TestBackend) throws {
        let operation = Operation.linearCombination(factors: [1, -0.5])
        let x = [vector([1, 2]), vector([4, 8])]
        #expect(try output(operation, x, on: backend).scalars == [-1, -2])
        #expect(try inputGradients(operation, x, [1, 10], on: backend) == [[1, 10], [-0.5, -5]])
    }

    // MARK: - Normalization

    private func normalization(momentum: Float) throws -> Graph {
        try Graph(
            .batchNormalization(NormalizationSettings(epsilon: 0, momentum: momentum)), inputs: [[1]])
    }

    @Test(arguments: TestBackend.allCases)
    func trainingUsesBatchStatisticsAndUpdatesMovingOnes(_ backend: TestBackend) throws {
        let graph = try normalization(momentum: 0.75)
        let loaded = try backend.backend.load(graph)
        for (index, value) in [2, 1, 10, 8].enumerated() {
            loaded.parameters.setWeight(ParameterID(index), to: Tensor(shape: [1], scalars: [Float(value)]))
        }
        let x = Tensor(shape: [4, 1], scalars: [1, 1, 5, 5])  // mean 3, biased variance 4
        #expect(try loaded.step(graph, [x], dy: [x]).y[0].scalars == [-1, -1, 3, 3])
        #expect(loaded.parameters.weight(ParameterID(2)).scalars == [10 * 0.75 + 3 * 0.25])
        #expect(loaded.parameters.weight(ParameterID(3)).scalars == [8 * 0.75 + 4 * 0.25])

        // Inference uses the moving statistics and does not change them.
        loaded.parameters.setWeight(ParameterID(2), to: Tensor(shape: [1], scalars: [1]))
        loaded.parameters.setWeight(ParameterID(3), to: Tensor(shape: [1], scalars: [16]))
        #expect(try loaded.predict(graph, [x])[0].scalars == [1, 1, 3, 3])
        #expect(loaded.parameters.weight(ParameterID(2)).scalars == [1])
    }

    @Test(arguments: TestBackend.allCases)
    func aFrozenNormalizationUsesMovingStatisticsInTraining(_ backend: TestBackend) throws {
        for channels in [3, 16] {
            let settings = NormalizationSettings(epsilon: 0.001, momentum: 0.5, isFrozen: true)
            let graph = try Graph(
                .batchNormalization(settings), inputs: [[2, 2, channels]], trainable: [false, false, false, false])
            let loaded = try backend.backend.load(graph)
            loaded.setParameters(of: graph)
            let before = graph.parameterIDs.map { loaded.parameters.weight($0) }
            let x = randomTensor([3, 2, 2, channels], 1)
            let (y, _) = try loaded.step(graph, [x], dy: [randomTensor(x.shape, 2)])
            #expect(distance(y[0], try loaded.predict(graph, [x])[0]) < 1e-6)
            #expect(graph.parameterIDs.map { loaded.parameters.weight($0) } == before)
            #expect(graph.parameterIDs.allSatisfy { loaded.parameters.gradient($0).scalars.allSatisfy { $0 == 0 } })
        }
    }

    /// The readable backend measures in double precision.
    @Test func aLargeMeanCostsNoDigits() throws {
        let graph = try normalization(momentum: 0)
        let loaded = try TestBackend.openblas.backend.load(graph)
        loaded.parameters.setWeight(ParameterID(0), to: Tensor(shape: [1], scalars: [1]))
        let x = Tensor(shape: [4, 1], scalars: [100_000, 100_001, 100_002, 100_003])
        let y = try loaded.step(graph, [x], dy: [x]).y[0]
        for (found, distance) in zip(y.scalars, [-1.5, -0.5, 0.5, 1.5]) {
            #expect(abs(Double(found) - distance / 1.25.squareRoot()) < 1e-6)
        }
    }

    // MARK: - Dropout

    @Test(arguments: TestBackend.allCases) func dropoutFollowsTheStream(_ backend: TestBackend) throws {
        // The node has number 1, threads divide the work, and the last block of four is not full.
        let shape: Shape = [3001], count = 10 * 3001, rate: Float = 0.3
        let graph = try Graph(.dropout(rate: rate), inputs: [shape])
        let loaded = try backend.backend.load(graph)
        let stream = RandomStream(seed: 5, purpose: .dropout, epoch: 2, index: 7)
        let ones = Tensor(repeating: 1, shape: shape.batched(10))
        let (y, dx) = try loaded.step(graph, [ones], dy: [ones], dropout: stream)
        let expected: [Float] = (0..<count).map { stream.uniform(1 << 36 + $0) >= rate ? 1 / (1 - rate) : 0 }
        #expect(y[0].scalars == expected)
        #expect(dx[0].scalars == expected)
        let kept = Double(y[0].scalars.filter { $0 != 0 }.count) / Double(count)
        #expect(abs(kept - 0.7) < 0.03)

        let next = RandomStream(seed: 5, purpose: .dropout, epoch: 2, index: 8)
        let other = try loaded.step(graph, [ones], dy: [ones], dropout: next).y[0]
        #expect(other != y[0])
        #expect(try output(.dropout(rate: rate), [ones], on: backend) == ones)
    }

    /// Of a batch that several processes compute, each drops what one process would have dropped.
    @Test(arguments: [TestBackend.onednn, .openblas]) func aPartOfABatchHasItsPartOfTheMask(
        _ backend: TestBackend
    ) throws {
        // The part begins and ends within blocks of four.
        let shape: Shape = [1501], rate: Float = 0.5, samples = 3..<10
        let graph = try Graph(.dropout(rate: rate), inputs: [shape])
        let plan = try backend.backend.load(graph).trainingPlan(graph, batchSize: samples.count)
        let ones = Tensor(repeating: 1, shape: shape.batched(samples.count))
        let stream = RandomStream(seed: 5, purpose: .dropout)
        let result = try plan.step(
            [ones], targets: [ones], sampleWeights: nil, dropout: stream, shared: Part(of: samples))
        let expected: [Float] = (3 * 1501..<10 * 1501).map { stream.uniform(1 << 36 + $0) >= rate ? 2 : 0 }
        #expect(result.outputs[0].scalars == expected)
        #expect(result.gradients[0].scalars == expected)
    }

    /// A step of one process on some samples of a batch.
    private final class Part: SharedStep {
        let firstSample: Int
        let share: Float = 1
        let hasSamples = true

        init(of samples: Range<Int>) { firstSample = samples.lowerBound }

        func sum(_ numbers: inout [Double]) {}
        func gradientsAreFinal(of parameters: [ParameterID]) {}
    }
}
