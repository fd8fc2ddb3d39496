import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Nothing in a file's layer is passed over in silence: every setting that Keras writes is followed, harmless or refused.
///
/// `Fixtures/layer_settings.json` has, for each class and both generations of Keras, the configuration that Keras writes,
/// the settings that change what is computed, and those that are written only if they are set.
@Suite struct LayerSettingsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let className: String
        let generation: String
        let entries: [String: JSON]
        let changes: [String]
        let onlyWhenSet: [String]
        var testDescription: String { "\(className) of \(generation)" }

        func layer(_ entries: [String: JSON]) throws -> any Layer {
            try LayerRegistry.layer(LayerConfig(className: className, entries: entries))
        }
    }

    static func cases() throws -> [Case] {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures/layer_settings.json"
        guard case .object(let classes) = try JSON(parsing: String(contentsOfFile: path, encoding: .utf8)) else {
            return []
        }
        return classes.sorted { $0.key < $1.key }.flatMap { className, generations in
            ["keras3", "tf_keras"].compactMap { generation in
                guard let json = generations[generation], case .object(let entries)? = json["config"] else {
                    return nil
                }
                func names(_ key: String) -> [String] { (json[key]?.array ?? []).compactMap(\.string) }
                return Case(
                    className: className, generation: generation, entries: entries, changes: names("changes"),
                    onlyWhenSet: names("only_when_set"))
            }
        }
    }

    @Test func thereAreCases() throws { #expect(try Self.cases().count >= 50) }

    @Test(arguments: try cases())
    func whatKerasWritesIsRead(setting: Case) {
        #expect(throws: Never.self) { try setting.layer(setting.entries) }
    }

    /// Settings of a renormalization that is off.
    private static let meaningless: Set<String> = ["renorm_clipping", "renorm_momentum"]

    /// Name, number format and `trainable` are the model's to read; the shape of a first layer's input too.
    private static let read: Set<String> = ["name", "trainable", "dtype", "batch_input_shape", "batch_shape"]

    @Test(arguments: try cases())
    func aChangedSettingIsFollowedOrRefused(setting: Case) throws {
        let before = try setting.layer(setting.entries).config
        for key in setting.changes + setting.onlyWhenSet where !Self.read.union(Self.meaningless).contains(key) {
            var isNoticed = false
            for value in Self.others(than: setting.entries[key] ?? .null) {
                var entries = setting.entries
                entries[key] = value
                guard let after = try? setting.layer(entries).config else {
                    isNoticed = true
                    continue
                }
                isNoticed = isNoticed || after != before
            }
            #expect(isNoticed, "\(setting.className) does not notice \"\(key)\"")
        }
    }

    @Test(arguments: try cases())
    func anUnknownSettingIsRefusedByName(setting: Case) throws {
        var entries = setting.entries
        entries["no_such_setting"] = 1
        let error = #expect(throws: LayerError.self) { try setting.layer(entries) }
        #expect(error?.description.contains("no_such_setting") == true)
    }

    /// Values that differ from `value`.
    private static func others(than value: JSON) -> [JSON] {
        switch value {
        case .null: [["class_name": "NoSuchClass", "config": [:]], 3, true, "other"]
        case .bool(let value): [.bool(!value)]
        case .number(let value): [.number(value + 1), .number(value / 2 + 0.125)]
        case .string: ["other", "relu", "same"]
        case .array(let values): [.array(values.map { others(than: $0).first ?? .null }), "other"]
        case .object: [["class_name": "NoSuchClass", "config": [:]]]
        }
    }
}
