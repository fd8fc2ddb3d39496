import Experiments
import NeuralNetwork
import PyImageSearch
import Testing

@Suite struct CIFAR10ExperimentTests {
    /// The book's three differ in the first learning rate and in nothing else.
    @Test func theBooksExperimentsFallLinearly() {
        let rates = Experiments.bookCIFAR10.map { experiment in
            #expect(experiment.epochs == 70 && experiment.batchSize == 64 && experiment.normalization == .meanImage)
            #expect(experiment.network(10).parameterCount == 1_656_250)
            let schedule = experiment.schedule(experiment.wholeSpan)
            #expect(schedule.learningRate(at: 35) == experiment.learningRate / 2)
            return schedule.learningRate(at: 0)
        }
        #expect(rates == [1e-3, 1e-2, 5e-3])
    }

    /// One cycle: up over the first quarter of all steps, down to zero with the last.
    @Test func fastGoesUpAndDownOnce() {
        let fast = Experiments.fast
        #expect(fast.unit == .step && fast.loss == .categoricalCrossentropy(labelSmoothing: 0.1))
        let schedule = fast.schedule(.init(epochs: 8, stepsPerEpoch: 100))
        let rates = (0...800).map { schedule.learningRate(at: $0) }
        #expect(rates[199] == 0.15 && rates[800] == 0)
        #expect(zip(rates[..<199], rates[1...199]).allSatisfy { $0 < $1 })
        #expect(zip(rates[200..<800], rates[201...]).allSatisfy { $0 > $1 })

        // Penalties on kernels only, and every kernel from He's distribution.
        let network = fast.network(10)
        #expect(network.parameterCount == 1_656_250)
        let config = network.layers.filter { ["Conv2D", "Dense"].contains($0.className) }.map(\.layer.config)
        #expect(config.allSatisfy { $0["kernel_regularizer"]?["config"]?["l2"]?.number == 2.5e-4 })
        #expect(config.allSatisfy { $0["kernel_initializer"]?["class_name"] == "HeNormal" })
        #expect(config.allSatisfy { $0["bias_regularizer"]?.isNull ?? true })
    }
}
