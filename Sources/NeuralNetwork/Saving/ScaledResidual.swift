import Foundation

/// The ways in which Keras's files say `x + scale * up`, the end of a residual block of Inception-ResNet, without a layer
/// for it. Each is recognized for exactly what it computes, and everything like it is refused.
enum ScaledResidual {
    /// The scale of a `Lambda` that Keras's own InceptionResNetV2 made: `lambda inputs, scale: inputs[0] + inputs[1] *
    /// scale`. Nothing is executed: the bytes of its code, arguments and constants are compared.
    ///
    /// - Returns: `nil` for any other Lambda.
    static func scale(ofLambda config: LayerConfig) -> Double? {
        // Keras 2 writes a list of code, defaults and closure, Keras 3 an object.
        let function = config.entries["function"], members = function?["config"]
        let parts = function?.array ?? ["code", "defaults", "closure"].compactMap { members?[$0] }
        guard parts.count == 3, parts[1].isNull, parts[2].isNull, let text = parts[0].string,
            let code = Data(base64Encoded: text, options: .ignoreUnknownCharacters),
            case .object(let arguments)? = config.entries["arguments"], arguments.count == 1,
            let scale = arguments["scale"]?.number, LayerConfig.singles.contains(scale)
        else { return nil }
        return known.contains { code.starts(with: $0) } ? scale : nil
    }

    /// How such a function begins in Python's marshal format: two arguments, the code, and the constants None, 0 and 1.
    /// Bytecode differs between versions of Python; this is 3.11's.
    private static let known: [[UInt8]] = [
        [0xe3, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 0xf3, 42, 0, 0, 0]
            + [
                0x97, 0, 0x7c, 0, 0x64, 1, 0x19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x7c, 0, 0x64, 2, 0x19, 0, 0, 0, 0, 0, 0, 0,
                0, 0, 0x7c, 1, 0x7a, 5, 0, 0, 0x7a, 0, 0, 0, 0x53, 0,
            ] + [0x29, 3, 0x4e, 0xe9, 0, 0, 0, 0, 0xe9, 1, 0, 0, 0]
    ]

    /// A layer's entry of a `model_config` with the operations of a residual written as layers: a product with a number
    /// as a ``Rescaling``, a sum as an ``Add``. Any other entry stays as it is.
    static func asLayer(_ entry: JSON) -> JSON {
        guard case .object(var members) = entry, case .object(let config)? = entry["config"],
            let nodes = entry["inbound_nodes"]?.array, nodes.count == 1
        else { return entry }
        let name = entry["name"] ?? config["name"] ?? .null
        func scaled(by number: Double, _ inbound: JSON) -> JSON {
            members["class_name"] = "Rescaling"
            members["config"] = ["name": name, "scale": .number(number), "offset": 0]
            members["inbound_nodes"] = inbound
            return .object(members)
        }
        switch entry["class_name"]?.string {
        case "Multiply":
            // Keras 3's operation has the names of a layer, but two arguments, one of which may be a number.
            guard let arguments = nodes[0]["args"]?.array, arguments.count == 2,
                let number = arguments.compactMap(\.number).first, arguments.compactMap(\.number).count == 1
            else { return entry }
            let tensors = arguments.filter { $0.number == nil }
            return scaled(by: number, [["args": .array(tensors), "kwargs": [:]]])
        case "TFOpLambda":
            // Keras 2's operation has one bracket fewer than a layer, and its second operand among the arguments.
            guard let node = nodes[0].array, node.count == 4, case .object(let arguments) = node[3],
                arguments.allSatisfy({ $0.key == "y" || ($0.key == "name" && $0.value.isNull) }),
                let operand = arguments["y"], let function = config["function"]?.string
            else { return entry }
            let first = JSON.array(Array(node.prefix(3)) + [[:]])
            switch (function, operand) {
            case ("math.multiply", .number(let number)): return scaled(by: number, [[first]])
            case ("math.multiply", .array(let tensor)) where node[0] == "_CONSTANT_VALUE":
                guard let number = node[2].number else { return entry }
                return scaled(by: number, [[.array(tensor + [[:]])]])
            case ("__operators__.add", .array(let tensor)), ("math.add", .array(let tensor)):
                members["class_name"] = "Add"
                members["config"] = ["name": name]
                members["inbound_nodes"] = [[first, .array(tensor + [[:]])]]
                return .object(members)
            default: return entry
            }
        default: return entry
        }
    }
}
