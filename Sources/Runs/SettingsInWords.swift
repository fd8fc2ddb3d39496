import NeuralNetwork

/// The settings of version 1, which was before version 0.10 of the package: a text each, often as Swift prints a value,
/// `SGD(learningRate: 0.15, momentum: 0.9, nesterov: true, decay: 0.0)`.
struct SettingsInWords {
    private let words: [String: String]

    /// - Returns: `nil` for settings of later versions, which are not all texts.
    init?(_ members: [String: JSON]) {
        words = members.compactMapValues(\.string)
        guard words.count == members.count, !words.isEmpty else { return nil }
    }

    /// The same settings as they are stored today.
    var settings: [String: JSON] {
        var settings: [String: JSON] = [:]
        for (name, text) in words { settings.merge(Self.setting(name, text)) { _, new in new } }
        return settings
    }

    private static func setting(_ name: String, _ text: String) -> [String: JSON] {
        switch name {
        case "optimizer", "schedule", "augmentation":
            return [name: PrintedValue(text).flatMap(described) ?? .string(text)]
        case "loss": return [name: loss(text)]
        case "normalization": return [name: normalizations[text] ?? .string(text)]
        case "epochs", "batch_size", "training_images", "validation_images":
            return [name: Int(text).map { JSON($0) } ?? .string(text)]
        case "loss_weights": return [name: PrintedValue(text)?.json ?? .string(text)]
        case "local_response_normalization", "batch_normalization":
            return [name: Bool(text).map(JSON.bool) ?? .string(text)]
        case "dropout", "l2":
            let numbers = text.split(separator: ", ").map { Double($0) }
            return [name: numbers.contains(nil) ? .string(text) : JSON(numbers.compactMap(\.self).sorted())]
        case "kernel_initializer": return [name: .array(text.split(separator: ", ").map { .string(String($0)) })]
        case "network":
            guard let match = text.wholeMatch(of: /(.*), ([0-9]+) parameters/), let count = Int(match.2) else {
                return [name: .string(text)]
            }
            return [name: ["name": .string(String(match.1)), "parameters": JSON(count)]]
        case "dataset":
            guard let match = text.wholeMatch(of: /(.*), ([0-9]+) classes/), let classes = Int(match.2) else {
                return [name: .string(text)]
            }
            return [name: .string(String(match.1)), "classes": JSON(classes)]
        // The number of parameters implies it.
        case "image_side": return [:]
        default: return [name: .string(text)]
        }
    }

    private static func loss(_ text: String) -> JSON {
        guard let match = text.wholeMatch(of: /categorical_crossentropy(?:, label smoothing (.*))?/) else {
            return Loss(kerasName: text)?.described ?? .string(text)
        }
        let smoothing = match.1.flatMap { Double($0) } ?? 0
        return JSON(className: "CategoricalCrossentropy", config: ["label_smoothing": .number(smoothing)])
    }

    private static let normalizations: [String: JSON] = [
        "meanImage": JSON(className: "MeanImage"), "channels": JSON(className: "Normalization", config: ["axis": -1]),
        "channel means": JSON(className: "MeanPreprocessor"),
    ]

    /// Arguments that have another name today; others are the same in snake case.
    private static let renamed: [String: [String: String]] = [
        "PolynomialDecay": ["initial": "initial_learning_rate", "duration": "decay_steps"],
        "ExponentialStaircase": ["initial": "initial_learning_rate"],
        "Adagrad": ["isEpsilonUnderRoot": "epsilon_under_root"],
        "RMSprop": ["isEpsilonUnderRoot": "epsilon_under_root"],
    ]

    private static func described(_ value: PrintedValue) -> JSON? {
        guard case .call(let name, let arguments) = value else { return nil }
        var config: [String: JSON] = [:]
        for (label, argument) in arguments {
            config[renamed[name]?[label] ?? snakeCase(label)] = argument.json
        }
        if name == "StepTable", case .list(let steps)? = arguments.first?.value {
            func column(_ label: String) -> JSON {
                .array(steps.map { $0[label]?.json ?? .null })
            }
            config = ["through": column("through"), "rates": column("rate")]
        }
        return JSON(className: name, config: config)
    }

    /// `beta1` is `beta_1`, `learningRate` is `learning_rate`.
    private static func snakeCase(_ name: String) -> String {
        var result = ""
        for character in name {
            if character.isUppercase || (character.isNumber && result.last?.isLetter == true) { result.append("_") }
            result += character.lowercased()
        }
        return result
    }
}

/// A value as Swift prints it: a number, a truth value, a name, a list, a tuple, or a struct with its properties.
private indirect enum PrintedValue {
    case number(Double)
    case bool(Bool)
    case name(String)
    case list([PrintedValue])
    case call(String, [(label: String, value: PrintedValue)])

    /// - Returns: `nil` if the text is something else.
    init?(_ text: String) {
        var reader = Reader(rest: text[...])
        guard let value = reader.value(), reader.rest.isEmpty else { return nil }
        self = value
    }

    subscript(label: String) -> PrintedValue? {
        guard case .call(_, let arguments) = self else { return nil }
        return arguments.first { $0.label == label }?.value
    }

    /// A range becomes the list of its bounds, and a case of an enumeration its last name.
    var json: JSON {
        switch self {
        case .number(let number): .number(number)
        case .bool(let value): .bool(value)
        case .name(let name): .string(String(name.split(separator: ".").last ?? ""))
        case .list(let values): .array(values.map(\.json))
        case .call("ClosedRange", let bounds): .array(bounds.map(\.value.json))
        case .call(let name, let arguments):
            JSON(className: name, config: Dictionary(arguments.map { ($0.label, $0.value.json) }) { first, _ in first })
        }
    }

    struct Reader {
        var rest: Substring

        mutating func value() -> PrintedValue? {
            if take("[") { return elements(until: "]").map { .list($0.map(\.value)) } }
            if take("(") { return elements(until: ")").map { .call("", $0) } }
            let word = rest.prefix { !"()[],:".contains($0) }
            rest.removeFirst(word.count)
            if take("(") { return elements(until: ")").map { .call(String(word), $0) } }
            if let number = Double(word) { return .number(number) }
            if let bool = Bool(String(word)) { return .bool(bool) }
            return word.isEmpty ? nil : .name(String(word))
        }

        private mutating func elements(until end: String) -> [(label: String, value: PrintedValue)]? {
            var elements: [(String, PrintedValue)] = []
            while !take(end) {
                if !elements.isEmpty, !take(", ") { return nil }
                var label = ""
                if let colon = rest.firstIndex(where: { !($0.isLetter || $0.isNumber) }), rest[colon...].hasPrefix(": ")
                {
                    label = String(rest[..<colon])
                    rest = rest[colon...].dropFirst(2)
                }
                if let range = rest.prefixMatch(of: /(-?[0-9.e+-]+?)\.\.\.(-?[0-9.e+-]+)/),
                    let lower = Double(range.1), let upper = Double(range.2)
                {
                    rest = rest[range.range.upperBound...]
                    elements += [(label, .number(lower)), (label, .number(upper))]
                    continue
                }
                guard let value = value() else { return nil }
                elements.append((label, value))
            }
            return elements
        }

        private mutating func take(_ text: String) -> Bool {
            guard rest.hasPrefix(text) else { return false }
            rest.removeFirst(text.count)
            return true
        }
    }
}
