import ComputeGraph
import HDF5
import System
import Tensors

extension Model {
    /// Loads the weights of a model file (`.h5`, `.hdf5`), of a file with weights only, such as those that
    /// `keras.applications` downloads, or of a file of weights of Keras 3 (`.weights.h5`): Keras's `load_weights`.
    ///
    /// Layers are matched by name if the file has the same names, else by their position among the layers with weights,
    /// in a `.weights.h5` among the layers of their class, as in Keras. If a layer does not fit, nothing is changed.
    ///
    /// - Parameters:
    ///   - path: of an HDF5 file.
    ///   - byName: matches by name only and ignores further layers of the file, such as auxiliary heads or the top of a
    ///     network. Every layer of this model must be in the file; Keras's `by_name` skips layers that are not. Keras 2
    ///     writes no names into a `.weights.h5`.
    /// - Throws: ``ModelFileError`` naming the first layer that does not fit, and both shapes; `HDF5Error` for a file that
    ///   is damaged or not whole.
    public func loadWeights(_ path: String, byName: Bool = false) throws {
        try readWeights(from: Self.open(path), path: path, byName: byName)
    }

    func readWeights(from file: HDF5File, path: String, byName: Bool = false) throws {
        let group =
            file.root.contains(KerasFile.weightsGroup) ? try file.root.group(KerasFile.weightsGroup) : file.root
        var reader = WeightsReader(model: self, path: path, byName: byName)
        if let layerNames = try group.attributes.split("layer_names") {
            try reader.match(group, layerNames)
        } else if group.contains(WeightsReader.layersGroup) {
            try reader.match(layers, of: try group.group(WeightsReader.layersGroup))
        } else {
            throw ModelFileError(
                "\(path) is an HDF5 file, but not a model of Keras 2's kind: it has no layer_names; \(Self.contents(of: file))"
            )
        }
        try Self.naming(path) {
            // The weights as read, the weights as stored, and their gradients.
            try chosenBackend().requireMemory(graph.parameterBytes, of: 3, for: "the weights of \(name)")
            try setWeights(
                reader.datasets.sorted { $0.key < $1.key }.map { parameter, dataset in
                    Tensor(shape: graph[parameter].shape, scalars: try dataset.read(as: Float.self))
                })
        }
    }
}

/// Finds the dataset of every weight of a model. All shapes are compared before anything is read, so that a damaged file
/// takes no memory.
private struct WeightsReader {
    let model: Model
    let path: String
    let byName: Bool
    private let graph: Graph
    /// A layer at several places is in the older format at each, and in the newer at the first. The first counts.
    private(set) var datasets: [ParameterID: HDF5Dataset] = [:]

    /// Of the newer format.
    static let layersGroup = "layers"
    private static let variablesGroup = "vars"
    /// A small file may hold one group under many names.
    private static let mostNameBytes = 1 << 26

    init(model: Model, path: String, byName: Bool) {
        (self.model, self.path, self.byName) = (model, path, byName)
        graph = model.graph
    }

    /// Takes the datasets of a layer.
    ///
    /// - Parameters:
    ///   - stored: the layer's name in the file.
    ///   - names: of the datasets in `group`.
    ///   - parameters: in the order of `names`.
    private mutating func take(
        _ layer: PlacedLayer, from stored: String, _ group: HDF5Group, _ names: [String], as parameters: [ParameterID]
    ) throws {
        guard names.count == parameters.count else {
            throw ModelFileError(
                "\(path): layer \"\(stored)\" has \(counted(names.count, "weight")), but the model's "
                    + "\"\(layer.name)\" (\(layer.className)) has \(parameters.count)")
        }
        for (name, parameter) in zip(names, parameters) {
            let dataset = try group.dataset(name)
            guard dataset.shape == graph[parameter].shape.dimensions else {
                throw ModelFileError(
                    "\(path): the \(name) of layer \"\(stored)\" is \(Shape(dataset.shape)), but the "
                        + "model's \(graph[parameter].name) is \(graph[parameter].shape)")
            }
            if datasets[parameter] == nil { datasets[parameter] = dataset }
        }
    }

