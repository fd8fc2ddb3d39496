import Tensors

/// Reads and writes what a model was compiled with, as Keras's `training_config`.
extension Compilation {
    func config(outputs: Int) -> JSON {
        var optimizer = self.optimizer.config
        let type = type(of: self.optimizer)
        optimizer["name"] = .string(type.className)
        optimizer["learning_rate"] = .number(self.optimizer.learningRate)
        // Keras 3 warns about `decay: 0`, so it is omitted. (Nadam's `decay` is its schedule.)
        if optimizer["decay"] == 0, type != Nadam.self { optimizer["decay"] = nil }
        // Keras takes one step, a clipping. Others are in the group for resuming only.
        if gradientSteps.count == 1, let clipping = gradientSteps[0] as? GradientClipping {
            let (key, limit) = clipping.setting
            optimizer[key] = .number(limit)
        }
        if gradientAccumulationSteps > 1 { optimizer["gradient_accumulation_steps"] = JSON(gradientAccumulationSteps) }
        let losses = self.losses.map(\.kerasConfig)
        return [
            "loss": outputs == 1 ? losses[0] : .array(losses),
            "loss_weights": outputs == 1 && lossWeights == [1] ? nil : .array(lossWeights.map { .number($0) }),
            "metrics": outputs == 1
                ? .array(metrics.map(\.kerasConfig)) : .array(losses.map { _ in .array(metrics.map(\.kerasConfig)) }),
            "weighted_metrics": nil,
            "optimizer_config": ["class_name": .string(type.className), "config": .object(optimizer)],
        ]
    }

    /// What the training means where the configuration does not say it.
    var meaning: KerasMeaning {
        KerasMeaning(
            optimizersOfKeras2: optimizerIsOfKeras2, lossesTakeAnyLogits: losses.contains(where: \.takesAnyLogits),
            penalizesFrozenWeights: penalizesFrozenWeights)
    }

    private var optimizerIsOfKeras2: Bool {
        switch optimizer {
        case let optimizer as Adagrad: !optimizer.isEpsilonUnderRoot
        case let optimizer as RMSprop: !optimizer.isEpsilonUnderRoot
        default: false
        }
    }

    /// - Parameters:
    ///   - json: the `training_config`.
    ///   - outputNames: of the model.
    ///   - units: the lengths of the outputs' last axes, by which accuracies differ.
    ///   - meaning: what the configuration does not say.
    /// - Throws: ``UnknownTraining`` if the file's losses or optimizer are not ours: the model predicts and can be
    ///   compiled, but cannot resume its training. ``ModelFileError`` naming a setting that is impossible.
    init(config json: JSON, outputNames: [String], units: [Int] = [], meaning: KerasMeaning = .keras3) throws {
        func perOutput(_ json: JSON?) -> [JSON]? {
            switch json {
            case .array(let entries) where entries.count == outputNames.count: entries
            case .object(let members) where members["class_name"] == nil:
                outputNames.allSatisfy { members[$0] != nil } ? outputNames.compactMap { members[$0] } : nil
            case .some(let single) where !single.isNull: outputNames.map { _ in single }
            default: nil
            }
        }
        var unknown: [String] = []
        let entries = perOutput(json["loss"]) ?? []
        let losses = entries.compactMap(Loss.init(kerasConfig:)).map {
            meaning.lossesTakeAnyLogits ? $0.takingLogitsOfAnyActivation : $0
        }
        if losses.count != outputNames.count {
            let stray = entries.first { Loss(kerasConfig: $0) == nil }
            unknown.append(stray.map { "loss \(Loss.description(ofUnknown: $0))" } ?? "loss, if it has one,")
        }
        var optimizer: (any Optimizer)?
        var clipping: [GradientClipping] = [], accumulation = 1
        do {
            guard let settings = json["optimizer_config"], !settings.isNull else {
                throw UnknownTraining("optimizer, if it has one,")
            }
            let config = OptimizerConfig(settings, followsKeras2: meaning.optimizersOfKeras2)
            optimizer = try config.optimizer()
            clipping = try config.clipping()
            accumulation = try config.accumulationSteps()
        } catch let error as UnknownTraining {
            unknown.append(error.description)
        }
        guard let optimizer, unknown.isEmpty else {
            let verb = unknown.count == 1 ? "is" : "are"
            throw UnknownTraining("the file's \(unknown.joined(separator: " and ")) \(verb) not known here")
        }
        let weights = try Self.lossWeights(json["loss_weights"], outputNames)
        self.init(
            losses: losses, lossWeights: weights, optimizer: optimizer,
            metrics: Metric.known(in: json["metrics"], units: units), gradientSteps: clipping,
            gradientAccumulationSteps: accumulation, penalizesFrozenWeights: meaning.penalizesFrozenWeights)
    }

