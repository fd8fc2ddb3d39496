import FixtureSupport
import Foundation
import HDF5
import NeuralNetwork

extension FuzzTarget {
    /// The JSON in model files: valid JSON with malicious values, and JSON that is damaged as text.
    ///
    /// An input is the number of a valid file, and the `model_config` and `training_config` that replace its own, one
    /// line each.
    static let kerasConfig = FuzzTarget(
        name: "keras-config",
        starts: {
            try sound.enumerated().map { number, path in
                let attributes = try HDF5File(reading: path).root.attributes
                let texts = try names.map { try attributes.string($0) ?? "{}" }
                return Array(([String(number)] + texts).joined(separator: "\n").utf8)
            }
        },
        mutate: { starts, random in
            guard Int.random(in: 0..<4, using: &random) > 0 else { return Mutation.mutate(starts, using: &random) }
            let lines = (starts.randomElement(using: &random) ?? []).split(separator: UInt8(ascii: "\n"))
            let texts = try lines.dropFirst().map { line in
                var json = try JSON(parsing: String(decoding: line, as: UTF8.self))
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    json = HostileJSON.changed(json, using: &random)
                }
                return try json.text()
            }
            return Array(([String(decoding: lines[0], as: UTF8.self)] + texts).joined(separator: "\n").utf8)
        },
        read: { input, file in
            let lines = input.split(separator: UInt8(ascii: "\n"), maxSplits: 2).map {
                String(decoding: $0.filter { $0 != 0 }, as: UTF8.self)
            }
            let original = sound[lines.first == "1" ? 1 : 0]
            try Data(contentsOf: URL(fileURLWithPath: original)).write(to: URL(fileURLWithPath: file))
            let model = try HDF5File(updating: file)
            for (name, text) in zip(names, lines.dropFirst()) { try model.root.attributes.set(name, text) }
            try model.close()
            try SmallNetwork.loadAndPredict(file)
        })

    private static let names = ["model_config", "training_config"]

    /// Valid model files, whose weights all inputs share.
    private static let sound: [String] = {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("fuzz-sound-\(getpid()).hdf5").path
        try? Data((try? savedModel()) ?? []).write(to: URL(fileURLWithPath: path))
        return [path, Fixtures.own("keras_models/keras2_small_miniception_sgd.hdf5")]
    }()
}

/// JSON that is well formed and malicious.
enum HostileJSON {
    private static let values: [JSON] = [
        nil, true, false, 0, -1, 1, 2, 0.5, -0.5, 1e-300, 1e12, 1e18, 9.3e18, 1e308, -1e308, 2_147_483_647,
        2_147_483_648, 4_294_967_296, 9_007_199_254_740_993, "", "Lambda", "__class__", "../../x", "same", "softmax",
        [], [1], [1, 1], [0, 0], [-1, -1], [1_048_576, 1_048_576], [1e12, 1e12], [nil, 1_048_576, 1_048_576, 3],
        [nil, 0, 0, 0], [[]], [:], ["class_name": "Lambda", "config": ["function": "system"]],
        ["class_name": "X", "config": [:], "registered_name": "Custom>X", "module": "os"],
    ]

    /// `json` with one value replaced, doubled, exchanged with another, or removed.
    static func changed(_ json: JSON, using random: inout CountedRandom) -> JSON {
        var paths = 0
        count(json, &paths)
        var target = Int.random(in: 0..<max(paths, 1), using: &random)
        let kind = Int.random(in: 0..<8, using: &random)
        var other = Int.random(in: 0..<max(paths, 1), using: &random)
        let replacement: JSON? =
            switch kind {
            case 0, 1, 2, 3: values.randomElement(using: &random)
            case 4, 5: value(at: &other, in: json)
            case 6: (0..<Int.random(in: 1...150, using: &random)).reduce(JSON.number(1)) { nested, _ in [nested] }
            default: nil
            }
        return replaced(json, at: &target, by: replacement) ?? .null
    }

    private static func count(_ json: JSON, _ number: inout Int) {
        number += 1
        for child in children(json) { count(child, &number) }
    }

    private static func children(_ json: JSON) -> [JSON] {
        switch json {
        case .array(let entries): entries
        case .object(let members): members.sorted { $0.key < $1.key }.map(\.value)
        default: []
        }
    }

    /// The value after `number` others on a walk through `json`.
    private static func value(at number: inout Int, in json: JSON) -> JSON? {
        if number == 0 { return json }
        number -= 1
        for child in children(json) {
            if let value = value(at: &number, in: child) { return value }
        }
        return nil
    }

    /// `json` with that value replaced, or removed if there is no replacement.
    private static func replaced(_ json: JSON, at number: inout Int, by replacement: JSON?) -> JSON? {
        if number == 0 {
            number = -1
            return replacement
        }
        if number < 0 { return json }
        number -= 1
        switch json {
        case .array(let entries): return .array(entries.compactMap { replaced($0, at: &number, by: replacement) })
        case .object(let members):
            var changed: [String: JSON] = [:]
            for (key, value) in members.sorted(by: { $0.key < $1.key }) {
                changed[key] = replaced(value, at: &number, by: replacement)
            }
            return .object(changed)
        default: return json
        }
    }
}