    // MARK: - Model files, and Keras 2's files of weights

    /// - Parameters:
    ///   - group: has a group for each layer, whose `weight_names` are in order.
    ///   - layerNames: all layers' in order.
    mutating func match(_ group: HDF5Group, _ layerNames: [String]) throws {
        guard Set(layerNames).count == layerNames.count else {
            throw ModelFileError("\(path): its layer_names name a layer twice; the file is damaged")
        }
        var stored: [(name: String, weights: [String])] = []
        var nameBytes = 0
        for name in layerNames {
            // A layer without weights may be left out.
            guard group.contains(name) else { continue }
            let weights = try group.group(name).attributes.split("weight_names") ?? []
            if !weights.isEmpty { stored.append((name, weights)) }
            nameBytes += weights.reduce(0) { $0 + $1.utf8.count + MemoryLayout<String>.stride }
            guard nameBytes <= Self.mostNameBytes else {
                throw ModelFileError(
                    "\(path): its weight_names have more than \(Self.mostNameBytes) bytes; the file is damaged")
            }
        }

        let own = model.layers.filter { !$0.weights.isEmpty }
        if byName || Set(stored.map(\.name)) == Set(own.map(\.name)) {
            let named = Dictionary(stored.map { ($0.name, $0) }) { first, _ in first }
            stored = try own.map { layer in
                guard let match = named[layer.name] else { throw noWeights(for: layer) }
                return match
            }
        }
        for (layer, (storedName, weightNames)) in zip(own, stored) {
            try take(
                layer, from: storedName, try group.group(storedName), weightNames,
                as: model.weights(of: layer, named: weightNames))
        }
        guard stored.count == own.count else {
            let unmatched =
                stored.count < own.count
                ? "nothing for \"\(own[stored.count].name)\"" : "no place for \"\(stored[own.count].name)\""
            throw ModelFileError(
                "\(path) has weights for \(counted(stored.count, "layer")), but the model has \(own.count) with weights: "
                    + unmatched
            )
        }
    }

    private func noWeights(for layer: PlacedLayer) -> ModelFileError {
        ModelFileError("\(path) has no weights for a layer named \"\(layer.name)\"")
    }

    // MARK: - Keras 3's files of weights

    /// A layer's group in a `.weights.h5`.
    private struct Entry {
        /// The class in snake case and the number within the class: `conv2d_1`.
        let key: String
        /// The layer's name, which Keras 3 writes beside the weights.
        let name: String?
        /// Names of the datasets in ``WeightsReader/variablesGroup``.
        let variables: [String]
        /// Whether it is a model that was called as a layer.
        let isModel: Bool
    }

    /// Takes the datasets of `layers` from a group that has a group for each of them, named by its class.
    mutating func match(_ layers: [PlacedLayer], of group: HDF5Group) throws {
        let entries = try entries(of: group)
        let own = layers.filter { !$0.weights.isEmpty }
        let named = Dictionary(entries.compactMap { entry in entry.name.map { ($0, entry) } }) { first, _ in first }
        let areNamed = byName || Set(named.keys) == Set(own.map(\.name)) && named.count == entries.count
        let places = areNamed ? [:] : try positions(of: layers, among: entries)
        var used: Set<String> = []
        for layer in own {
            let entry = areNamed ? named[layer.name] : places[layer.name]
            guard let entry else {
                // A layer that stands at several places is in the file at the first.
                if model.parameters(of: layer).allSatisfy({ datasets[$0] != nil }) { continue }
                throw noWeights(for: layer)
            }
            used.insert(entry.key)
            let stored = entry.name ?? entry.key
            if let network = layer.network {
                guard entry.isModel else {
                    throw ModelFileError(
                        "\(path): \"\(stored)\" is a layer, but the model's \"\(layer.name)\" is a model")
                }
                try match(network.layers, of: group.group("\(entry.key)/\(Self.layersGroup)"))
            } else {
                try take(
                    layer, from: stored, group.group(entry.key), entry.variables.map { "\(Self.variablesGroup)/\($0)" },
                    as: model.parameters(of: layer))
            }
        }
        if !byName, let rest = entries.first(where: { !used.contains($0.key) }) {
            throw ModelFileError(
                "\(path) has weights for \(counted(entries.count, "layer")), but the model has \(own.count) with weights: "
                    + "no place for \"\(rest.name ?? rest.key)\"")
        }
    }