    /// One weight for each output: from a list, from an object by their names, or one for all. An output that has none has 1.
    ///
    /// - Throws: ``ModelFileError`` if there are others than that.
    private static func lossWeights(_ json: JSON?, _ outputNames: [String]) throws -> [Double] {
        let entries: [JSON?]
        switch json {
        case .array(let list): entries = list
        case .object(let members):
            if let stray = members.keys.sorted().first(where: { !outputNames.contains($0) }) {
                throw ModelFileError(
                    "the loss_weights of the training_config name \"\(stray)\", which is not an output")
            }
            entries = outputNames.map { members[$0] }
        default: entries = outputNames.map { _ in json }
        }
        let weights = entries.map { entry -> Double in
            guard let entry, !entry.isNull else { return 1 }
            return entry.number ?? .nan
        }
        guard weights.count == outputNames.count, weights.allSatisfy(LayerConfig.singles.contains) else {
            throw ModelFileError("the loss_weights of the training_config are not one number for each output")
        }
        return weights
    }
}

extension Compilation {
    /// The metrics in a `training_config` that are not known here, by name. Metrics that count the weights of
    /// samples are among them.
    static func unknownMetrics(in json: JSON, units: [Int]) -> [String] {
        let unknown = Metric.entries(in: json["metrics"]).filter { Metric.rank(of: $0, units: units) == nil }
        return unknown.map(name) + Metric.entries(in: json["weighted_metrics"]).map { "weighted \(name($0))" }
    }

    private static func name(_ metric: JSON) -> String {
        "\"\(metric.string ?? metric["config"]?["name"]?.string ?? metric["class_name"]?.string ?? "?")\""
    }
}

/// What a file's training means where Keras's generations differ, which its configuration does not say.
struct KerasMeaning: Equatable {
    /// Whether steps are those of Keras 2's older optimizers.
    var optimizersOfKeras2 = false
    /// See ``Loss/takingLogitsOfAnyActivation``.
    var lossesTakeAnyLogits = false
    /// Whether the penalties of frozen weights are part of the loss.
    var penalizesFrozenWeights = false

    /// The meaning of a program of this library.
    static let keras3 = KerasMeaning()
}

extension GradientClipping {
    /// Reads ``described``.
    ///
    /// - Throws: ``UnknownTraining`` for another gradient step.
    init(described json: JSON) throws {
        let limits = ["clipnorm": Self.norm, "clipvalue": Self.value, "global_clipnorm": Self.globalNorm]
        guard json["class_name"] == "GradientClipping", case .object(let config)? = json["config"],
            let (key, limit) = config.first, let clipping = limits[key], let limit = limit.number, limit > 0
        else {
            throw UnknownTraining(
                "the file's gradient step \"\(json["class_name"]?.string ?? "")\" is not known here")
        }
        self = clipping(limit)
    }

    /// Keras's name of the argument, and its value.
    var setting: (key: String, limit: Double) {
        switch self {
        case .norm(let limit): ("clipnorm", limit)
        case .value(let limit): ("clipvalue", limit)
        case .globalNorm(let limit): ("global_clipnorm", limit)
        }
    }
}

extension Metric {
    /// As Keras writes it into files.
    var kerasConfig: JSON {
        switch self {
        case .accuracy: "accuracy"
        case .topKCategoricalAccuracy(let k):
            JSON(className: "TopKCategoricalAccuracy", config: ["name": .string(name), "k": JSON(k)])
        }
    }

    /// The metrics of a `training_config` that are known here, in their order; the accuracy if there are others only.
    static func known(in json: JSON?, units: [Int]) -> [Metric] {
        if json == .array([]) { return [] }
        var seen: Set<Int> = []
        let known = entries(in: json).compactMap { rank(of: $0, units: units) }.filter { seen.insert($0).inserted }
        return known.isEmpty ? [.accuracy] : known.map { $0 == 1 ? .accuracy : .topKCategoricalAccuracy(k: $0) }
    }

    /// The metrics of lists and of lists by output: names, or objects with a class.
    fileprivate static func entries(in json: JSON?) -> [JSON] {
        switch json {
        case .string(let name): [.string(name)]
        case .array(let entries): entries.flatMap { Self.entries(in: $0) }
        case .object(let members):
            members["class_name"] == nil
                ? members.sorted { $0.key < $1.key }.flatMap { entries(in: $0.value) } : [.object(members)]
        default: []
        }
    }

