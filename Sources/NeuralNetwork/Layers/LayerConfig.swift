import ComputeGraph
import Tensors

/// A layer's configuration from a model file, in the spelling of Keras 2 or Keras 3.
public struct LayerConfig: Sendable {
    /// Keras's name of the layer's class.
    public let className: String
    let entries: ConfigEntries
    /// What a hard sigmoid is in the file: its slope differs between Keras's generations.
    let hardSigmoidSlope: Float

    init(className: String, entries: [String: JSON], hardSigmoidSlope: Float = ActivationFunction.keras3Slope) {
        self.className = className
        self.entries = ConfigEntries(entries)
        self.hardSigmoidSlope = hardSigmoidSlope
    }

    /// For messages.
    var label: String { "\(className) \"\(name ?? "")\"" }
    var name: String? { entries["name"]?.string }
    func error(_ message: String) -> LayerError { LayerError("\(label): \(message)") }

    /// A count, at least `minimum`; required if there is no fallback.
    func integer(_ key: String, minimum: Int = 1, default fallback: Int? = nil) throws -> Int {
        if let fallback, entries[key]?.isNull ?? true { return fallback }
        guard let value = entries[key]?.integer, value >= minimum, value <= 1 << 30 else {
            throw error("\"\(key)\" must be a whole number of at least \(minimum)")
        }
        return value
    }

    /// A list of whole numbers; required if there is no fallback.
    func integers(_ key: String, default fallback: [Int]? = nil) throws -> [Int] {
        if let fallback, entries[key]?.isNull ?? true { return fallback }
        guard let numbers = entries[key]?.array else { throw error("\"\(key)\" must be a list of whole numbers") }
        let integers = numbers.compactMap(\.integer).filter { (-(1 << 30)...1 << 30).contains($0) }
        guard !numbers.isEmpty || fallback != nil, integers.count == numbers.count else {
            throw error("\"\(key)\" must be a list of whole numbers")
        }
        return integers
    }

    /// One number, or all numbers of a list, in which lists may be nested; `nil` if the file leaves it out.
    func numbers(_ key: String) throws -> [Double]? {
        guard let entry = entries[key], !entry.isNull else { return nil }
        func flattened(_ entry: JSON) -> [JSON] { entry.array.map { $0.flatMap(flattened) } ?? [entry] }
        let parts = flattened(entry), numbers = parts.compactMap(\.number).filter(Self.singles.contains)
        guard !parts.isEmpty, numbers.count == parts.count else {
            throw error("\"\(key)\" must be a number or a list of numbers that 32 bits hold")
        }
        return numbers
    }

    /// A number in `range`, or `fallback` if the file leaves it out.
    func number(
        _ key: String, default fallback: Double, in range: ClosedRange<Double> = LayerConfig.singles
    ) throws -> Double {
        try optionalNumber(key, in: range) ?? fallback
    }

