import ComputeGraph
import Foundation
import HDF5
import System
import Tensors

extension Model {
    /// Writes the model as Keras's `model.save("x.hdf5")` does: architecture, weights and, if it is compiled, losses,
    /// optimizer and the optimizer's state.
    ///
    /// The spelling is Keras 2's, which `keras.models.load_model` of both generations opens; Keras 2 can resume
    /// training from it. Only a model that accumulates gradients cannot be opened by Keras 2, whose optimizers do not. A group of its own, which Keras ignores, holds what exact resuming needs beyond that
    /// (<doc:HowResumingWorks>). The file appears whole or not at all.
    ///
    /// - Parameters:
    ///   - path: of the file; ``checkFileName(_:)`` says which names are refused.
    ///   - previous: a path that keeps the file that `path` held before.
    /// - Throws: ``ModelFileError`` for the name of another format, `FileError` if the file cannot be written or put in
    ///   its place.
    public func save(_ path: String, keeping previous: String? = nil) throws {
        try Self.checkFileName(path)
        let file = try HDF5File(inMemory: path)
        try write(to: file.root)
        let contents = try file.contents()
        try file.close()
        try WholeFile.write(contents, to: path, keeping: previous)
        try noteCheckpoint(path)
    }

    private func write(to root: HDF5Group) throws {
        for node in graph.nodes {
            if case .activation(let function) = node.operation, !function.isWritable {
                throw ModelFileError("\(node.name) applies \(function), for which Keras's files have no words")
            }
        }
        try root.attributes.set("keras_version", KerasFile.writtenVersion)
        try root.attributes.set("backend", "tensorflow")
        try root.attributes.set("model_config", config.text())
        if let slope = try hardSigmoidSlope() { try root.attributes.set(KerasFile.hardSigmoidSlope, Double(slope)) }

        let shared = network.layersAtSeveralPlaces
        if !shared.isEmpty {
            let places = JSON.array(shared.map { .array($0.map { .array($0.map { .string($0) }) }) })
            try root.attributes.set(KerasFile.sharedLayers, places.text())
        }

        let storage = try parameters()
        let group = try root.createGroup(KerasFile.weightsGroup)
        try group.attributes.set("layer_names", layers.map(\.name))
        try group.attributes.set("backend", "tensorflow")
        try group.attributes.set("keras_version", KerasFile.writtenVersion)
        for layer in layers {
            let layerGroup = try group.createGroup(layer.name)
            let weights = weightsInFile(of: layer)
            try layerGroup.attributes.set("weight_names", weights.map { $0.name + ":0" })
            for (name, parameter) in weights { try layerGroup.write(storage.weight(parameter), to: name + ":0") }
        }

        // Keras ignores the group. An attribute would not hold the names of many thousands.
        if let classNames { try root.resumeGroup().createStrings(KerasFile.classNames, classNames) }
        if let inputDescription {
            try root.resumeGroup().createStrings(KerasFile.inputDescription, [inputDescription.text()])
        }
        guard let compilation else { return }
        let training = compilation.config(outputs: outputNames.count)
        try root.attributes.set("training_config", training.text(withPointIn: ["learning_rate", "momentum"]))

        let optimizer = type(of: compilation.optimizer).className
        let memory = try root.createGroup(KerasFile.optimizerGroup)
        var names = ["\(optimizer)/iter:0"]
        try memory.createDataset(names[0], shape: [], type: .int64).write([Int64(state.iterations)])
        if let nadam = compilation.optimizer as? Nadam {
            names.append("\(optimizer)/momentum_cache:0")
            try memory.createDataset(names[1], shape: [], type: .float32)
                .write([Float(nadam.keras2MomentumCache(iterations: state.iterations))])
        }
        for (slot, slotName) in compilation.optimizer.slotNames.enumerated() {
            for parameter in graph.parameterIDs where graph[parameter].isTrainable {
                names.append("\(optimizer)/\(graph[parameter].name)/\(slotName):0")
                try memory.write(storage.slot(slot, of: parameter), to: names[names.count - 1])
            }
        }
        try memory.attributes.set("weight_names", names)

        let resume = try root.resumeGroup().attributes
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try resume.set(KerasFile.state, String(decoding: encoder.encode(self.state), as: UTF8.self))
        try resume.set("learning_rate", learningRate)
        try resume.set("checksum", checksum())
        let meaning = compilation.meaning
        try resume.set(KerasFile.optimizersOfKeras2, meaning.optimizersOfKeras2 ? 1 : 0)
        try resume.set(KerasFile.lossesTakeAnyLogits, meaning.lossesTakeAnyLogits ? 1 : 0)
        try resume.set(KerasFile.penalizesFrozenWeights, meaning.penalizesFrozenWeights ? 1 : 0)
        try resume.set(KerasFile.gradientSteps, JSON.array(compilation.gradientSteps.map(\.described)).text())
        if !accumulatedGradients.isEmpty {
            let arrays = try root.resumeGroup().createGroup(KerasFile.accumulatedGradients)
            for (place, sums) in accumulatedGradients.enumerated() {
                try arrays.write(Tensor(shape: [sums.count], scalars: sums), to: "\(place)")
            }
        }
    }
}