    /// The rank up to which a metric of a file counts predictions as right: 1 for the accuracy. `nil` if it is not known
    /// here, or would be another number on the model's outputs: Keras's accuracy is binary for one unit only.
    fileprivate static func rank(of entry: JSON, units: [Int]) -> Int? {
        switch entry.string ?? entry["class_name"]?.string {
        // Keras's class of this name asks whether outputs and targets are equal.
        case "Accuracy": return entry.string == nil ? nil : 1
        case "accuracy", "acc": return 1
        case "binary_accuracy", "BinaryAccuracy":
            let threshold = entry["config"]?["threshold"]?.number ?? 0.5
            return units.allSatisfy { $0 == 1 } && threshold == 0.5 ? 1 : nil
        case "categorical_accuracy", "CategoricalAccuracy": return units.contains(1) ? nil : 1
        case "top_k_categorical_accuracy": return 5
        case "TopKCategoricalAccuracy":
            let k = entry["config"]?["k"]?.integer ?? 5
            return (1...1 << 20).contains(k) ? k : nil
        // A class around one of Keras's functions, whose name may begin with that of the output.
        case "MeanMetricWrapper":
            let function = entry["config"]?["fn"] ?? entry["config"]?["name"]
            return function.flatMap { $0.string == nil ? nil : rank(of: $0, units: units) }
        default: return nil
        }
    }
}

/// The losses and the optimizer of a file that are not known here, by name.
struct UnknownTraining: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// An optimizer's class and settings in a model file.
private struct OptimizerConfig {
    let className: String
    let entries: JSON
    let followsKeras2: Bool

    init(_ json: JSON, followsKeras2: Bool) {
        self.followsKeras2 = followsKeras2
        entries = json["config"] ?? [:]
        // The last releases of Keras 2 give their new optimizers this prefix; elsewhere it marks a custom class.
        let name = json["class_name"]?.string ?? "", prefix = "Custom>"
        let isNew = entries["is_legacy_optimizer"] == false && name.hasPrefix(prefix)
        className = isNew ? String(name.dropFirst(prefix.count)) : name
    }

    /// Options that any optimizer of Keras may have, and ours do not.
    private static let additions = [
        "weight_decay", "use_ema", "loss_scale_factor",
    ]

    private func unknown(with setting: String? = nil) -> UnknownTraining {
        UnknownTraining("optimizer \"\(className)\"" + (setting.map { " with \($0)" } ?? ""))
    }

    /// - Throws: ``UnknownTraining`` for an optimizer that is not ours, ``ModelFileError`` for a setting that is
    ///   impossible.
    func optimizer() throws -> any Optimizer {
        if let addition = Self.additions.first(where: { ![nil, JSON.null, 0, false].contains(entries[$0]) }) {
            throw unknown(with: addition)
        }
        let schedule = try inverseTimeDecay()
        func learningRate() throws -> Double {
            try schedule?.initial ?? number("learning_rate", number("lr", 0.01))
        }
        func decay() throws -> Double { try schedule?.decay ?? number("decay", 0) }
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
            guard try fraction("momentum", 0) == 0 else { throw unknown(with: "momentum") }
            guard entries["centered"]?.bool != true else { throw unknown(with: "centered") }
            return RMSprop(
                learningRate: try learningRate(), rho: try fraction("rho", 0.9), epsilon: try epsilon(),
                decay: try decay(), isEpsilonUnderRoot: !followsKeras2)
        case "adam":
            guard entries["amsgrad"]?.bool != true else { throw unknown(with: "amsgrad") }
            return Adam(
                learningRate: try learningRate(), beta1: try fraction("beta_1", 0.9),
                beta2: try fraction("beta_2", 0.999),
                epsilon: try epsilon(), decay: try decay())
        case "nadam":
            // Nadam multiplies the beta1 of all steps until the product vanishes; with beta1 = 1 it never would.
            return Nadam(
                learningRate: try learningRate(), beta1: try fraction("beta_1", 0.9, upTo: 0.9999),
                beta2: try fraction("beta_2", 0.999), epsilon: try epsilon(),
                scheduleDecay: try number("schedule_decay", number("decay", 1)))
        default: throw unknown()
        }
    }

    /// A learning rate that follows Keras's schedule `InverseTimeDecay`, which is Keras 2's `decay` by another name; `nil`
    /// for a number.
    ///
    /// - Throws: ``UnknownTraining`` for another schedule.
    private func inverseTimeDecay() throws -> (initial: Double, decay: Double)? {
        for key in ["learning_rate", "lr"] {
            guard case .object(let schedule)? = entries[key] else { continue }
            let name = schedule["class_name"]?.string ?? ""
            let config = schedule["config"]
            guard name == "InverseTimeDecay", className.lowercased() != "nadam", config?["staircase"]?.bool != true,
                let initial = config?["initial_learning_rate"]?.number, let rate = config?["decay_rate"]?.number,
                let steps = config?["decay_steps"]?.number, steps > 0, rate >= 0,
                LayerConfig.positiveSingles.contains(initial), LayerConfig.positiveSingles.contains(rate / steps)
            else { throw unknown(with: "the schedule \"\(name)\"") }
            return (initial, rate / steps)
        }
        return nil
    }

    /// Keras takes no or one kind of clipping, and a limit that is not positive as none; its oldest optimizers clip
    /// values, then norms.
    func clipping() throws -> [GradientClipping] {
        func limit(_ key: String) throws -> Double? {
            let limit = try number(key, 0, in: LayerConfig.singles)
            return limit > 0 ? limit : nil
        }
        let steps = [
            try limit("clipvalue").map(GradientClipping.value), try limit("clipnorm").map(GradientClipping.norm),
            try limit("global_clipnorm").map(GradientClipping.globalNorm),
        ].compactMap(\.self)
        guard steps.count <= 1 || followsKeras2 else { throw unknown(with: "two kinds of gradient clipping") }
        return steps
    }

    func accumulationSteps() throws -> Int {
        let steps = try number("gradient_accumulation_steps", 1)
        guard let count = Int(exactly: steps), count < 1 << 30 else {
            throw ModelFileError("the gradient_accumulation_steps of the optimizer are \(steps), not a whole number")
        }
        return max(count, 1)
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
        // Keras stores settings as 32-bit floats; the number meant is the shortest decimal that rounds to the float.
        let single = Float(value)
        return Double(single) == value ? Double(single.description) ?? value : value
    }
}