    /// The groups that hold weights, in the order of their classes and numbers.
    private func entries(of group: HDF5Group) throws -> [Entry] {
        try group.names().compactMap { key in
            guard let layer = try? group.group(key) else { return nil }
            let isModel = layer.contains(Self.layersGroup)
            var (name, variables): (String?, [String]) = (nil, [])
            if layer.contains(Self.variablesGroup) {
                let group = try layer.group(Self.variablesGroup)
                name = try group.attributes.string("name")
                variables = try group.names().sorted { (Int($0) ?? .max, $0) < (Int($1) ?? .max, $1) }
            }
            let hasWeights = isModel ? try Self.holdsLayers(layer.group(Self.layersGroup)) : !variables.isEmpty
            return hasWeights ? Entry(key: key, name: name, variables: variables, isModel: isModel) : nil
        }.sorted { Self.place($0.key) < Self.place($1.key) }
    }

    /// Whether something in a model's group has weights. Models inside it are not looked into: a damaged file may lead in
    /// circles.
    private static func holdsLayers(_ group: HDF5Group) throws -> Bool {
        try group.names().contains {
            group.contains("\($0)/\(variablesGroup)/0") || group.contains("\($0)/\(layersGroup)")
        }
    }

    /// The class and the number of a key: `conv2d` and 1 of `conv2d_1`.
    private static func place(_ key: String) -> (className: Substring, number: Int) {
        if let end = key.lastIndex(of: "_"), let number = Int(key[key.index(after: end)...]) {
            return (key[..<end], number)
        }
        return (key[...], 0)
    }

    /// The entries that Keras would match with the layers, which it counts within each class.
    ///
    /// - Throws: ``ModelFileError`` if models of several classes are called as layers: a network here has no class.
    private func positions(of layers: [PlacedLayer], among entries: [Entry]) throws -> [String: Entry] {
        let byKey = Dictionary(entries.map { ($0.key, $0) }) { first, _ in first }
        let models = entries.filter(\.isModel)
        guard Set(models.map { Self.place($0.key).className }).count <= 1 else {
            throw ModelFileError(
                "\(path): its layers \(models.map { "\"\($0.key)\"" }.joined(separator: ", ")) are models of several "
                    + "classes and have other names than the model's, so it is not known which is which")
        }
        var counts: [String: Int] = [:]
        var places: [String: Entry] = [:]
        for layer in layers where layer.network == nil || !layer.weights.isEmpty {
            let className = layer.network == nil ? Naming.snakeCase(layer.className) : ""
            let number = counts[className, default: 0]
            counts[className] = number + 1
            if layer.network == nil {
                places[layer.name] = byKey[number == 0 ? className : "\(className)_\(number)"]
            } else if number < models.count {
                places[layer.name] = models[number]
            }
        }
        return places
    }
}

extension HDF5Attributes {
    /// A list of names, which Keras splits into `name0`, `name1`, ... if it is too long for one attribute.
    func split(_ name: String) throws -> [String]? {
        if let whole = try strings(name) { return whole }
        var parts: [String]?
        var number = 0
        while let part = try strings("\(name)\(number)") {
            parts = (parts ?? []) + part
            number += 1
        }
        return parts
    }
}
