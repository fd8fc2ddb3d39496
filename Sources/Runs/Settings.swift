import NeuralNetwork
import PyImageSearch

/// What identifies a run: everything that the weights of its finished model depend on, by name.
///
/// Backend, threads and the rest of the machine are not part of it, because they may change while a run is stopped. Two
/// settings are of the same run if they agree after keys at their default value are left out, so that a class may gain
/// a setting.
public struct Settings: Sendable, Equatable {
    private let values: [String: JSON]

    /// - Parameter json: from a checkpoint or a run record. The words of version 1 are understood.
    public init(_ json: JSON) {
        guard case .object(let members) = json else {
            values = [:]
            return
        }
        values = SettingsInWords(members)?.settings ?? members
    }

    public var json: JSON { .object(values) }
    public var isEmpty: Bool { values.isEmpty }
    public subscript(name: String) -> JSON? { values[name] }

    /// Where these settings differ from the `others`: `batch_size was 8, is 4`. Empty if both are of the same run.
    public func differences(from others: Settings) -> [String] {
        let (ours, theirs) = (compared, others.compared)
        return Set(ours.keys).union(theirs.keys).sorted().flatMap { name in
            // Some runs have no checksum.
            name == "dataset_checksum" && (ours[name] == nil || theirs[name] == nil)
                ? [] : Self.differences(name, theirs[name], ours[name])
        }
    }

    /// Whether both are of the same training, perhaps in stages: the stages of the ctrl+c method have different rates.
    public func isSameTraining(as others: Settings) -> Bool {
        let (ours, theirs) = (compared, others.compared)
        return ["chapter", "experiment", "network", "dataset", "classes", "seed"].allSatisfy { ours[$0] == theirs[$0] }
    }

    // MARK: - Comparing

    /// Keys that the weights do not depend on.
    private static let notCompared: Set<String> = [
        // Words for readers, in records of version 1.
        "summary",
        // Validation does not change weights.
        "validation_images",
        // Model files hold the names themselves.
        "class_names",
    ]

    /// Without what is not compared, and without everything at its default value.
    private var compared: [String: JSON] {
        let kept = values.filter { !Self.notCompared.contains($0.key) }
        return Self.withoutDefaults(kept, Self.defaults)
    }

    /// Top-level settings that older programs did not store.
    private static let defaults: [String: JSON] = ["schedule_unit": "epoch"]

    /// The values of a class's settings that its config leaves out: ours, and Keras's for settings that are not ours.
    private static let defaultsOfClasses: [String: [String: JSON]] = {
        let optimizers: [any Optimizer] = [SGD(), Adagrad(), Adadelta(), RMSprop(), Adam(), Nadam()]
        let described: [any Described] = optimizers + [ImageDataGenerator(), Loss.categoricalCrossentropy]
        let ofKeras: [String: JSON] = [
            "amsgrad": false, "centered": false, "use_ema": false, "ema_momentum": 0.99, "jit_compile": true,
            "from_logits": false, "cval": 0, "channel_shift_range": 0, "samplewise_center": false,
            "featurewise_center": false,
        ]
        var defaults: [String: [String: JSON]] = [:]
        for value in described {
            guard let name = value.described["class_name"]?.string,
                case .object(let config)? = value.described["config"]
            else { continue }
            // The learning rate is never at its default: two optimizers at their first rate may differ in it.
            defaults[name] = config.filter { $0.key != "learning_rate" }.merging(ofKeras) { own, _ in own }
        }
        defaults["PolynomialDecay"] = ["power": 1, "end_learning_rate": 0, "cycle": false]
        return defaults
    }()

    private static func withoutDefaults(_ members: [String: JSON], _ defaults: [String: JSON]) -> [String: JSON] {
        members.compactMapValues(withoutDefaults).filter { $0.value != defaults[$0.key] && !$0.value.isNull }
    }

    private static func withoutDefaults(_ value: JSON) -> JSON? {
        guard case .object(var members) = value else { return value }
        if let name = members["class_name"]?.string, case .object(let config)? = members["config"] {
            members["config"] = .object(withoutDefaults(config, defaultsOfClasses[name] ?? [:]))
        } else if members["parameters"] != nil {
            // The name of a network is for readers.
            members["name"] = nil
        }
        return .object(members)
    }

    /// One line for each place where two values differ.
    private static func differences(_ name: String, _ theirs: JSON?, _ ours: JSON?) -> [String] {
        if theirs == ours { return [] }
        guard let theirs, let ours, theirs["class_name"] == ours["class_name"],
            case .object(let old)? = theirs["config"], case .object(let new)? = ours["config"]
        else { return ["\(name) was \(words(theirs)), is \(words(ours))"] }
        return Set(old.keys).union(new.keys).sorted().flatMap { differences("\(name)'s \($0)", old[$0], new[$0]) }
    }

    private static func words(_ value: JSON?) -> String {
        guard let value else { return "not set" }
        if let text = value.string { return text }
        if let parameters = value["parameters"] {
            let name = value["name"]?.string.map { "\($0), " } ?? ""
            return "\(name)\(words(parameters)) parameters"
        }
        if let name = value["class_name"]?.string {
            guard case .object(let config)? = value["config"], !config.isEmpty else { return name }
            let settings = config.sorted { $0.key < $1.key }.map { "\($0) \(words($1))" }
            return "\(name) (\(settings.joined(separator: ", ")))"
        }
        return (try? value.text()) ?? "not readable"
    }
}

extension RunRecord {
    /// What identifies the run.
    public var settings: Settings {
        var values = experiment.settings
        values["chapter"] = .string(chapter)
        values["experiment"] = .string(experiment.name)
        values["epochs"] = JSON(experiment.epochs)
        values["batch_size"] = JSON(experiment.batchSize)
        values["network"] = ["name": .string(network.name), "parameters": JSON(network.parameters)]
        // As text, because a JSON number does not hold all 64 bits.
        values["seed"] = .string("\(seed)")
        values["dataset"] = .string(dataset.name)
        values["classes"] = JSON(dataset.classes)
        values["training_images"] = JSON(dataset.trainingImages)
        values["validation_images"] = JSON(dataset.validationImages)
        values["dataset_checksum"] = dataset.checksum.map(JSON.string)
        return Settings(.object(values))
    }
}
