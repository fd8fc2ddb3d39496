import NeuralNetwork
import PyImageSearch

extension Experiments {
    /// Inception v1 on ImageNet: the paper's network and schedule. The paper gives no batch size, initial rate or
    /// number of epochs; these are from Caffe's reproduction.
    ///
    /// The numbers are those of a single network in the paper's table 3: the share of pictures with the right class
    /// among the five best guesses, by number of crops.
    ///
    /// - Parameters:
    ///   - localResponseNormalization: twice, as in the paper.
    ///   - batchNormalization: after every convolution, as the same group published a year later.
    public static func imageNet(
        localResponseNormalization: Bool = true, batchNormalization: Bool = false
    ) -> Experiment {
        Experiment(
            name: batchNormalization ? "batch-normalization" : "paper", source: .paper, chapter: "TrainImageNet",
            summary: "SGD from 0.01, falling by 4 % every 8 epochs; heads count 0.3"
                + (batchNormalization ? "; normalized over the batch" : ""),
            dataset: .imageNet,
            networkName: "InceptionV1",
            network: {
                InceptionV1.build(
                    width: 224, height: 224, depth: 3, classes: $0,
                    localResponseNormalization: localResponseNormalization, batchNormalization: batchNormalization)
            },
            networkOptions: [
                "local_response_normalization": .bool(localResponseNormalization),
                "batch_normalization": .bool(batchNormalization),
            ],
            optimizer: SGD(learningRate: 0.01, momentum: 0.9), lossWeights: [1, 0.3, 0.3],
            schedule: { ExponentialStaircase(initial: $0.learningRate ?? 0.01, drop: 0.96, every: 8) }, epochs: 250,
            batchSize: 32, normalization: .channelMeans, randomCrop: RandomResizedCropPreprocessor(side: 224),
            published: batchNormalization
                ? []
                : paperCrops.map { Published(.paper, $0.metric, 100 - $0.error) })
    }

    /// The paper's table 3: the share of pictures whose class is not among the five best guesses, in percent, by the
    /// number of networks and of crops whose predictions are averaged.
    public static let paperCrops: [(networks: Int, crops: Int, metric: String, error: Double)] = [
        (1, 1, "rank5", 10.07), (1, 10, "rank5_ten_crops", 9.15), (1, 144, "rank5_144_crops", 7.89),
        (7, 1, "rank5_7_networks", 8.09), (7, 10, "rank5_7_networks_ten_crops", 7.62),
        (7, 144, "rank5_7_networks_144_crops", 6.67),
    ]
}
