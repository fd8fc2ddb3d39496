import Experiments
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

@Suite struct CIFAR10ExperimentTests {
    /// The book's three differ in the first learning rate and in nothing else.
    @Test func theBooksExperimentsFallInALine() {
        let rates = [CIFAR10Experiment.Name.one, .two, .three].map { name in
            let experiment = CIFAR10Experiment.named(name)
            #expect(experiment.epochs == 70 && experiment.batchSize == 64 && experiment.normalization == .meanImage)
            #expect(experiment.network(10).parameterCount == 1_656_250)
            let schedule = experiment.schedule(experiment.learningRate, 70, 782)
            #expect(schedule.learningRate(at: 35) == experiment.learningRate / 2)
            return schedule.learningRate(at: 0)
        }
        #expect(rates == [1e-3, 1e-2, 5e-3])
    }

    /// One cycle: up over the first quarter of all steps, down to zero with the last.
    @Test func fastGoesUpAndDownOnce() {
        let fast = CIFAR10Experiment.named(.fast)
        #expect(fast.unit == .step && fast.loss == .categoricalCrossentropy(labelSmoothing: 0.1))
        let schedule = fast.schedule(0.15, 8, 100)
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
        #expect(config.allSatisfy { $0["bias_regularizer"] == nil })
    }

    @Test func channelsAreBroughtToMeanZeroAndDeviationOne() {
        var images = Tensor(shape: [2, 1, 2, 3], scalars: [1, 10, 5, 3, 20, 6, 5, 30, 7, 7, 40, 8])
        let (mean, deviation) = images.channelStatistics()
        #expect(mean == [4, 25, 6.5])
        #expect(abs(deviation[0] - 2.236068) < 1e-6 && abs(deviation[1] - 11.18034) < 1e-5)
        images.normalizeChannels(mean: mean, deviation: deviation)
        let (newMean, newDeviation) = images.channelStatistics()
        #expect(newMean.allSatisfy { abs($0) < 1e-6 } && newDeviation.allSatisfy { abs($0 - 1) < 1e-6 })
    }
}