extension Loss {
    /// Keras's name of the loss; with label smoothing its class and configuration.
    var kerasConfig: JSON {
        guard labelSmoothing > 0 || fromLogits else { return .string(kind.rawValue) }
        return JSON(
            className: kind == .binaryCrossentropy ? "BinaryCrossentropy" : "CategoricalCrossentropy",
            config: [
                "name": .string(kind.rawValue), "label_smoothing": .number(labelSmoothing),
                "from_logits": .bool(fromLogits),
            ])
    }

    private static func className(_ json: JSON) -> String? {
        json.string ?? json["config"]?.string ?? json["class_name"]?.string
    }

    /// How Keras says that a loss is a mean over the batch, as ours are.
    private static let reductions: [JSON?] = [nil, "auto", "sum_over_batch_size"]

    /// The name of a loss that is not ours, with the settings that make it so.
    static func description(ofUnknown json: JSON) -> String {
        let (config, name) = (json["config"], className(json) ?? "")
        var settings: [String] = []
        if let reduction = config?["reduction"], !reductions.contains(reduction) {
            settings.append("the reduction \"\(reduction.string ?? "none")\"")
        }
        if let smoothing = config?["label_smoothing"]?.number, smoothing != 0 {
            settings.append("label_smoothing \(smoothing)")
        }
        if let axis = config?["axis"]?.integer, axis != -1 { settings.append("axis \(axis)") }
        return "\"\(name)\"" + (settings.isEmpty ? "" : " with " + settings.joined(separator: ", "))
    }

    /// Reads Keras's name, or class and configuration; `nil` for a loss that is not ours.
    init?(kerasConfig json: JSON) {
        let smoothing = json["config"]?["label_smoothing"]?.number ?? 0
        // Our losses average over the batch.
        guard Self.reductions.contains(json["config"]?["reduction"]) else { return nil }
        // Classes are along the last axis.
        guard [nil, .null, -1].contains(json["config"]?["axis"]) else { return nil }
        let fromLogits = json["config"]?["from_logits"] == true
        switch Self.className(json) {
        case "categorical_crossentropy", "CategoricalCrossentropy":
            guard (0...1).contains(smoothing) else { return nil }
            let loss = Loss.categoricalCrossentropy(labelSmoothing: smoothing)
            self = fromLogits ? loss.ofLogits : loss
        case "binary_crossentropy", "BinaryCrossentropy":
            guard (0...1).contains(smoothing) else { return nil }
            let loss = Loss.binaryCrossentropy(labelSmoothing: smoothing)
            self = fromLogits ? loss.ofLogits : loss
        case "mse", "mean_squared_error", "MeanSquaredError": self = .meanSquaredError
        default: return nil
        }
    }
}
