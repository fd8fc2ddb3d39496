import Tensors

/// What a model was compiled with, as Keras's `training_config`.
extension Compilation {
    func config(outputs: Int) -> JSON {
        var optimizer = self.optimizer.config
        let type = type(of: self.optimizer)
        optimizer["name"] = .string(type.className)
        optimizer["learning_rate"] = .number(self.optimizer.learningRate)
        // Keras 3 warns of a decay, even of none; Nadam's is another.
        if optimizer["decay"] == 0, type != Nadam.self { optimizer["decay"] = nil }
        let losses = self.losses.map(\.kerasConfig)
        return [
            "loss": outputs == 1 ? losses[0] : .array(losses),
            "loss_weights": outputs == 1 && lossWeights == [1] ? nil : .array(lossWeights.map { .number($0) }),
            "metrics": outputs == 1 ? ["accuracy"] : .array(losses.map { _ in ["accuracy"] }),
            "weighted_metrics": nil,
            "optimizer_config": ["class_name": .string(type.className), "config": .object(optimizer)],
        ]
    }

    /// Whether a step is Keras 2's where the two differ, which the configuration does not say.
    var followsKeras2: Bool {
        switch optimizer {
        case let optimizer as Adagrad: !optimizer.isEpsilonUnderRoot
        case let optimizer as RMSprop: !optimizer.isEpsilonUnderRoot
        default: false
        }
    }

    /// - Returns: `nil` where the file's losses or optimizer are not ours: such a model predicts, and can be compiled
    ///   anew, but does not go on training as it was.
    /// - Throws: ``ModelFileError`` naming a setting that cannot be one.
    init?(config json: JSON, outputNames: [String], followsKeras2: Bool = false) throws {
        let settings = json["optimizer_config"].map { OptimizerConfig($0, followsKeras2: followsKeras2) }
        guard let optimizer = try settings?.optimizer() else { return nil }
        func perOutput(_ json: JSON?) -> [JSON]? {
            switch json {
            case .array(let entries) where entries.count == outputNames.count: entries
            case .object(let members) where members["class_name"] == nil:
                outputNames.allSatisfy { members[$0] != nil } ? outputNames.compactMap { members[$0] } : nil
            case .some(let single) where !single.isNull: outputNames.map { _ in single }
            default: nil
            }
        }
        let losses = (perOutput(json["loss"]) ?? []).compactMap { entry in
            Loss(kerasConfig: entry)
        }
        guard losses.count == outputNames.count else { return nil }
        let weights = perOutput(json["loss_weights"])?.map { $0.isNull ? 1 : $0.number ?? .nan }
        guard weights?.allSatisfy({ LayerConfig.singles.contains($0) }) ?? true else {
            throw ModelFileError("the loss_weights of the training_config are not one number for each output")
        }
        self.init(
            losses: losses, lossWeights: weights ?? [Double](repeating: 1, count: losses.count), optimizer: optimizer)
    }
}

/// An optimizer's class and settings out of a model file.
private struct OptimizerConfig {
    let className: String
    let entries: JSON
    let followsKeras2: Bool

    init(_ json: JSON, followsKeras2: Bool) {
        self.followsKeras2 = followsKeras2
        entries = json["config"] ?? [:]
        // So the last releases of Keras 2 name their new optimizers; elsewhere it is somebody's own class.
        let name = json["class_name"]?.string ?? "", prefix = "Custom>"
        let isNew = entries["is_legacy_optimizer"] == false && name.hasPrefix(prefix)
        className = isNew ? String(name.dropFirst(prefix.count)) : name
    }

    /// What Keras may add to any optimizer's step, and ours do not know.
    private var isPlain: Bool {
        let additions = [
            "weight_decay", "clipnorm", "global_clipnorm", "clipvalue", "use_ema", "loss_scale_factor",
            "gradient_accumulation_steps",
        ]
        return additions.allSatisfy { [nil, JSON.null, 0, false].contains(entries[$0]) }
    }