extension Model {
    /// The slope of the hard sigmoids; `nil` for a model without them.
    ///
    /// - Throws: ``ModelFileError`` for several slopes, which no file can tell apart.
    fileprivate func hardSigmoidSlope() throws -> Float? {
        let slopes = Set(
            graph.nodes.compactMap { node -> Float? in
                if case .activation(.hardSigmoid(let slope)) = node.operation { slope } else { nil }
            })
        guard slopes.count <= 1 else {
            throw ModelFileError(
                "the model \"\(name)\" has hard sigmoids of Keras 2 and of Keras 3, which a file cannot tell apart")
        }
        return slopes.first
    }

    /// The weights of a layer under their names in its group of Keras's HDF5 files, in the order of the files: of a model
    /// that was called as a layer the paths within it, first those that are trained, then the others. A layer that stands
    /// at several places is at each.
    func weightsInFile(of layer: PlacedLayer) -> [(name: String, parameter: ParameterID)] {
        let graph = graph
        let weights = (layer.network?.paths() ?? [([layer.name], layer)]).flatMap { path, place in
            zip(place.layer.weights, parameters(of: place)).map { ((path + [$0.name]).joined(separator: "/"), $1) }
        }
        guard layer.network != nil else { return weights }
        return weights.filter { graph[$0.1].isTrainable } + weights.filter { !graph[$0.1].isTrainable }
    }

    /// The weights of a layer in the order of a file's names: a nested model's by their paths, if the file has the same,
    /// since the order in the file goes by what was frozen when it was saved; else by their places.
    func weights(of layer: PlacedLayer, named names: [String]) -> [ParameterID] {
        let weights = weightsInFile(of: layer)
        // A sequence inside has its name in Keras 3's names.
        let paths = names.map { name in
            let path = name.hasSuffix(":0") ? String(name.dropLast(2)) : name
            return path.hasPrefix(layer.name + "/") ? String(path.dropFirst(layer.name.count + 1)) : path
        }
        let own = Dictionary(weights.map { ($0.name, $0.parameter) }) { first, _ in first }
        guard layer.network != nil, Set(paths) == Set(own.keys), Set(paths).count == paths.count else {
            return weights.map(\.parameter)
        }
        return paths.compactMap { own[$0] }
    }
}

/// Names in the legacy HDF5 format of Keras.
enum KerasFile {
    static let writtenVersion = "2.15.0"
    static let weightsGroup = "model_weights"
    static let optimizerGroup = "optimizer_weights"
    static let resumeGroup = "pyimagesearch_resume"
    // In the group for resuming.
    static let classNames = "class_names"
    static let inputDescription = "input"
    static let state = "state"
    /// Beside `model_config`: Keras's generations mean different functions by one name.
    static let hardSigmoidSlope = "hard_sigmoid_slope"
    /// Beside `model_config`: the places of each layer that stands in several models, of which Keras's files make several
    /// layers.
    static let sharedLayers = "shared_layers"
    static let optimizersOfKeras2 = "follows_keras2"
    static let lossesTakeAnyLogits = "losses_take_any_logits"
    static let penalizesFrozenWeights = "penalizes_frozen_weights"
    static let gradientSteps = "gradient_steps"
    static let accumulatedGradients = "accumulated_gradients"
}

extension HDF5Group {
    /// The group for what Keras has no place for.
    fileprivate func resumeGroup() throws -> HDF5Group {
        contains(KerasFile.resumeGroup) ? try group(KerasFile.resumeGroup) : try createGroup(KerasFile.resumeGroup)
    }

    fileprivate func write(_ tensor: Tensor, to path: String) throws {
        try createDataset(path, shape: tensor.shape.dimensions, type: .float32).write(tensor.scalars)
    }
}
