import NeuralNetwork
import PyImageSearch

extension Experiments {
    /// The tutorial's Inception v1 with its two auxiliary heads, on CIFAR-10 scaled up to 224x224. Its numbers are those
    /// of the three outputs after the last epoch.
    public static let tutorial = Experiment(
        name: "tutorial", source: .tutorial, chapter: "InceptionV1CIFAR10",
        summary: "SGD from 0.01, falling by 4 % every 8 epochs; heads count 0.3", dataset: .cifar10,
        networkName: "InceptionV1",
        network: { InceptionV1.build(width: 224, height: 224, depth: 3, classes: $0) },
        optimizer: SGD(learningRate: 0.01, momentum: 0.9), lossWeights: [1, 0.3, 0.3],
        schedule: { ExponentialStaircase(initial: $0.learningRate ?? 0.01, drop: 0.96, every: 8) }, epochs: 25,
        batchSize: 256,
        published: [
            Published(.tutorial, "val_output_acc", 81.91), Published(.tutorial, "val_auxilliary_output_1_acc", 74.35),
            Published(.tutorial, "val_auxilliary_output_2_acc", 77.91),
        ])
}
