import ComputeGraph
import HDF5
import System
import Tensors

extension Model {
    /// Opens a model file of Keras 2, Keras 3 or this library: architecture, weights and, if the file has them and they
    /// are known here, losses, optimizer and the optimizer's state, so that training can resume.
    ///
    /// Parts of the training that are not known here, or do not fit, are left out with a warning: the model can still
    /// predict.
    ///
    /// - Parameters:
    ///   - path: of an HDF5 file.
    ///   - backend: computes the model.
    ///   - warn: receives a line for each part that is left out, or computed differently than the file asks.
    /// - Throws: `HDF5Error`, ``ModelFileError`` or ``LayerError``, naming the first layer that is not known here or
    ///   does not fit; for a file of another format, its format.
    public static func load(
        _ path: String, backend: any Backend, warn: (String) -> Void = System.warn
    ) throws -> Model {
        let file = try open(path)
        guard let text = try file.root.attributes.string("model_config") else {
            throw ModelFileError("\(path) holds no model_config, \(contents(of: file))")
        }
        let config = try parse(text, "model_config", path)
        let slope = try file.root.attributes.numbers(KerasFile.hardSigmoidSlope)?.first.map(Float.init)
        let version = try kerasVersion(of: file)
        let shared = try file.root.attributes.string(KerasFile.sharedLayers).map {
            try list(parse($0, KerasFile.sharedLayers, path), KerasFile.sharedLayers, path)
        }
        let model = try naming(path) {
            try Model(
                config: config,
                hardSigmoidSlope: slope
                    ?? (version.major < 3 ? ActivationFunction.keras2Slope : ActivationFunction.keras3Slope),
                sharedLayers: (shared ?? []).map { places in
                    (places.array ?? []).map { ($0.array ?? []).compactMap(\.string) }
                })
        }
        for policy in config.dtypePolicies.subtracting(["float32"]).sorted() {
            warn("\(path): its layers ask for \(policy); here they compute in float32, and so are saved")
        }
        try model.move(to: backend)
        try model.readWeights(from: file, path: path)
        model.classNames = try strings(KerasFile.classNames, in: file)
        model.inputDescription = try strings(KerasFile.inputDescription, in: file)?.first.map {
            try parse($0, KerasFile.inputDescription, path)
        }
        do {
            if let compilation = try compilation(in: file, of: model, path: path, warn: warn) {
                model.compile(compilation)
                try model.readOptimizerState(from: file, path: path)
            }
        } catch let unknown as UnknownTraining {
            model.unknownTraining = unknown.description
        }
        if let unknown = model.unknownTraining {
            warn("\(path): \(unknown) and left out: the model predicts; compile it before training it")
        }
        if let lost = model.lostMemory {
            warn("\(path): \(lost): it is loaded without the optimizer's state, and predicts as it did")
        }
        try model.noteCheckpoint(path)
        return model
    }

    /// - Throws: ``ModelFileError`` for a known format other than HDF5, naming it, and for a file that lacks its end; else
    ///   `HDF5Error`.
    static func open(_ path: String) throws -> HDF5File {
        do { return try HDF5File(reading: path) } catch {
            // The library knows how long the file was.
            if case HDF5Error.library(let message, _, _) = error,
                let sizes = message.firstMatch(of: /truncated file: eof = (\d+),.*stored_eo[af] = (\d+)/)
            {
                throw ModelFileError(
                    "\(path) is not whole: it has \(sizes.1) of its \(sizes.2) bytes; copy or download it again")
            }
            guard let description = ForeignFile.description(path) else { throw error }
            throw ModelFileError("\(path) \(description)")
        }
    }

    /// What an HDF5 file is that is not a model of Keras.
    static func contents(of file: HDF5File) -> String {
        if file.root.contains("layers") || file.root.contains("_layer_checkpoint_dependencies") {
            return "it is a file of weights of Keras 3 (.weights.h5): build the network and load them into it"
        }
        if file.root.contains("labels") { return "it is a data set; give a model file" }
        return "only weights at most: build the network and load them into it"
    }

    /// Strings that only a file of this library has, such as the class names.
    private static func strings(_ name: String, in file: HDF5File) throws -> [String]? {
        guard file.root.contains(KerasFile.resumeGroup) else { return nil }
        let group = try file.root.group(KerasFile.resumeGroup)
        return group.contains(name) ? try group.dataset(name).readStrings() : nil
    }

