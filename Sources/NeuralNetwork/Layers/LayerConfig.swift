import ComputeGraph
import Tensors

/// A layer's configuration out of a model file, with the spellings of Keras 2 and Keras 3.
public struct LayerConfig: Sendable {
    public let className: String
    let entries: [String: JSON]

    init(className: String, entries: [String: JSON]) {
        self.className = className
        self.entries = entries
    }

    /// For messages.
    var label: String { "\(className) \"\(name ?? "")\"" }
    var name: String? { entries["name"]?.string }
    var isTrainable: Bool { entries["trainable"]?.bool ?? true }

    func error(_ message: String) -> LayerError { LayerError("\(label): \(message)") }

    /// A count that must be there, at least `minimum`.
    func integer(_ key: String, minimum: Int = 1) throws -> Int {
        guard let value = entries[key]?.integer, value >= minimum, value <= 1 << 30 else {
            throw error("\"\(key)\" must be a whole number of at least \(minimum)")
        }
        return value
    }

    /// A number, or `fallback` where the file leaves it out.
    func number(_ key: String, default fallback: Double) throws -> Double {
        guard let entry = entries[key], !entry.isNull else { return fallback }
        guard let value = entry.number else { throw error("\"\(key)\" must be a number") }
        return value
    }

    func flag(_ key: String, default fallback: Bool) throws -> Bool {
        guard let entry = entries[key], !entry.isNull else { return fallback }
        guard let value = entry.bool else { throw error("\"\(key)\" must be true or false") }
        return value
    }

    /// Height and width: a pair, or one number for both.
    func size(_ key: String, default fallback: Size2D? = nil) throws -> Size2D {
        guard let entry = entries[key], !entry.isNull else {
            guard let fallback else { throw error("\"\(key)\" is missing") }
            return fallback
        }
        let pair = entry.integer.map { [$0, $0] } ?? entry.array?.compactMap(\.integer) ?? []
        guard pair.count == 2, pair.allSatisfy({ (1...1 << 20).contains($0) }) else {
            throw error("\"\(key)\" must be a pair of positive numbers")
        }
        return Size2D(pair[0], pair[1])
    }

    func padding() throws -> Padding {
        guard let entry = entries["padding"] else { return .valid }
        guard let padding = entry.string.flatMap(Padding.init(rawValue:)) else {
            throw error("padding \(entry) is not \"same\" or \"valid\"")
        }
        return padding
    }

    func activation(_ key: String = "activation") throws -> ActivationFunction {
        guard let entry = entries[key], !entry.isNull else { return .linear }
        guard let name = entry.string, let activation = ActivationFunction(kerasName: name) else {
            throw error("activation \(entry.string ?? "of its own") is not known here")
        }
        return activation
    }

    /// Keras's `L2` (or `L1L2` with l1 = 0), spelled as a class with a config; 0 where there is none.
    func l2(_ key: String = "kernel_regularizer") throws -> Double {
        guard let entry = entries[key], !entry.isNull else { return 0 }
        guard let config = entry["config"], let name = entry["class_name"]?.string, ["L2", "L1L2"].contains(name),
            (config["l1"]?.number ?? 0) == 0
        else { throw error("regularizer \(entry["class_name"]?.string ?? "of its own") is not known here; L2 is") }
        return config["l2"]?.number ?? 0
    }

    func initializer(_ key: String, default fallback: Initializer) throws -> Initializer {
        guard let entry = entries[key], !entry.isNull else { return fallback }
        guard let initializer = Initializer(kerasConfig: entry) else {
            throw error("initializer \(entry["class_name"]?.string ?? "of its own") is not known here")
        }
        return initializer
    }

    /// What only Keras's defaults may say: a setting that would change the result but is not implemented is refused.
    func require(_ key: String, isOneOf accepted: [JSON], meaning: String) throws {
        guard let entry = entries[key], !entry.isNull else { return }
        guard accepted.contains(entry) else { throw error("\(meaning) is not supported") }
    }

    func requireChannelsLast() throws {
        try require("data_format", isOneOf: ["channels_last"], meaning: "any data format but channels_last")
    }
}

extension ActivationFunction {
    /// The function that Keras calls by this name.
    public init?(kerasName: String) {
        switch kerasName {
        case "linear": self = .linear
        case "relu": self = .relu
        case "sigmoid": self = .sigmoid
        case "tanh": self = .tanh
        case "softmax": self = .softmax
        case "elu": self = .elu(alpha: 1)
        default: return nil
        }
    }

    public var kerasName: String {
        switch self {
        case .linear: "linear"
        case .relu: "relu"
        case .sigmoid: "sigmoid"
        case .tanh: "tanh"
        case .softmax: "softmax"
        case .elu: "elu"
        }
    }
}
