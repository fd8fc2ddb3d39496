import Experiments
import NeuralNetwork
import PyImageSearch
import Testing

/// The documents' experiments, and the network that only one of them describes.
@Suite struct TinyImageNetExperimentTests {
    /// Parameters from the paper's table, counted without building anything.
    private func parameters(modules: [[Int]], classes: Int) -> Int {
        func conv(_ side: Int, _ channels: Int, _ filters: Int) -> Int {
            (side * side * channels + 1) * filters + 4 * filters
        }
        var count = conv(5, 3, 64) + conv(1, 64, 64) + conv(3, 64, 192)
        var channels = 192
        for m in modules {
            count += conv(1, channels, m[0]) + conv(1, channels, m[1]) + conv(3, m[1], m[2])
            count += conv(1, channels, m[3]) + conv(5, m[3], m[4]) + conv(1, channels, m[5])
            channels = m[0] + m[2] + m[4] + m[5]
        }
        return count + (channels + 1) * classes
    }

    @Test(arguments: [ModuleOrder.bnReLU, .reluBN])
    func googLeNetHasThePapersNineModules(order: ModuleOrder) throws {
        let table = [
            [64, 96, 128, 16, 32, 32], [128, 128, 192, 32, 96, 64], [192, 96, 208, 16, 48, 64],
            [160, 112, 224, 24, 64, 64], [128, 128, 256, 24, 64, 64], [112, 144, 288, 32, 64, 64],
            [256, 160, 320, 32, 128, 128], [256, 160, 320, 32, 128, 128], [384, 192, 384, 48, 128, 128],
        ]
        #expect(parameters(modules: Array(table.prefix(7)), classes: 200) == 3_667_976)
        let model = GoogLeNet.build(width: 64, height: 64, depth: 3, classes: 200, order: order)
        #expect(model.parameterCount == parameters(modules: table, classes: 200))
        #expect(try model.layer(named: "pool5").outputShape == [1, 1, 1024])
        #expect(try model.layer(named: "5b_mixed").outputShape == [4, 4, 1024])
        let inbound = try model.layer(named: "3a_second2_act").inbound
        #expect(inbound == [order == .bnReLU ? "3a_second2_bn" : "3a_second2_conv"])
    }

    @Test func theActivationCanBeELU() throws {
        let model = DeeperGoogLeNet.build(
            width: 64, height: 64, depth: 3, classes: 5, activation: .elu(alpha: 1), modules: .two)
        #expect(try model.layer(named: "block1_act").layer.config["activation"] == "elu")
        #expect(
            model.parameterCount
                == parameters(modules: [[64, 96, 128, 16, 32, 32], [128, 128, 192, 32, 96, 64]], classes: 5))
    }

    /// The book's tables 11.1 and 11.2, and the line.
    @Test func schedulesAreTheDocuments() throws {
        let all = Experiments.tinyImageNetStages + Experiments.tinyImageNetDecay
        func rates(_ name: String, _ epochs: [Int]) throws -> [Double] {
            let experiment = try Experiments.named(name, among: all)
            return epochs.map { experiment.schedule(experiment.wholeSpan).learningRate(at: $0 - 1) }
        }
        #expect(try rates("book-1", [1, 25, 26, 35, 36, 65]) == [1e-2, 1e-2, 1e-3, 1e-3, 1e-4, 1e-4])
        #expect(try rates("book-2", [1, 20, 21, 30, 31, 40]) == [1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5])
        for name in ["book-3", "readme-1", "readme-2"] {
            #expect(try rates(name, [1, 40, 41, 60, 61, 70]) == [1e-3, 1e-3, 1e-4, 1e-4, 1e-5, 1e-5])
        }
        // Its text has 70 epochs; its code and its curves have 75.
        #expect(abs(try rates("readme-3", [31])[0] - 6e-4) < 1e-9)
        let decay = Experiments.tinyImageNetDecay[0].schedule(.init(epochs: 10, stepsPerEpoch: 1))
        #expect(decay.learningRate(at: 5) == 5e-4)
        #expect(throws: ExperimentError.self) { try Experiments.named("book-4", among: all) }
    }

    /// A rate that a user asks for takes the place of the stages, as the ctrl+c method needs it.
    @Test func aGivenRateReplacesTheStages() {
        let schedule = Experiments.tinyImageNetStages[2].schedule(
            .init(epochs: 70, stepsPerEpoch: 1, learningRate: 1e-5))
        #expect([0, 45, 69].map { schedule.learningRate(at: $0) } == [1e-5, 1e-5, 1e-5])
    }
}
