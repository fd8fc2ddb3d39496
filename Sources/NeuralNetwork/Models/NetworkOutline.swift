import Tensors

/// A model's outline: its layers, grouped by the modules that the network names.
///
/// Summaries, tables and diagrams read it. A model from a file names no modules; each part of its outline is one layer.
public struct NetworkOutline: Sendable {
    /// A module with the parts that it consists of, or a single layer.
    public struct Part: Sendable {
        /// The module; `nil` for a single layer.
        public let module: Module?
        /// The layers, those of inner modules included, in the order of `model.layers`.
        public let layers: [PlacedLayer]
        /// What a module consists of; empty for a single layer.
        public let parts: [Part]
        /// Where the inputs come from. Each source is listed once.
        public let inputs: [Source]
        /// Shape of one sample's output. Of a module that has several outputs, it is that of the last one.
        public let outputShape: Shape

        /// Number of scalars in the weights.
        public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
    }

    /// Where an input of a part comes from.
    public enum Source: Hashable, Sendable {
        /// From the part of this position in the same list of parts.
        case part(Int)
        /// From the layer of this name, which is outside the module that the part is in.
        case outside(String)
    }

    /// From the inputs to the outputs: a part comes after those that it takes its inputs from, and otherwise at the
    /// place of its first layer in `model.layers`.
    public let parts: [Part]
    private let modelName: String

    /// The outline of a model. A model inside is one layer.
    public init(_ model: Model) { self.init(model.network) }

    init(_ network: Network) {
        modelName = network.name
        var consumers: [String: [String]] = [:]
        for layer in network.layers { for name in layer.inbound { consumers[name, default: []].append(layer.name) } }
        parts = Self.parts(
            of: network.layers, depth: 0, consumers: consumers,
            outputs: Set(network.layerNames(of: network.outputs)))
    }

    /// The first module of a kind, which may be in another module.
    ///
    /// - Parameters:
    ///   - kind: of the module.
    ///   - name: of the module; any if `nil`.
    /// - Throws: ``OutlineError`` if there is none.
    public func module(_ kind: Module.Kind, named name: String? = nil) throws(OutlineError) -> Part {
        var waiting = Array(parts.reversed())
        while let part = waiting.popLast() {
            if let module = part.module, module.kind == kind, name == nil || module.name == name { return part }
            waiting += part.parts.reversed()
        }
        let wanted = name.map { "\(kind) module \"\($0)\"" } ?? "\(kind) module"
        throw OutlineError(description: "the model \"\(modelName)\" names no \(wanted)")
    }

    /// Groups the layers of a module by the modules directly in it.
    ///
    /// - Parameter depth: number of modules around the parts.
    private static func parts(
        of layers: [PlacedLayer], depth: Int, consumers: [String: [String]], outputs: Set<String>
    ) -> [Part] {
        var groups: [[PlacedLayer]] = []
        var group: [String: Int] = [:], groupOfModule: [Module: Int] = [:]
        for layer in layers {
            let module = layer.modules.dropFirst(depth).first
            let index = module.flatMap { groupOfModule[$0] } ?? groups.count
            if index == groups.count { groups.append([]) }
            if let module { groupOfModule[module] = index }
            group[layer.name] = index
            groups[index].append(layer)
        }
        let sources = groups.indices.map { index in
            var met: Set<Source> = [.part(index)]
            return groups[index].flatMap(\.inbound).map { name in group[name].map { .part($0) } ?? .outside(name) }
                .filter { met.insert($0).inserted }
        }
        let order = sorted(sources)
        var places = [Int](repeating: 0, count: order.count)
        for (place, index) in order.enumerated() { places[index] = place }

        return order.map { index in
            let layers = groups[index]
            let last = layers.last { layer in
                outputs.contains(layer.name) || (consumers[layer.name] ?? []).contains { group[$0] != index }
            }
            let module = layers[0].modules.dropFirst(depth).first
            return Part(
                module: module, layers: layers,
                parts: module == nil
                    ? [] : parts(of: layers, depth: depth + 1, consumers: consumers, outputs: outputs),
                inputs: sources[index].map { source in
                    if case .part(let other) = source { .part(places[other]) } else { source }
                },
                outputShape: (last ?? layers[layers.count - 1]).outputShape)
        }
    }

    /// The order in which each part follows its sources, otherwise that of the positions.
    private static func sorted(_ sources: [[Source]]) -> [Int] {
        var order: [Int] = []
        var met = [Bool](repeating: false, count: sources.count)
        for first in sources.indices where !met[first] {
            // The walk keeps its own stack: a deep network would overflow a thread's.
            var stack = [(part: first, next: 0)]
            met[first] = true
            while let (part, next) = stack.last {
                guard next < sources[part].count else {
                    order.append(part)
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                if case .part(let source) = sources[part][next], !met[source] {
                    met[source] = true
                    stack.append((source, 0))
                }
            }
        }
        return order
    }
}

/// A module that a network does not name.
public struct OutlineError: Error, CustomStringConvertible {
    /// One line that names the model and the module.
    public let description: String
}
