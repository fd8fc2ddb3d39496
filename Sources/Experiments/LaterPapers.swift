import NeuralNetwork
import PyImageSearch

/// The networks that `TrainImageNet` and `InceptionV1CIFAR10` train, by their names in `--network`.
public enum ImageNetNetwork: String, CaseIterable, Sendable {
    case inceptionV1 = "inception-v1"
    case inceptionV2 = "inception-v2"
    case inceptionV3 = "inception-v3"
    case inceptionV4 = "inception-v4"
    case inceptionResNetV1 = "inception-resnet-v1"
    case inceptionResNetV2 = "inception-resnet-v2"
    case resNet50 = "resnet50"

    /// Height and width of the images in the network's paper, in pixels.
    public var side: Int {
        switch self {
        case .inceptionV1, .inceptionV2, .resNet50: 224
        case .inceptionV3, .inceptionV4, .inceptionResNetV1, .inceptionResNetV2: 299
        }
    }

    /// The name as a part of a file's name: `inception_v1`.
    public var fileName: String { rawValue.replacing("-", with: "_") }

    /// All but Inception v1, which has documents of its own.
    fileprivate static let later = allCases.filter { $0 != .inceptionV1 }
}

extension Experiments {
    /// The networks after Inception v1 on ImageNet, each as its paper trains it.
    public static let laterImageNet = ImageNetNetwork.later.flatMap { imageNet($0) }

    /// The same networks on CIFAR-10 scaled up to 224x224, with the same recipes.
    public static let laterCIFAR10 = ImageNetNetwork.later.flatMap { scaledCIFAR10($0) }

    /// The experiments of a network on ImageNet.
    ///
    /// - Parameter localResponseNormalization: of Inception v1; other networks have none.
    public static func imageNet(_ network: ImageNetNetwork, localResponseNormalization: Bool = true) -> [Experiment] {
        guard
            var experiment = recipe(of: network, side: network.side, chapter: "TrainImageNet", dataset: .imageNet)
        else {
            return [false, true].map {
                imageNet(localResponseNormalization: localResponseNormalization, batchNormalization: $0)
            }
        }
        experiment.normalization = .channelMeans
        experiment.randomCrop = RandomResizedCropPreprocessor(side: network.side)
        return [experiment]
    }

    /// The experiments of a network on CIFAR-10 scaled up to 224x224.
    public static func scaledCIFAR10(_ network: ImageNetNetwork) -> [Experiment] {
        [recipe(of: network, side: 224, chapter: "InceptionV1CIFAR10", dataset: .cifar10) ?? tutorial]
    }

    /// The recipe of the network's paper for ImageNet; `nil` for Inception v1, whose documents have several.
    private static func recipe(
        of network: ImageNetNetwork, side: Int, chapter: String, dataset: DatasetName
    ) -> Experiment? {
        func experiment(
            _ type: String, _ summary: String, _ optimizer: any Optimizer, epochs: Int, batchSize: Int = 32,
            schedule: @escaping @Sendable (Experiment.Span) -> any LearningRateSchedule,
            network build: @escaping @Sendable (Int) -> Model
        ) -> Experiment {
            Experiment(
                name: network.rawValue, source: .paper, chapter: chapter, summary: summary, dataset: dataset,
                networkName: type, network: build, optimizer: optimizer, schedule: schedule, epochs: epochs,
                batchSize: batchSize)
        }
        /// What the two papers on the networks from the third on share.
        func inception(
            _ type: String, _ summary: String = "", epochs: Int, network build: @escaping @Sendable (Int) -> Model
        ) -> Experiment {
            var experiment = experiment(
                type, "RMSprop from 0.045, falling by 6 % every 2 epochs; labels smoothed by 0.1" + summary,
                RMSprop(learningRate: 0.045, rho: 0.9, epsilon: 1), epochs: epochs,
                schedule: staircase(from: 0.045, drop: 0.94, everyEpochs: 2), network: build)
            experiment.unit = .step
            experiment.loss = .categoricalCrossentropy(labelSmoothing: 0.1)
            return experiment
        }

        switch network {
        case .inceptionV1: return nil
        case .inceptionV2:
            // BN-x5: five times Inception's rate, which falls six times as fast. 2.1 million steps of 32 are 53 epochs.
            var experiment = experiment(
                "InceptionV2", "SGD from 0.0075, falling by 4 % six times in 8 epochs",
                SGD(learningRate: 0.0075, momentum: 0.9), epochs: 53,
                schedule: staircase(from: 0.0075, drop: 0.96, everyEpochs: 8.0 / 6)
            ) { InceptionV2.build(width: side, height: side, classes: $0) }
            experiment.unit = .step
            return experiment
        case .inceptionV3:
            // Smaller images leave nothing for the head's 5x5 convolution.
            let hasHead = side >= 291
            var experiment = inception(
                "InceptionV3", "; gradients limited to a norm of 2" + (hasHead ? "; the head counts 0.4" : ""),
                epochs: 100
            ) {
                InceptionV3.build(width: side, height: side, classes: $0, auxiliaryHead: hasHead, dropout: 0.2)
            }
            experiment.gradientSteps = [GradientClipping.globalNorm(2)]
            experiment.lossWeights = hasHead ? [1, 0.4] : nil
            return experiment
        case .inceptionV4:
            return inception("InceptionV4", epochs: 160) {
                InceptionV4.build(width: side, height: side, classes: $0)
            }
        case .inceptionResNetV1:
            return inception("InceptionResNetV1", epochs: 160) {
                InceptionResNetV1.build(width: side, height: side, classes: $0)
            }
        case .inceptionResNetV2:
            return inception("InceptionResNetV2", epochs: 160) {
                InceptionResNetV2.build(width: side, height: side, classes: $0, dropout: 0.2)
            }
        case .resNet50:
            return experiment(
                "ResNet50", "SGD from 0.1, a tenth of it after 30 and 60 epochs",
                SGD(learningRate: 0.1, momentum: 0.9), epochs: 120, batchSize: 256,
                schedule: byHand([(30, 1e-1), (60, 1e-2), (120, 1e-3)])
            ) { ResNet50.build(width: side, height: side, classes: $0) }
        }
    }

    /// A rate that falls by a factor every so many epochs. The epochs need not be whole, since the schedule counts steps.
    private static func staircase(
        from rate: Double, drop: Double, everyEpochs epochs: Double
    ) -> @Sendable (Experiment.Span) -> any LearningRateSchedule {
        {
            ExponentialStaircase(
                initial: $0.learningRate ?? rate, drop: drop,
                every: max(1, Int((epochs * Double($0.stepsPerEpoch)).rounded())))
        }
    }
}
