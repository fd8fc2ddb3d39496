import NeuralNetwork
import PyImageSearch
import Testing

/// ResNet as the book and the paper describe it. The fixtures compare it with Keras, layer by layer.
@Suite struct ResNetTests {
    private func forCIFAR(
        _ filters: [Int], modules: ResNet.Modules = .bottleneck, reg: Double = 0.0005, moduleReg: Double? = nil
    ) -> Model {
        ResNet.build(
            width: 32, height: 32, depth: 3, classes: 10, stages: [9, 9, 9], filters: filters, modules: modules,
            reg: reg, moduleReg: moduleReg)
    }

    @Test func parameterCounts() {
        #expect(forCIFAR([16, 16, 32, 64]).parameterCount == 60_790)
        #expect(forCIFAR([16, 64, 128, 256]).parameterCount == 880_774)
        #expect(forCIFAR([64, 64, 128, 256]).parameterCount == 886_102)
        #expect(Networks.resNetTinyImageNet.build().parameterCount == 2_265_748)
    }

    /// The book calls the network ResNet-56.
    @Test func eightyThreeLayersHaveWeightsBesidesProjections() {
        let layers = forCIFAR([64, 64, 128, 256]).layers.filter { ["Conv2D", "Dense"].contains($0.className) }
        #expect(layers.count == 1 + 3 * 27 + 1 + 3)
    }

    @Test(arguments: [nil, 0.0001]) func penalties(moduleReg: Double?) {
        let model = forCIFAR([16, 16, 32, 64], moduleReg: moduleReg)
        for layer in model.layers where ["Conv2D", "Dense"].contains(layer.className) {
            let isInModule = layer.modules.contains { $0.kind == .residual }
            #expect(
                layer.weights.first?.regularizer?.l2 == (isInModule ? moduleReg ?? 0.0005 : 0.0005), "\(layer.name)")
        }
    }

    @Test func noPenalty() {
        let weights = forCIFAR([16, 16, 32, 64], reg: 0).layers.flatMap(\.weights)
        #expect(weights.allSatisfy { $0.regularizer == nil })
    }

    /// The first module of every stage projects the input after its normalization and ReLU; the others add the input.
    @Test(arguments: [ResNet.Modules.bottleneck, .basic]) func shortcuts(modules: ResNet.Modules) throws {
        let model = ResNet.build(
            width: 32, height: 32, depth: 3, classes: 10, stages: [2, 2, 2], filters: [8, 16, 24, 32], modules: modules)
        let additions = model.layers.filter { $0.className == "Add" }
        #expect(additions.map { $0.outputShape.dimensions[0] } == [32, 32, 16, 16, 8, 8])
        for (number, addition) in additions.enumerated() {
            let shortcut = try model.layer(named: addition.inbound[1])
            if number.isMultiple(of: 2) {
                #expect(shortcut.className == "Conv2D")
                let activation = try model.layer(named: shortcut.inbound[0])
                #expect(activation.className == "Activation")
                let readers = model.layers.filter { $0.inbound.contains(activation.name) }
                #expect(readers.map(\.className) == ["Conv2D", "Conv2D"])
            } else {
                #expect(shortcut.name == additions[number - 1].name)
            }
            let convolutions = model.layers.filter { $0.modules.contains(addition.modules[0]) }
                .filter { $0.className == "Conv2D" }
            let projections = number.isMultiple(of: 2) ? 1 : 0
            #expect(convolutions.count == (modules == .basic ? 2 : 3) + projections)
        }
    }

    @Test func stems() throws {
        func sizes(_ entry: Networks.Entry) -> [Int] {
            let additions = entry.build().layers.filter { $0.className == "Add" }
            return additions.map { $0.outputShape.dimensions[0] }
        }
        func repeated(_ sizes: (Int, Int)...) -> [Int] { sizes.flatMap { Array(repeating: $0, count: $1) } }
        #expect(sizes(Networks.resNet) == repeated((32, 9), (16, 9), (8, 9)))
        #expect(sizes(Networks.resNetTinyImageNet) == repeated((32, 3), (16, 4), (8, 6)))
        #expect(sizes(Networks.resNetImageNet) == repeated((56, 3), (28, 4), (14, 6), (7, 3)))
    }
}
