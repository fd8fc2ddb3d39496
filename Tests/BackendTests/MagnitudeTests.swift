import ComputeGraph
import Tensors
import Testing

/// The bounds of magnitudes, by which inference decides where to look for an overflow, are those of the operations.
@Suite struct MagnitudeTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let operation: Operation
        let inputs: [Shape]
        /// How many times as large as its inputs the output may be if all parameters are 1.
        let gain: Double
        var parameter: Float = 1
        var testDescription: String { "\(operation)" }
    }

    private static let window = SlidingWindow(kernel: Size2D(3, 3), strides: Size2D(1, 1), padding: .valid)

    static let cases = [
        Case(operation: .conv2D(window, filters: 6, useBias: false), inputs: [[4, 4, 6]], gain: 54),
        Case(operation: .conv2D(window, filters: 6, groups: 3, useBias: false), inputs: [[4, 4, 6]], gain: 18),
        Case(operation: .depthwiseConv2D(window, multiplier: 2, useBias: true), inputs: [[4, 4, 6]], gain: 9),
        Case(operation: .dense(units: 2, useBias: true), inputs: [[7]], gain: 7),
        Case(operation: .activation(.leakyReLU(negativeSlope: 4)), inputs: [[3]], gain: 4),
        Case(operation: .activation(.silu), inputs: [[3]], gain: 1),
        Case(operation: .activation(.logSoftmax), inputs: [[3]], gain: 2),
        Case(operation: .prelu(alpha: [3]), inputs: [[3]], gain: 5, parameter: 5),
        Case(operation: .rescale(ScalingSettings(scale: [3], offset: [1])), inputs: [[3]], gain: 3),
        Case(operation: .normalize(invert: false), inputs: [[3]], gain: 4, parameter: 1 / 16),
        Case(operation: .normalize(invert: true), inputs: [[3]], gain: 4, parameter: 16),
        Case(operation: .add, inputs: [[3], [3]], gain: 2),
        Case(operation: .linearCombination(factors: [1, -3]), inputs: [[3], [3]], gain: 4),
        Case(operation: .maximum, inputs: [[2, 3], [3]], gain: 1),
        Case(operation: .minimum, inputs: [[2, 3], [3]], gain: 1),
        Case(operation: .globalMaxPooling2D, inputs: [[2, 3, 2]], gain: 1),
        Case(operation: .cropping2D(top: 1, bottom: 0, left: 0, right: 0), inputs: [[2, 3, 2]], gain: 1),
        Case(operation: .upSampling2D(Size2D(2, 2), .bilinear), inputs: [[2, 3, 2]], gain: 1),
        Case(operation: .reshape([3, 4]), inputs: [[2, 3, 2]], gain: 1),
    ]

    /// The numbers to look at if inputs may be as large as `limit`. What is worth a look where branches meet, and a
    /// flattened image is such a place, is above 1e25.
    private func looked(_ c: Case, limit: Double) throws -> Int? {
        var graph = try Graph(c.operation, inputs: c.inputs)
        graph.outputs = [try graph.apply(.flatten, to: graph.outputs)]
        return graph.nodesToLookAt(within: limit) {
            Tensor(repeating: c.parameter, shape: graph[$0].shape)
        }?.count
    }

    @Test(arguments: cases) func boundsAreTight(_ c: Case) throws {
        #expect(try looked(c, limit: 0.9e25 / c.gain) == 0)
        #expect(try looked(c, limit: 1.1e25 / c.gain) ?? 0 > 0)
    }

    @Test func aProductGrowsWithAllItsInputs() throws {
        let c = Case(operation: .multiply, inputs: [[2, 2, 3], [1, 1, 3]], gain: 1)
        #expect(try looked(c, limit: 1e12) == 0)
        #expect(try looked(c, limit: 1e13) ?? 0 > 0)
        // Too large for any bound.
        #expect(try looked(c, limit: 1e20) == nil)
    }
}
