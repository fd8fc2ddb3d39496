import Experiments
import NeuralNetwork
import PyImageSearch
import Testing

/// The experiments of the book's chapter 12.
@Suite struct ResNetExperimentTests {
    private func rates(_ experiment: Experiment, _ epochs: [Int]) -> [Double] {
        epochs.map { experiment.schedule(experiment.wholeSpan).learningRate(at: $0 - 1) }
    }

    @Test func networksAreTheBooks() {
        let book = Experiments.resNetCIFAR10.filter { $0.source != .ours }
        #expect(book.map { $0.network(10).parameterCount } == [60_790, 880_774, 886_102, 886_102])
        #expect(Experiments.resNetTinyImageNet.map { $0.network(200).parameterCount } == [2_265_748, 2_265_748])
    }

    /// The printed code does not pass `reg` on to the modules, and leaves the momentum out.
    @Test func penaltiesAreThoseOfTheCodeAndTheMomentumThatOfTheText() {
        let regs = [0.0001, 0.0001, 0.0005, 0.0005, 0.0005, 0.0005]
        let book = (Experiments.resNetCIFAR10 + Experiments.resNetTinyImageNet).filter { $0.source != .ours }
        for (experiment, reg) in zip(book, regs) {
            let optimizer = experiment.optimizer as? SGD
            #expect(optimizer?.momentum == 0.9 && optimizer?.nesterov == false && experiment.learningRate == 0.1)
            for layer in experiment.network(10).layers where ["Conv2D", "Dense"].contains(layer.className) {
                let isInModule = layer.modules.contains { $0.kind == .residual }
                #expect(layer.weights.first?.regularizer?.l2 == (isInModule ? 0.0001 : reg), "\(layer.name)")
            }
        }
    }

    @Test func schedulesAreTheBooks() {
        let (cifar, tiny) = (Experiments.resNetCIFAR10, Experiments.resNetTinyImageNet)
        #expect(rates(cifar[0], [1, 50, 51, 75, 76, 85]) == [1e-1, 1e-1, 1e-2, 1e-2, 1e-3, 1e-3])
        #expect(rates(cifar[1], [1, 40, 41, 45, 46, 50]) == [1e-1, 1e-1, 1e-2, 1e-2, 1e-3, 1e-3])
        #expect(rates(cifar[2], [1, 80, 81, 90, 91, 100]) == [1e-1, 1e-1, 1e-2, 1e-2, 1e-3, 1e-3])
        #expect(rates(cifar[3], [1, 51, 101]) == [1e-1, 5e-2, 0])
        #expect(rates(tiny[0], [1, 25, 26, 35, 36, 40]) == [1e-1, 1e-1, 1e-2, 1e-2, 1e-3, 1e-3])
        #expect(rates(tiny[1], [1, 76]) == [1e-1, 0])
        #expect((cifar + tiny).map(\.epochs) == [85, 50, 100, 100, 14, 40, 75])
        #expect((cifar + tiny).map(\.batchSize) == [128, 128, 128, 128, 128, 64, 64])
    }

    /// Two modules a stage in place of nine, and stages that fit into eight epochs.
    @Test func theDrawnShapesHaveASmallerNetwork() {
        let short = Experiments.resNetCIFAR10.map { $0.onShapes10(epochs: 8) }
        let additions = short.map { $0.network(10).layers.count { $0.className == "Add" } }
        #expect(additions == [6, 6, 6, 6, 3])
        #expect(rates(short[2], [1, 5, 6, 7, 8]) == [1e-1, 1e-1, 1e-2, 1e-2, 1e-3])
        #expect(rates(short[3], [1, 5]) == [1e-1, 5e-2])
        #expect(short.allSatisfy { $0.published.isEmpty && $0.dataset == .shapes10 })
    }
}
