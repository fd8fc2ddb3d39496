import NeuralNetwork
import PyImageSearch

extension Experiments {
    /// The README's two on Tiny ImageNet in stages: the order of normalization and activation is the only difference.
    static let readmeStages = [
        tinyImageNet(
            "readme-1", chapter: "Chapter11Train", "Adam, nine modules, CONV => BN => RELU", .bnReLU, epochs: 70,
            byHand([(40, 1e-3), (60, 1e-4), (70, 1e-5)]), rank1: 55.05, rank5: 79.64),
        tinyImageNet(
            "readme-2", chapter: "Chapter11Train", "Adam, nine modules, CONV => RELU => BN", .reluBN, epochs: 70,
            byHand([(40, 1e-3), (60, 1e-4), (70, 1e-5)]), rank1: 55.41, rank5: 80.68),
    ]

    /// The README's third on Tiny ImageNet. Its text has 70 epochs, its code and its published curves have 75.
    static let readmeDecay = tinyImageNet(
        "readme-3", chapter: "Chapter11TrainDecay", "Adam with a linear decay, nine modules, CONV => RELU => BN",
        .reluBN,
        epochs: 75, { PolynomialDecay(initialLearningRate: $0.learningRate ?? 1e-3, decaySteps: $0.epochs) },
        rank1: 57.34,
        rank5: 81.25)

    private static func tinyImageNet(
        _ name: String, chapter: String, _ summary: String, _ order: ModuleOrder, epochs: Int,
        _ schedule: @escaping @Sendable (Experiment.Span) -> any LearningRateSchedule, rank1: Double, rank5: Double
    ) -> Experiment {
        Experiment(
            name: name, source: .readme, chapter: chapter, summary: summary, dataset: .tinyImageNet,
            networkName: "GoogLeNet",
            network: { GoogLeNet.build(width: 64, height: 64, depth: 3, classes: $0, reg: 0.0002, order: order) },
            optimizer: Adam(learningRate: 1e-3), schedule: schedule, epochs: epochs, batchSize: 64,
            normalization: .channelMeans, augmentation: tinyImageNetAugmentation,
            published: [Published(.readme, "rank1", rank1), Published(.readme, "rank5", rank5)])
    }
}
