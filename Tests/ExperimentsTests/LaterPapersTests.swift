import Experiments
import Foundation
import NeuralNetwork
import PyImageSearch
import Testing

/// The networks after Inception v1, by the recipes of their papers.
@Suite struct LaterPapersTests {
    private func experiment(_ name: String) throws -> Experiment {
        try Experiments.named(name, among: Experiments.laterImageNet)
    }

    /// How often the rate has fallen by the factor before each of the steps.
    private func drops(_ schedule: any LearningRateSchedule, _ steps: [Int], factor: Double) -> [Int] {
        steps.map { step in
            Int((log(schedule.learningRate(at: step) / schedule.learningRate(at: 0)) / log(factor)).rounded())
        }
    }

    @Test func everyNetworkHasAnExperimentOfItsNameInBothChapters() {
        let names = ImageNetNetwork.allCases.map(\.rawValue).filter { $0 != "inception-v1" }
        #expect(Experiments.laterImageNet.map(\.name) == names)
        #expect(Experiments.laterCIFAR10.map(\.name) == names)
        #expect(Experiments.imageNet(.inceptionV1).map(\.name) == ["paper", "batch-normalization"])
        #expect(Experiments.scaledCIFAR10(.inceptionV1).map(\.name) == ["tutorial"])
        #expect(ImageNetNetwork.inceptionResNetV1.fileName == "inception_resnet_v1")
    }

    /// On ImageNet the network is that of the package's list, with as many outputs as losses.
    @Test func networksAreThoseOfTheirPapers() throws {
        for (network, experiment) in zip(ImageNetNetwork.allCases.dropFirst(), Experiments.laterImageNet) {
            let model = experiment.network(1000)
            let entry = try #require(Networks.all.first { $0.name == experiment.networkName })
            #expect(model.parameterCount == entry.parameterCount, "\(experiment.name)")
            #expect(model.inputs[0].shape == [network.side, network.side, 3])
            #expect(model.outputs.count == experiment.outputs, "\(experiment.name)")
            #expect(experiment.randomCrop?.side == network.side && experiment.normalization == .channelMeans)
            // The program ends if the numbers of losses and outputs differ.
            model.compile(
                loss: experiment.loss, lossWeights: experiment.lossWeights, optimizer: experiment.optimizer,
                gradientSteps: experiment.gradientSteps)
        }
        #expect(Experiments.laterImageNet.map(\.outputs) == [1, 2, 1, 1, 1, 1])
    }

    /// CIFAR-10 is scaled up to 224x224, which is too small for the head of Inception v3.
    @Test func networksForCIFAR10HaveOneOutput() {
        for experiment in Experiments.laterCIFAR10 {
            let model = experiment.network(10)
            #expect(model.inputs[0].shape == [224, 224, 3] && model.outputs.map(\.shape) == [[10]])
            #expect(experiment.outputs == 1 && experiment.normalization == nil && experiment.randomCrop == nil)
        }
    }

    @Test func ratesFallAsThePapersSay() throws {
        // BN-x5: six drops of 4 % in 8 epochs.
        let v2 = try experiment("inception-v2").schedule(.init(epochs: 53, stepsPerEpoch: 300))
        #expect(drops(v2, [0, 398, 399, 799, 8 * 300], factor: 0.96) == [0, 0, 1, 2, 6])
        for name in ["inception-v3", "inception-v4", "inception-resnet-v1", "inception-resnet-v2"] {
            let experiment = try experiment(name)
            #expect(experiment.unit == .step && experiment.batchSize == 32)
            let schedule = experiment.schedule(.init(epochs: 100, stepsPerEpoch: 10))
            #expect(drops(schedule, [0, 18, 19, 38, 39], factor: 0.94) == [0, 0, 1, 1, 2], "\(name)")
            #expect(schedule.learningRate(at: 0) == 0.045)
            #expect(experiment.loss == .categoricalCrossentropy(labelSmoothing: 0.1))
            let optimizer = try #require(experiment.optimizer as? RMSprop)
            #expect(optimizer.rho == 0.9 && optimizer.epsilon == 1 && optimizer.isEpsilonUnderRoot)
        }
        let resNet = try experiment("resnet50")
        #expect(resNet.unit == .epoch && resNet.batchSize == 256)
        let rates = [0, 29, 30, 59, 60, 119].map { resNet.schedule(resNet.wholeSpan).learningRate(at: $0) }
        #expect(rates == [1e-1, 1e-1, 1e-2, 1e-2, 1e-3, 1e-3])
    }

    /// What a checkpoint is compared by. Other experiments have no such key, so their checkpoints still resume.
    @Test func onlyInceptionV3LimitsGradients() throws {
        let v3 = try experiment("inception-v3")
        let settings = v3.settings(.init(epochs: 100, stepsPerEpoch: 10))
        #expect(
            try settings["gradient_steps"]?.text()
                == #"[{"class_name":"GradientClipping","config":{"global_clipnorm":2}}]"#)
        #expect(try settings["loss_weights"]?.text() == "[1,0.4]")
        #expect(
            settings["schedule"] == ExponentialStaircase(initial: 0.045, drop: 0.94, every: 20).described)
        for other in Experiments.all where other.name != "inception-v3" {
            #expect(other.settings(other.wholeSpan)["gradient_steps"] == nil, "\(other.name)")
        }
    }
}
