import Foundation
import NeuralNetwork
import Runs
import Testing

/// `report/runs/schema.json` describes the records exactly.
@Suite struct SchemaTests {
    private static let runs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("report/runs").path

    private func json(_ path: String) throws -> JSON {
        try JSON(parsing: String(contentsOfFile: path, encoding: .utf8))
    }

    private func written(_ record: RunRecord) throws -> JSON {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).run.json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try record.write(to: path)
        return try json(path)
    }

    @Test func everyFiledRecordFits() throws {
        let schema = try json("\(Self.runs)/schema.json")
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.runs).filter { !$0.hasSuffix(".json") }
        for name in names {
            #expect(faults(try json("\(Self.runs)/\(name)/run.json"), schema, name) == [])
        }
    }

    /// With every key, and without every optional one.
    @Test func writtenRecordsFit() throws {
        let schema = try json("\(Self.runs)/schema.json")
        #expect(faults(try written(.example), schema, "") == [])
        var bare = RunRecord.example
        (bare.test, bare.note, bare.weights, bare.dataset.checksum) = (nil, nil, nil, nil)
        bare.epochs[0].imagesPerSecond = nil
        for stage in bare.stages.indices {
            (bare.stages[stage].peakMemory, bare.stages[stage].secondsIntoEpoch) = (nil, nil)
            (bare.stages[stage].machine.gitCommit, bare.stages[stage].machine.isTreeClean) = (nil, nil)
        }
        #expect(faults(try written(bare), schema, "") == [])
    }

    @Test func theSchemaHasExactlyTheKeysOfTheRecord() throws {
        let schema = try json("\(Self.runs)/schema.json")
        var keys: Set<String> = []
        collect(try written(.example), "", &keys)
        var described: Set<String> = []
        describe(schema, "", &described)
        #expect(described.subtracting(keys) == [], "the code writes no such key")
        let wrong: JSON = ["version": 3, "seed": "many", "surprise": 1]
        #expect(faults(wrong, schema, "").count == 9)
    }

    // MARK: - As much of JSON Schema as the file uses

    private func faults(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
        switch (schema["type"]?.string, value) {
        case ("object", .object(let members)):
            var found = (schema["required"]?.array ?? []).compactMap(\.string).filter { members[$0] == nil }
                .map { "\(place).\($0) is missing" }
            for (key, member) in members {
                if let known = schema["properties"]?[key] {
                    found += faults(member, known, "\(place).\(key)")
                } else if let any = schema["additionalProperties"], any["type"] != nil {
                    found += faults(member, any, "\(place).\(key)")
                } else if schema["additionalProperties"] == false {
                    found.append("\(place).\(key) is not known")
                }
            }
            return found
        case ("array", .array(let elements)):
            let items = schema["items"] ?? [:]
            return elements.enumerated().flatMap { faults($1, items, "\(place)[\($0)]") }
        case ("string", .string), ("boolean", .bool): return []
        case ("integer", _) where value.number != nil, ("number", _) where value.number != nil:
            let number = value.number ?? 0
            let isWhole = schema["type"] != "integer" || number == number.rounded()
            let isInside =
                number >= (schema["minimum"]?.number ?? -.infinity)
                && number <= (schema["maximum"]?.number ?? .infinity)
            return isWhole && isInside ? [] : ["\(place): \(number)"]
        default: return ["\(place) is not of type \(schema["type"]?.string ?? "?")"]
        }
    }

    /// The paths of all keys, with `*` for keys that are data.
    private func collect(_ value: JSON, _ place: String, _ keys: inout Set<String>) {
        switch value {
        case .object(let members):
            for (key, member) in members {
                let isNamedByData = place.hasSuffix("metrics") || place.contains(".settings")
                if !isNamedByData { keys.insert("\(place).\(key)") }
                collect(member, "\(place).\(key)", &keys)
            }
        case .array(let elements): for element in elements { collect(element, place, &keys) }
        default: break
        }
    }

    private func describe(_ schema: JSON, _ place: String, _ keys: inout Set<String>) {
        if case .object(let properties)? = schema["properties"] {
            for (key, property) in properties {
                keys.insert("\(place).\(key)")
                describe(property, "\(place).\(key)", &keys)
            }
        }
        if let items = schema["items"] { describe(items, place, &keys) }
    }
}