    /// A number in `range`; `nil` if the file leaves it out.
    func optionalNumber(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
        guard let entry = entries[key], !entry.isNull else { return nil }
        guard let value = entry.number, range.contains(value) else {
            throw error(
                range == Self.singles
                    ? "\"\(key)\" must be a number that 32 bits hold"
                    : "\"\(key)\" must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// The range of 32-bit floating-point numbers.
    static let singles = -Double(Float.greatestFiniteMagnitude)...Double(Float.greatestFiniteMagnitude)
    static let positiveSingles = 0...Double(Float.greatestFiniteMagnitude)

    /// The last axis, the channels, as -1; another axis as the file counts it, with the batch.
    func axis() throws -> Int {
        guard let entry = entries["axis"], !entry.isNull else { return -1 }
        // Keras 2 writes a list of one.
        let single = entry.array.map { $0.count == 1 ? $0[0] : .null } ?? entry
        guard let axis = single.integer else { throw error("\"axis\" must be one whole number") }
        return axis
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

    /// Top, bottom, left and right: one number for all, a pair for rows and columns, or a pair of pairs.
    func sides(_ key: String, default fallback: Int) throws -> [Int] {
        let entry = entries[key] ?? JSON(fallback)
        let sides: [Int]
        if let number = entry.integer {
            sides = [number, number, number, number]
        } else {
            sides = (entry.array ?? []).flatMap { side -> [Int] in
                side.integer.map { [$0, $0] } ?? side.array?.compactMap(\.integer) ?? []
            }
        }
        guard sides.count == 4, sides.allSatisfy({ (0...1 << 20).contains($0) }) else {
            throw error("\"\(key)\" must be a number, a pair, or a pair of pairs")
        }
        return sides
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
        if let className = entry["class_name"]?.string, case .object(let settings)? = entry["config"] {
            // A layer that is used as a function, as one with other settings than a name stands for. Its axis has to be the
            // last one of vectors and of images.
            let config = LayerConfig(className: className, entries: settings, hardSigmoidSlope: hardSigmoidSlope)
            if let layer = try? LayerRegistry.layer(config), let ofVector = try? layer.operations(for: [[1]]),
                let ofImage = try? layer.operations(for: [[1, 1, 1]]), ofVector.count == 1, ofVector == ofImage,
                case .activation(let function) = ofVector[0]
            {
                return function
            }
        }
        guard let name = entry.string, let activation = ActivationFunction(kerasName: name) else {
            let name = entry.string ?? Self.className(of: entry)
            throw error(
                "activation \(name) is not known here" + (entry.string == nil ? ", or its settings cannot be" : ""))
        }
        if case .hardSigmoid = activation { return .hardSigmoid(slope: hardSigmoidSlope) }
        return activation
    }

    func initializer(_ key: String, default fallback: Initializer) throws -> Initializer {
        guard let entry = entries[key], !entry.isNull else { return fallback }
        guard let initializer = Initializer(kerasConfig: entry) else {
            throw error(
                "initializer \(entry.string ?? Self.className(of: entry)) is not known here, or its settings cannot be")
        }
        return initializer
    }

    /// The class of what an entry describes, for messages.
    static func className(of entry: JSON) -> String {
        (entry["registered_name"]?.string ?? entry["class_name"]?.string).map { "\"\($0)\"" } ?? "of an unnamed class"
    }

    /// Refuses a setting that would change the result and is not implemented: only Keras's default is accepted.
    func require(_ key: String, isOneOf accepted: [JSON], meaning: String) throws {
        guard let entry = entries[key], !entry.isNull else { return }
        guard accepted.contains(entry) else { throw error("\(meaning) is not supported") }
    }

    /// Refuses what no one has read: nothing in a file is passed over in silence.
    ///
    /// - Throws: ``LayerError`` naming the first setting that is not known here.
    func requireEverythingRead() throws {
        for (key, value) in entries.unread where !value.isNull && !Self.harmless.contains(key) {
            throw error("\"\(key)\" is not known here")
        }
    }

    /// Settings that change nothing that is computed here: the layer's own name and number format, which the model reads;
    /// the seeds of random numbers, which are counted here; and the shape of the first layer of a sequence, which the model
    /// reads.
    private static let harmless: Set<String> = [
        "name", "trainable", "dtype", "seed", "batch_input_shape", "batch_shape", "input_dtype", "build_config",
    ]

    /// Accepts settings of a layer that mean nothing beside its others.
    func ignore(_ keys: [String]) { for key in keys { _ = entries[key] } }

    func requireChannelsLast() throws {
        try require("data_format", isOneOf: ["channels_last"], meaning: "any data format but channels_last")
    }
}

/// - Throws: ``LayerError`` unless `axis` is the last one, the channels: -1, or counted with the batch.
func checkLastAxis(_ axis: Int, of shape: Shape, _ label: String) throws {
    guard axis == -1 || axis == shape.rank else {
        throw LayerError("\(label): axis \(axis) of an input \(shape) is not the last one, the channels")
    }
}
