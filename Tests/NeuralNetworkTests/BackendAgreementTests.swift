import CUDABackend
import ComputeGraph
import FixtureSupport
import OneDNNBackend
import OpenBLASBackend
import Tensors
import Testing
@testable import NeuralNetwork

/// The fast backends' fusions, sums and writes in place give the plain backend's results: convolutions with
/// normalization and ReLU in both orders, side by side in modules whose channels fill blocks, or do not.
@Suite struct BackendAgreementTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let network: @Sendable (KerasTensor) -> KerasTensor
    }

    private static func bnReLU(_ x: KerasTensor, _ filters: Int, _ side: Int) -> KerasTensor {
        Activation(.relu)(BatchNormalization()(Conv2D(filters, kernelSize: (side, side), padding: .same)(x)))
    }

    private static func reluBN(_ x: KerasTensor, _ filters: Int, _ side: Int) -> KerasTensor {
        BatchNormalization()(Conv2D(filters, kernelSize: (side, side), padding: .same, activation: .relu)(x))
    }

    private static func modules(
        _ x: KerasTensor, _ filters: [Int], _ conv: (KerasTensor, Int, Int) -> KerasTensor
    ) -> KerasTensor {
        var x = conv(x, 32, 3)
        for _ in 0..<2 {
            let pool = MaxPooling2D((3, 3), strides: (1, 1), padding: .same)(x)
            x = Concatenate()([
                conv(x, filters[0], 1), conv(conv(x, filters[1], 1), filters[2], 3), conv(pool, filters[3], 1),
            ])
        }
        // The pooled branch is not normalized, and three layers read the concatenation.
        let down = Concatenate()([
            conv(x, 16, 3), MaxPooling2D((3, 3), strides: (1, 1), padding: .same)(x), BatchNormalization()(x),
        ])
        return GlobalAveragePooling2D()(down)
    }

    static let cases: [Case] = [
        Case(testDescription: "BN, ReLU; full blocks") { modules($0, [16, 16, 32, 48], bnReLU) },
        Case(testDescription: "ReLU, BN; full blocks") { modules($0, [16, 16, 32, 48], reluBN) },
        Case(testDescription: "BN, ReLU; some full") { modules($0, [16, 24, 32, 16], bnReLU) },
        Case(testDescription: "BN, ReLU; cut blocks") { modules($0, [24, 5, 40, 16], bnReLU) },
        Case(testDescription: "ReLU, BN; cut blocks") { modules($0, [24, 5, 40, 16], reluBN) },
        Case(testDescription: "a concatenation, flattened") { x in
            Flatten()(Concatenate()([bnReLU(x, 16, 3), bnReLU(x, 16, 1), reluBN(x, 32, 1)]))
        },
        Case(testDescription: "a concatenation, put out") { x in
            Concatenate()([bnReLU(x, 16, 3), reluBN(x, 16, 1), bnReLU(x, 16, 1)])
        },
        Case(testDescription: "a concatenation read by convolution and dense layer") { x in
            let both = Concatenate()([bnReLU(x, 16, 3), bnReLU(x, 16, 1)])
            return Concatenate()([GlobalAveragePooling2D()(bnReLU(both, 16, 3)), Dense(3)(Flatten()(both))])
        },
        // The ReLU belongs to one of the normalizations around it.
        Case(testDescription: "BN, ReLU, BN") { x in
            GlobalAveragePooling2D()(BatchNormalization()(bnReLU(x, 16, 3)))
        },
        Case(testDescription: "BN, ReLU, twice in one sum") { x in
            let a = bnReLU(x, 16, 3), b = bnReLU(x, 16, 1)
            return GlobalAveragePooling2D()(Concatenate()([Add()([a, b]), a]))
        },
    ]

    static let backends =
        [1, 2, 3].map { threads in
            Candidate(testDescription: "oneDNN, \(threads) threads") { OneDNNBackend(threads: threads) }
        } + [Candidate(testDescription: "CUDA") { TestBackend.gpu(.float32) }]

    struct Candidate: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let backend: @Sendable () -> any Backend
    }

    @Test(arguments: cases, backends)
    func agreement(_ agreement: Case, candidate: Candidate) throws {
        let (fast, plain) = try (results(of: agreement, on: candidate.backend()), results(of: agreement))
        for ((name, value), (_, expected)) in zip(fast, plain) {
            let largest = expected.scalars.reduce(0.0) { max($0, Double(abs($1))) }
            let difference = Difference(name, value, expected, absolute: 2e-4 * max(1, largest))
            #expect(difference.isWithinTolerance, "\(agreement.testDescription): \(difference)")
        }
    }

    /// Products with fewer digits, and a ReLU that decides otherwise for a number near zero, change single gradients much,
    /// but tensors as wholes little.
    @Test(arguments: cases, [(Precision.tf32, 0.005, 0.1), (.bfloat16, 0.02, 0.4)])
    func fewerDigits(
        _ agreement: Case, _ precision: (Precision, ofOutput: Double, ofGradient: Double)
    ) throws {
        let (rounded, plain) = try (
            results(of: agreement, on: TestBackend.gpu(precision.0)), results(of: agreement)
        )
        // A normalization makes the gradient of the bias before it zero, but for rounding.
        for ((name, value), (_, expected)) in zip(rounded, plain) where !name.hasSuffix("/bias") {
            let relative = relativeDifference(value, expected)
            let tolerance = name.contains("gradient") ? precision.ofGradient : precision.ofOutput
            #expect(relative < tolerance, "\(agreement.testDescription): \(name) is \(relative) off")
        }
    }

    @Test(arguments: [Precision.float32, .tf32, .bfloat16])
    func aGPUComputesTheSameBitsEveryTime(_ precision: Precision) throws {
        let (first, second) = try (
            results(of: Self.cases[0], on: TestBackend.gpu(precision)),
            results(of: Self.cases[0], on: TestBackend.gpu(precision))
        )
        for ((name, value), (_, again)) in zip(first, second) { #expect(value == again, "\(name)") }
    }

    /// Predictions, gradients and statistics of one step.
    private func results(
        of agreement: Case, on backend: any Backend = OpenBLASBackend(threads: 1)
    ) throws -> [(String, Tensor)] {
        let input = Input(shape: [7, 6, 16])
        let graph = Model(inputs: input, outputs: agreement.network(input)).graph
        let x = hashUniform("agreement/x", shape: [5, 7, 6, 16], -1, 1)
        let dy = hashUniform("agreement/dy", shape: graph[graph.outputs[0]].shape.batched(5), -1, 1)

        let loaded = try backend.load(graph), storage = loaded.parameters
        for parameter in graph.parameterIDs {
            storage.setWeight(parameter, to: graph.hashedWeight(parameter, within: 0.3))
        }
        let inference = try loaded.plan(batchSize: 5, mode: .inference(outputs: graph.outputs))
        var results = [("prediction", try inference.predict([x])[0])]
        let step = try loaded.plan(batchSize: 5, mode: .weightedSum(of: graph))
            .step([x], targets: [dy], dropout: nil)
        results += [("output", step.outputs[0]), ("input gradient", step.gradients[0])]
        for parameter in graph.parameterIDs {
            let name = graph[parameter].name
            results.append(
                graph[parameter].isTrainable
                    ? ("gradient of \(name)", storage.gradient(parameter)) : (name, storage.weight(parameter)))
        }
        results.append(("prediction after", try inference.predict([x])[0]))
        return results
    }
}
