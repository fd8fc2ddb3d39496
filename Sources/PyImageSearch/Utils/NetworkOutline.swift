import NeuralNetwork
import Tensors

/// A model from a step further back: its layers in units, and the units in sections, one after the other.
public struct NetworkOutline: Sendable {
    /// Layers that work as one: a convolution or a dense layer with its normalisation and activation, or a single layer.
    public struct Unit: Sendable {
        public let layers: [Model.PlacedLayer]

        /// The layer that gives the unit its name: the convolution, the pooling.
        public var main: Model.PlacedLayer { layers[0] }
        public var outputShape: Shape { layers[layers.count - 1].outputShape }
        public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }
    }

    /// What stands between two places where a network is a single tensor wide.
    public struct Section: Sendable {
        /// Side by side, each from top to bottom; just one, of one unit, where the network does not branch.
        public let branches: [[Unit]]
        /// What brings several branches together.
        public let merge: Model.PlacedLayer?
        public let outputShape: Shape

        public var parameterCount: Int { branches.joined().reduce(0) { $0 + $1.parameterCount } }
    }

    public let sections: [Section]

    /// - Throws: ``OutlineError`` where the model is not such a chain.
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

            // Down the first branch to where it meets the others, then up along each of them.
            var merge = heads[0]
            while merge.inbound.count == 1, let next = followers[merge.name], next.count == 1 { merge = next[0] }
            var branches: [[Unit]] = []
            for end in merge.inbound {
                var branch: [Model.PlacedLayer] = []
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

    /// The first section that is `wanted`.
    ///
    /// - Throws: ``OutlineError`` where there is none.
    public func section(where wanted: (Section) -> Bool) throws(OutlineError) -> Section {
        guard let section = sections.first(where: wanted) else {
            throw OutlineError(description: "the model has no section of this kind")
        }
        return section
    }

    private static func units(of layers: [Model.PlacedLayer]) -> [Unit] {
        var units: [[Model.PlacedLayer]] = []
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
    public let description: String

    fileprivate init(description: String) { self.description = description }

    fileprivate init(branchingAt layer: Model.PlacedLayer, in model: Model) {
        description = "what branches at \"\(layer.name)\" in the model \"\(model.name)\" does not meet in one layer"
    }
}