    /// - Returns: `nil` for an optimizer that is not ours.
    func optimizer() throws -> (any Optimizer)? {
        guard isPlain else { return nil }
        // A rate that follows a schedule of Keras's is an object.
        for key in ["learning_rate", "lr"] { if case .object? = entries[key] { return nil } }
        func learningRate() throws -> Double { try number("learning_rate", number("lr", 0.01)) }
        func decay() throws -> Double { try number("decay", 0) }
        func epsilon() throws -> Double { try number("epsilon", 1e-7) }
        func fraction(_ key: String, _ fallback: Double, upTo limit: Double = 1) throws -> Double {
            try number(key, fallback, in: 0...limit)
        }
        switch className.lowercased() {
        case "sgd":
            return SGD(
                learningRate: try learningRate(), momentum: try fraction("momentum", 0),
                nesterov: entries["nesterov"]?.bool ?? false, decay: try decay())
        case "adagrad":
            return Adagrad(
                learningRate: try learningRate(),
                initialAccumulatorValue: try number("initial_accumulator_value", followsKeras2 ? 0 : 0.1),
                epsilon: try epsilon(), decay: try decay(), isEpsilonUnderRoot: !followsKeras2)
        case "adadelta":
            return Adadelta(
                learningRate: try learningRate(), rho: try fraction("rho", 0.95), epsilon: try epsilon(),
                decay: try decay())
        case "rmsprop":
            guard try fraction("momentum", 0) == 0, entries["centered"]?.bool != true else { return nil }
            return RMSprop(
                learningRate: try learningRate(), rho: try fraction("rho", 0.9), epsilon: try epsilon(),
                decay: try decay(), isEpsilonUnderRoot: !followsKeras2)
        case "adam":
            guard entries["amsgrad"]?.bool != true else { return nil }
            return Adam(
                learningRate: try learningRate(), beta1: try fraction("beta_1", 0.9),
                beta2: try fraction("beta_2", 0.999),
                epsilon: try epsilon(), decay: try decay())
        case "nadam":
            // Every step multiplies beta1 up until nothing is left of it, which must come to an end.
            return Nadam(
                learningRate: try learningRate(), beta1: try fraction("beta_1", 0.9, upTo: 0.9999),
                beta2: try fraction("beta_2", 0.999), epsilon: try epsilon(),
                scheduleDecay: try number("schedule_decay", number("decay", 1)))
        default: return nil
        }
    }

    private func number(
        _ key: String, _ fallback: @autoclosure () throws -> Double,
        in range: ClosedRange<Double> = LayerConfig.positiveSingles
    ) throws -> Double {
        guard let entry = entries[key], !entry.isNull else { return try fallback() }
        guard let value = entry.number, range.contains(value) else {
            throw ModelFileError(
                "\"\(key)\" of the optimizer \(className) must be a number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        // Keras keeps its settings as 32-bit floats; the number that was meant is the shortest that rounds to it.
        let single = Float(value)
        return Double(single) == value ? Double(single.description) ?? value : value
    }
}

extension Loss {
    /// Keras's name, or where there is more to say its class and configuration.
    var kerasConfig: JSON {
        guard labelSmoothing > 0 else { return .string(kind.rawValue) }
        return [
            "class_name": "CategoricalCrossentropy",
            "config": ["name": .string(kind.rawValue), "label_smoothing": .number(labelSmoothing)],
        ]
    }

    /// From Keras's name in a model file, or from class and configuration.
    init?(kerasConfig json: JSON) {
        let smoothing = json["config"]?["label_smoothing"]?.number ?? 0
        // Ours takes probabilities, and the mean over the batch.
        let reductions: [JSON?] = [nil, JSON.null, "auto", "sum_over_batch_size"]
        guard json["config"]?["from_logits"] != true, reductions.contains(json["config"]?["reduction"]) else {
            return nil
        }
        switch json.string ?? json["config"]?.string ?? json["class_name"]?.string {
        case "categorical_crossentropy", "CategoricalCrossentropy":
            guard (0...1).contains(smoothing) else { return nil }
            self = .categoricalCrossentropy(labelSmoothing: smoothing)
        case "binary_crossentropy", "BinaryCrossentropy":
            guard smoothing == 0 else { return nil }
            self = .binaryCrossentropy
        case "mse", "mean_squared_error", "MeanSquaredError": self = .meanSquaredError
        default: return nil
        }
    }
}