    static func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as LayerError {
            throw ModelFileError("\(path): \(error)")
        } catch let error as ModelFileError {
            throw ModelFileError("\(path): \(error)")
        } catch let error as BackendError {
            throw ModelFileError("\(path): \(error)")
        }
    }

    /// What a file's model was compiled with, if it is known here and there is memory for the optimizer's state.
    ///
    /// - Throws: ``UnknownTraining``, or an error of the file.
    private static func compilation(
        in file: HDF5File, of model: Model, path: String, warn: (String) -> Void
    ) throws -> Compilation? {
        guard let text = try file.root.attributes.string("training_config") else { return nil }
        let config = try parse(text, "training_config", path)
        return try naming(path) {
            let units = model.outputs.map { $0.shape[$0.shape.rank - 1] }
            var compilation = try Compilation(
                config: config, outputNames: model.outputNames, units: units, meaning: meaning(of: config, in: file))
            if let steps = try gradientSteps(in: file, path) { compilation.gradientSteps = steps }
            try model.chosenBackend().requireMemory(
                model.graph.parameterBytes, of: compilation.optimizer.slotNames.count,
                for: "the optimizer's state")
            let metrics = Compilation.unknownMetrics(in: config, units: units)
            if !metrics.isEmpty {
                let verb = metrics.count == 1 ? "is" : "are"
                warn(
                    "\(path): of its metrics \(metrics.joined(separator: ", ")) \(verb) not known here, and \(verb) left out"
                )
            }
            return compilation
        }
    }

    /// The gradient steps in a file of this library; `nil` if the file has none of its own.
    ///
    /// - Throws: ``UnknownTraining`` for a step that is not known here.
    private static func gradientSteps(in file: HDF5File, _ path: String) throws -> [any GradientStep]? {
        guard file.root.contains(KerasFile.resumeGroup),
            let text = try file.root.group(KerasFile.resumeGroup).attributes.string(KerasFile.gradientSteps)
        else { return nil }
        return try list(parse(text, KerasFile.gradientSteps, path), KerasFile.gradientSteps, path)
            .map(gradientStep)
    }

    private static func gradientStep(_ json: JSON) throws -> any GradientStep {
        if json["class_name"] == "LARS", let coefficient = json["config"]?["trust_coefficient"]?.number {
            return LARS(trustCoefficient: coefficient)
        }
        return try GradientClipping(described: json)
    }

    private static func list(_ json: JSON, _ name: String, _ path: String) throws -> [JSON] {
        guard let list = json.array else {
            throw ModelFileError("\(path): its \(name) is not a list; the file is damaged")
        }
        return list
    }

    /// What the file's training means. Files of this library say so; other files' meaning goes by Keras's version.
    private static func meaning(of trainingConfig: JSON, in file: HDF5File) throws -> KerasMeaning {
        if file.root.contains(KerasFile.resumeGroup) {
            let resume = try file.root.group(KerasFile.resumeGroup).attributes
            func says(_ name: String) throws -> Bool { try resume.numbers(name)?.first == 1 }
            return KerasMeaning(
                optimizersOfKeras2: try says(KerasFile.optimizersOfKeras2),
                lossesTakeAnyLogits: try says(KerasFile.lossesTakeAnyLogits),
                penalizesFrozenWeights: try says(KerasFile.penalizesFrozenWeights))
        }
        let (major, minor) = try kerasVersion(of: file)
        let isNew = trainingConfig["optimizer_config"]?["config"]?["is_legacy_optimizer"] == false
        // The Keras of the book clipped probabilities; the one inside TensorFlow, from 2.4 on, finds the logits.
        return KerasMeaning(
            optimizersOfKeras2: major < 3 && !isNew, lossesTakeAnyLogits: (major, minor) >= (2, 4),
            penalizesFrozenWeights: major < 3)
    }

    /// Keras 3 if the file does not say.
    private static func kerasVersion(of file: HDF5File) throws -> (major: Int, minor: Int) {
        let text = try file.root.attributes.string("keras_version") ?? ""
        let numbers = text.split(separator: ".").map { Int($0) ?? 0 }
        return (numbers.first ?? 3, numbers.dropFirst().first ?? 0)
    }

    private static func parse(_ text: String, _ name: String, _ path: String) throws -> JSON {
        // Keras's own largest network needs a megabyte.
        guard text.utf8.count <= 1 << 23 else {
            throw ModelFileError(
                "\(path): its \(name) has \(text.utf8.count) bytes, more than the \(1 << 23) that are read")
        }
        do { return try JSON(parsing: text) } catch {
            throw ModelFileError("\(path): its \(name) is not read: \(error)")
        }
    }

    // MARK: - Optimizer

    private func readOptimizerState(from file: HDF5File, path: String) throws {
        if file.root.contains(KerasFile.optimizerGroup) {
            try readSlots(from: file.root.group(KerasFile.optimizerGroup), path: path)
        }
        // The optimizer's own counter is right: it is 0 if the optimizer's state was not read.
        guard var state = try TrainingState(in: file.root, path: path) else { return }
        state.iterations = self.state.iterations
        var metrics = Metrics(outputNames: outputNames, metrics: compilation?.metrics ?? [])
        metrics.sums = state.sums
        guard state.step == 0 || metrics.sums == state.sums else {
            throw ModelFileError(
                "\(path): its sums are not those of \(counted(outputNames.count, "output")); the file is damaged")
        }
        self.state = state
        let resume = try file.root.group(KerasFile.resumeGroup).attributes
        if let rate = try resume.numbers("learning_rate")?.first, rate.isFinite { learningRate = rate }
        try readAccumulatedGradients(from: file.root.group(KerasFile.resumeGroup))
    }

    private func readAccumulatedGradients(from group: HDF5Group) throws {
        guard group.contains(KerasFile.accumulatedGradients) else { return }
        let arrays = try group.group(KerasFile.accumulatedGradients), graph = graph
        accumulatedGradients = try graph.parameterIDs.filter { graph[$0].isTrainable }.enumerated().map { place, _ in
            try arrays.dataset("\(place)").read(as: Float.self)
        }
    }

    private func readSlots(from group: HDF5Group, path: String) throws {
        guard let compilation, let names = try group.attributes.split("weight_names") else { return }
        var arrays: [HDF5Dataset] = []
        var isInterleaved = false
        for name in names {
            let dataset = try group.dataset(name)
            guard dataset.shape.isEmpty else {
                arrays.append(dataset)
                continue
            }
            // Scalars are the step counter and, depending on Keras's generation, other numbers.
            let last = name.split(separator: "/").last.map(String.init) ?? name
            if last.hasPrefix("iter") {
                guard let count = try dataset.read(as: Int.self).first, (0..<1 << 48).contains(count) else {
                    throw ModelFileError(
                        "\(path): the optimizer's \(name) is not a number of steps; the file is damaged")
                }
                state.iterations = count
                // Keras 3, and Keras 2's last optimizers, store the slots of each weight together. Older ones name the
                // counter "iter" or "iterations".
                isInterleaved = last == "iteration" || last == "iteration:0"
            } else if last.hasPrefix("learning_rate") {
                if let rate = try dataset.read(as: Float.self).first, rate.isFinite {
                    learningRate = Double(rate.description) ?? Double(rate)
                }
            }
        }
        let graph = graph, trainable = graph.parameterIDs.filter { graph[$0].isTrainable }
        let slots = compilation.optimizer.slotNames.count
        // Keras 3 stores the sums of an unfinished accumulation before everything else.
        if compilation.gradientAccumulationSteps > 1, arrays.count == (slots + 1) * trainable.count {
            let sums = arrays.prefix(trainable.count)
            if state.iterations % compilation.gradientAccumulationSteps != 0 {
                accumulatedGradients = try sums.map { try $0.read(as: Float.self) }
            }
            arrays.removeFirst(trainable.count)
        }
        // Keras 2.2 stores slots for a momentum of 0 too, and for Adam an unused array of one element per weight.
        guard slots > 0 else { return }
        if arrays.isEmpty {
            guard state.iterations > 0 else { return }
            return loseMemory("training has made \(state.iterations) steps, but the file does not hold its state")
        }
        if arrays.count > slots * trainable.count, arrays[(slots * trainable.count)...].allSatisfy({ $0.shape == [1] })
        {
            arrays.removeLast(arrays.count - slots * trainable.count)
        }
        guard arrays.count == slots * trainable.count else {
            return loseMemory(
                "the optimizer's state has \(arrays.count) arrays, but \(trainable.count) trainable weights need \(slots) each: "
                    + "layers were frozen or unfrozen after compile()")
        }
        func array(_ position: Int, _ slot: Int) -> HDF5Dataset {
            arrays[isInterleaved ? position * slots + slot : slot * trainable.count + position]
        }
        for (position, weight) in trainable.enumerated() {
            for slot in 0..<slots {
                let (array, parameter) = (array(position, slot), graph[weight])
                guard array.shape == parameter.shape.dimensions else {
                    return loseMemory(
                        "the optimizer's state in \"\(array.path)\" is \(Shape(array.shape)), but \(parameter.name) is "
                            + "\(parameter.shape)")
                }
            }
        }
        let storage = try parameters()
        for (position, weight) in trainable.enumerated() {
            for slot in 0..<slots {
                let scalars = try array(position, slot).read(as: Float.self)
                storage.setSlot(slot, of: weight, to: Tensor(shape: graph[weight].shape, scalars: scalars))
            }
        }
    }

    /// Without its state, an optimizer has made no steps: some correct their first steps by the number.
    private func loseMemory(_ reason: String) {
        lostMemory = reason
        state.iterations = 0
    }
}
