import NeuralNetwork
import Tensors

/// A model's outline: its layers grouped into units, and the units into sections, one after the other.
public struct NetworkOutline: Sendable {
    /// Layers that work as one: a convolution or a dense layer with its normalization and activation, or a single
    /// layer.
    public struct Unit: Sendable {
        /// In the order of the computation.
        public let layers: [PlacedLayer]

        /// The layer that gives the unit its name: the convolution, the pooling.
        public var main: PlacedLayer { layers[0] }
        /// Shape of one sample's output.
        public var outputShape: Shape { layers[layers.count - 1].outputShape }
        /// Number of scalars in the unit's weights.
        public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
    }

    /// The layers between two places at which the network is a single tensor.
    public struct Section: Sendable {
        /// The branches, each from top to bottom. Without branching there is one branch with one unit.
        public let branches: [[Unit]]
        /// The layer that merges several branches.
        public let merge: PlacedLayer?
        /// Shape of one sample's output.
        public let outputShape: Shape

        /// Number of scalars in the section's weights.
        public var parameterCount: Int { branches.joined().reduce(0) { $0 + $1.parameterCount } }
    }

    /// From the input to the output.
    public let sections: [Section]

    /// - Throws: ``OutlineError`` if the model has several inputs, or branches that do not meet in one layer.
    public init(_ model: Model) throws(OutlineError) {
        let byName = Dictionary(uniqueKeysWithValues: model.layers.map { ($0.name, $0) })
        let followers = Dictionary(
            grouping: model.layers.flatMap { layer in layer.inbound.map { ($0, layer) } }, by: \.0
        ).mapValues { $0.map(\.1) }
        guard model.inputNames.count == 1, var last = byName[model.inputNames[0]] else {
            throw OutlineError(description: "the model \"\(model.name)\" has several inputs")
        }

        var sections: [Section] = []
        var run = [last]
        while true {
            while let next = followers[last.name], next.count == 1 {
                run.append(next[0])
                last = next[0]
            }
            sections += Self.units(of: run).map { Section(branches: [[$0]], merge: nil, outputShape: $0.outputShape) }
            guard let heads = followers[last.name] else { break }

            // Follow the first branch down to the merging layer, then every branch up again.
            var merge = heads[0]
            while merge.inbound.count == 1, let next = followers[merge.name], next.count == 1 { merge = next[0] }
            var branches: [[Unit]] = []
            for end in merge.inbound {
                var branch: [PlacedLayer] = []
                var name = end
                while name != last.name, let layer = byName[name], layer.inbound.count == 1 {
                    branch.insert(layer, at: 0)
                    name = layer.inbound[0]
                }
                guard name == last.name else { throw OutlineError(branchingAt: last, in: model) }
                branches.append(Self.units(of: branch))
            }
            guard merge.inbound.count == heads.count else { throw OutlineError(branchingAt: last, in: model) }
            sections.append(Section(branches: branches, merge: merge, outputShape: merge.outputShape))
            last = merge
            run = []
        }
        self.sections = sections
    }

    /// The first section that fulfills a condition.
    ///
    /// - Throws: ``OutlineError`` if there is none.
    public func section(where wanted: (Section) -> Bool) throws(OutlineError) -> Section {
        guard let section = sections.first(where: wanted) else {
            throw OutlineError(description: "the model has no section of this kind")
        }
        return section
    }

    private static func units(of layers: [PlacedLayer]) -> [Unit] {
        var units: [[PlacedLayer]] = []
        for layer in layers {
            let follows = [.normalization, .activation].contains(layer.layer.kind)
            if follows, let main = units.last?.first, [.convolution, .dense].contains(main.layer.kind) {
                units[units.count - 1].append(layer)
            } else {
                units.append([layer])
            }
        }
        return units.map(Unit.init)
    }
}

/// A model that is not a chain of sections.
public struct OutlineError: Error, CustomStringConvertible {
    /// One line that names the model and the layer.
    public let description: String

    fileprivate init(description: String) { self.description = description }

    fileprivate init(branchingAt layer: PlacedLayer, in model: Model) {
        description = "the branches after \"\(layer.name)\" in the model \"\(model.name)\" do not meet in one layer"
    }
}
