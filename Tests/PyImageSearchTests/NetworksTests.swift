import FixtureSupport
import Foundation
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

extension Networks.Entry: CustomTestStringConvertible {
    public var testDescription: String { name }
}

extension Networks {
    /// Without those that take gigabytes, unless `$SLOW_FIXTURES` asks for them.
    static let affordable = all.filter {
        $0.parameterCount <= 30_000_000 || ProcessInfo.processInfo.environment["SLOW_FIXTURES"] != nil
    }
}

/// What every network of the package has to pass.
@Suite(.serialized) struct NetworksTests {
    /// The network with kernels as He et al. initialize them, so that all layers matter, and other weights that are
    /// neither 0 nor 1. In residual modules kernels are half as large, or the sums would grow from module to module.
    private func network(_ entry: Networks.Entry) throws -> Model {
        let model = try entry.build().on(.any)
        let names = model.layers.flatMap { layer in
            let gain = layer.modules.contains { $0.kind == .residual } ? 0.5 : 1.0
            return layer.weights.map { (name: "\(layer.name)/\($0.name)", shape: $0.shape, gain: gain) }
        }
        try model.setWeights(
            names.map { name, shape, gain in
                if shape.rank > 1 {
                    let limit = gain * (6 / Double(shape.count / shape[shape.rank - 1])).squareRoot()
                    return hashUniform(name, shape: shape, -limit, limit)
                }
                let isScale = name.hasSuffix("gamma") || name.hasSuffix("variance")
                return hashUniform(name, shape: shape, isScale ? 0.5 : -0.2, isScale ? 1.5 : 0.2)
            })
        return model
    }

    private func images(_ count: Int, for model: Model) -> Tensor {
        hashImages("networks/input", model.layers[0].outputShape.batched(count))
    }

    @Test(arguments: Networks.all)
    func parameters(entry: Networks.Entry) {
        #expect(entry.build().parameterCount == entry.parameterCount)
        #expect(entry.build(training: false).parameterCount <= entry.parameterCount)
        #expect(!entry.paper.isEmpty && Networks.all.filter { $0.name == entry.name }.count == 1)
    }

    /// Layers on the longest way, counted by hand, and multiply-adds as others count them, in billions. ResNet-50 has its
    /// strides in 1x1 convolutions, and GoogLeNet no heads.
    @Test(arguments: [
        ("VGG16", 16, 15.47), ("VGG19", 19, 19.63), ("ResNet50", 50, 3.86), ("InceptionV1", 22, 1.58),
        ("InceptionV3", 48, 5.71), ("InceptionV4", 76, 12.27), ("InceptionResNetV2", 176, 13.18),
    ])
    func costs(name: String, depth: Int, billions: Double) throws {
        let network = try #require(Networks.all.first { $0.name == name }).build(training: false)
        #expect(network.depth == depth)
        #expect(abs(Double(network.multiplicationCount) / 1e9 - billions) < 0.01 * billions)
    }

    /// A step of plain SGD moves a weight by its gradient times the rate. What the penalty contributes is taken off.
    @Test(arguments: Networks.affordable)
    func everyWeightLearns(entry: Networks.Entry) throws {
        let model = try network(entry)
        let rate: Float = 16
        model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: Double(rate)))
        let x = images(4, for: model)
        let targets = model.outputs.map { output in
            let classes = output.shape.count
            var labels = Tensor(repeating: 0, shape: [x.shape[0], classes])
            for row in 0..<x.shape[0] { labels.scalars[row * classes + row % classes] = 1 }
            return labels
        }
        let before = try model.weights()
        try model.trainOnBatch(Batch(inputs: [x], targets: targets))
        let after = try model.weights()
        let weights = model.layers.flatMap { layer in layer.weights.map { (layer.name, $0) } }
        for (index, (layer, weight)) in weights.enumerated() where weight.isTrainable {
            let penalty = weight.regularizer?.l2 ?? 0
            let gradient = zip(before[index].scalars, after[index].scalars).map { before, after in
                abs((before - after) / rate - 2 * Float(penalty) * before)
            }
            // With a penalty, rounding leaves something of it.
            let rounding = penalty > 0 ? 1e-6 * (before[index].scalars.map(abs).max() ?? 0) : 0
            let largest = gradient.max() ?? 0
            #expect(largest > rounding && largest.isFinite, "\(layer)/\(weight.name): \(largest)")
        }
    }

    @Test(arguments: Networks.affordable)
    func filesKeepIt(entry: Networks.Entry) throws {
        let folder = try TemporaryFolder()
        let path = "\(folder.path)/network.hdf5"
        let model = try network(entry)
        try model.save(path)
        let loaded = try Model.load(path)
        #expect(loaded.name == model.name && loaded.layers.map(\.name) == model.layers.map(\.name))
        #expect(loaded.outputNames == model.outputNames)
        let x = images(2, for: model)
        #expect(try loaded.predict([x]) == model.predict([x]))
    }

    @Test(arguments: Networks.all)
    func itCanBeDrawn(entry: Networks.Entry) throws {
        let model = entry.build()
        let outline = NetworkOutline(model)
        #expect(outline.parts.reduce(0) { $0 + $1.layers.count } == model.layers.count)
        let diagram = try plotModel(model, showShapes: true, showLayerNames: true, showModules: true)
        #expect(diagram.nodes.count == model.layers.count && diagram.width > 0)
        // Every convolution is a unit, which the network names.
        for layer in model.layers where layer.className == Conv2D.className {
            #expect(layer.modules.last?.kind == .convolution, "\(layer.name)")
        }
        #expect(model.summary().split(separator: "\n").count > model.layers.count)
    }

    /// Alone or in a batch, an image has the same prediction, and another one has another.
    @Test(arguments: Networks.affordable)
    func batchesDoNotMatter(entry: Networks.Entry) throws {
        let model = try network(entry)
        let x = images(3, for: model)
        let together = try model.predict([x], batchSize: 3), alone = try model.predict([x], batchSize: 1)
        #expect(together.count == model.outputNames.count && alone.count == together.count)
        for (name, (together, alone)) in zip(model.outputNames, zip(together, alone)) {
            let difference = Difference(name, alone, together, absolute: 1e-5)
            #expect(difference.isWithinTolerance, "\(difference)")
            for row in 0..<3 {
                #expect(abs(together[rows: row..<row + 1].scalars.reduce(0, +) - 1) < 1e-4)
                let other = together[rows: (row + 1) % 3..<(row + 1) % 3 + 1]
                let distance = Difference(name, together[rows: row..<row + 1], other, absolute: 1e-4)
                #expect(!distance.isWithinTolerance, "rows \(row) of \(name) and the next are alike")
            }
        }
    }
}
