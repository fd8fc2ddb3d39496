import ComputeGraph
import OneDNNBackend
import System
import Tensors

/// A network from inputs to outputs, with its weights: Keras's functional `Model`.
///
/// Until something is computed or a weight is asked for, a model is only a description. Then its weights come to be
/// in the memory of its ``backend``, from `seed`, or from the file that it was loaded from.
public final class Model {
    /// A layer in its place.
    public struct PlacedLayer: Sendable {
        public let name: String
        public let layer: any Layer
        /// Names of the layers it takes its inputs from, in argument order.
        public let inbound: [String]
        /// Shape of one sample's output.
        public let outputShape: Shape
        public let weights: [WeightDescription]
        /// Where its weights begin in ``Model/graph``'s parameters.
        let firstParameter: Int
        /// Where its output is in ``Model/graph``'s nodes.
        let outputNode: Int

        public var className: String { type(of: layer).className }
        /// Number of scalars in its weights.
        public var parameterCount: Int { weights.reduce(0) { $0 + $1.shape.count } }
    }

    public let name: String
    /// In the order of Keras's `model.layers`.
    public let layers: [PlacedLayer]
    public let inputNames: [String]
    public let outputNames: [String]
    /// What a backend computes.
    public let graph: Graph

    /// What computes.
    public private(set) var backend: any Backend = OneDNNBackend()
    /// How far the model has been trained, and with what.
    public var state = TrainingState()
    /// Seeds initial weights, the order of samples, augmentation and dropout. It has no effect on weights that exist.
    public var seed: UInt64 {
        get { state.seed }
        set { state.seed = newValue }
    }

    /// What ``compile(loss:lossWeights:optimizer:)`` set, `nil` before.
    public internal(set) var compilation: Compilation?
    /// What the outputs stand for, in their order, where that is known: see ``setClassNames(_:from:)``.
    public internal(set) var classNames: [String]?
    /// Whether training looks at gradients and weights in every step, and says which layer numbers went wrong in: see
    /// ``Anomaly``. Looking costs little; finding the layer, once, takes as long as some ten steps.
    public var detectsAnomalies = false
    /// The file that this model was last saved to or loaded from with weights that are all finite.
    public internal(set) var lastCheckpoint: SavedModel?
    /// Set by a callback, ends training after the step, Keras's `stop_training`; a model saved then goes on from there.
    public var stopTraining = false

    /// What the file that it was loaded from says of its training and is not known here, in words; then it is not
    /// compiled.
    var unknownTraining: String?
    /// Why the optimizer does not remember what it did when the file was written.
    var lostMemory: String?
    /// What was last found of the weights; see ``finiteOutputs(of:for:)``.
    var finiteWeights: FiniteWeights?

    private var loaded: (any LoadedGraph)?
    private var plans: [PlanKey: any Plan] = [:]

    /// The program ends with one line where a name is not unique or an input is not met;
    /// ``init(inputs:outputs:checkedName:)`` throws instead.
    public convenience init(inputs: [KerasTensor], outputs: [KerasTensor], name: String = "functional") {
        do {
            try self.init(inputs: inputs, outputs: outputs, checkedName: name)
        } catch {
            stop("\(error)")
        }
    }

    public convenience init(inputs: KerasTensor, outputs: KerasTensor, name: String = "functional") {
        self.init(inputs: [inputs], outputs: [outputs], name: name)
    }

    /// - Throws: ``LayerError`` where two layers have one name, or an input of the network is not among `inputs`.
    public init(inputs: [KerasTensor], outputs: [KerasTensor], checkedName name: String) throws {
        guard !outputs.isEmpty else { throw LayerError("a model needs an output") }
        self.name = name
        let nodes = LayerOrder.sorted(inputs: inputs.map(\.node), outputs: outputs.map(\.node))
        let names = Naming.names(for: nodes.sorted { $0.creation < $1.creation })
        func nameOf(_ node: LayerNode) -> String { names[ObjectIdentifier(node)] ?? "" }

        let duplicates = Dictionary(grouping: nodes.map(nameOf)) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
        if let duplicate = duplicates.first { throw LayerError("two layers are named \"\(duplicate)\"") }
        let given = Set(inputs.map { ObjectIdentifier($0.node) })
        guard given.count == inputs.count else { throw LayerError("an input of the model is listed twice") }
        if let stray = nodes.first(where: { $0.layer is InputLayer && !given.contains(ObjectIdentifier($0)) }) {
            throw LayerError("the outputs depend on \"\(nameOf(stray))\", which is not among the model's inputs")
        }
        guard inputs.allSatisfy({ $0.node.layer is InputLayer }) else {
            throw LayerError("a model must begin at inputs")
        }

        var placed: [PlacedLayer] = []
        var graphNodes: [Graph.Node] = []
        var parameters: [Graph.Parameter] = []
        var position: [ObjectIdentifier: Int] = [:]
        for node in nodes {
            let name = nameOf(node)
            let inputShapes = node.inputs.map(\.shape)
            let weights = node.layer.weights(for: inputShapes)
            let firstParameter = parameters.count
            parameters += weights.map {
                Graph.Parameter(
                    name: "\(name)/\($0.name)", shape: $0.shape, isTrainable: $0.isTrainable, l2: Float($0.l2))
            }
            var operationInputs = node.inputs.compactMap { position[ObjectIdentifier($0)] }
            let operations = node.layer.operations(for: inputShapes)
            var shapes = inputShapes
            for (index, operation) in operations.enumerated() {
                let isLast = index == operations.count - 1
                shapes = isLast ? [node.shape] : [try operation.outputShape(for: shapes)]
                graphNodes.append(
                    Graph.Node(
                        name: isLast ? name : "\(name)/\(index)", operation: operation, inputs: operationInputs,
                        shape: shapes[0],
                        parameters: index == 0 ? Array(firstParameter..<parameters.count) : []))
                operationInputs = [graphNodes.count - 1]
            }
            position[ObjectIdentifier(node)] = graphNodes.count - 1
            placed.append(
                PlacedLayer(
                    name: name, layer: node.layer, inbound: node.inputs.map(nameOf), outputShape: node.shape,
                    weights: weights, firstParameter: firstParameter, outputNode: graphNodes.count - 1))
        }
        layers = placed
        inputNames = inputs.map { nameOf($0.node) }
        outputNames = outputs.map { nameOf($0.node) }
        graph = Graph(
            nodes: graphNodes, parameters: parameters,
            inputs: inputs.compactMap { position[ObjectIdentifier($0.node)] },
            outputs: outputs.compactMap { position[ObjectIdentifier($0.node)] })
    }

    // MARK: - Weights

    /// All weights, layer by layer, as Keras's `get_weights`.
    ///
    /// - Throws: `BackendError` where the backend cannot take the model.
    public func weights() throws -> [Tensor] {
        let storage = try parameters()
        return graph.parameters.indices.map { storage.weight($0) }
    }

    /// - Throws: ``LayerError`` naming the first layer whose weights do not fit; then nothing is changed.
    public func setWeights(_ weights: [Tensor]) throws {
        guard weights.count == graph.parameters.count else {
            throw LayerError("\(weights.count) weights do not fit a model that has \(graph.parameters.count)")
        }
        for (weight, parameter) in zip(weights, graph.parameters) where weight.shape != parameter.shape {
            throw LayerError("\(parameter.name) is \(parameter.shape), but the weight given is \(weight.shape)")
        }
        let storage = try parameters()
        for (index, weight) in weights.enumerated() { storage.setWeight(index, to: weight) }
    }

    /// The layer of this name, as Keras's `get_layer`.
    public func layer(named name: String) -> PlacedLayer? { layers.first { $0.name == name } }

    /// Where the weights of `layer` are in ``graph``'s parameters.
    func parameterIndices(of layer: PlacedLayer) -> Range<Int> {
        layer.firstParameter..<layer.firstParameter + layer.weights.count
    }

    // MARK: - In the backend's memory

    func parameters() throws -> any ParameterStorage { try inMemory().parameters }

    private func inMemory() throws -> any LoadedGraph {
        if let loaded { return loaded }
        let loaded = try backend.load(graph)
        for layer in layers {
            for (index, weight) in zip(parameterIndices(of: layer), layer.weights) {
                let stream = RandomStream(seed: seed, purpose: .initialization, index: index)
                loaded.parameters.setWeight(index, to: weight.initializer(shape: weight.shape, stream: stream))
            }
        }
        self.loaded = loaded
        optimizerDidChange()
        return loaded
    }

    /// Gives the new optimizer its memory, where weights already have theirs.
    func optimizerDidChange() {
        if let loaded, let compilation { compilation.optimizer.makeSlots(in: loaded.parameters) }
    }

    /// Computes on `backend` from now on; weights and the optimizer's memory move along.
    ///
    /// - Throws: `BackendError` where it cannot take the model; then the model stays where it was.
    public func move(to backend: any Backend) throws {
        guard let old = loaded?.parameters else {
            self.backend = backend
            return
        }
        let new = try backend.load(graph)
        new.parameters.makeSlots(count: old.slotCount, value: 0)
        for index in graph.parameters.indices {
            new.parameters.setWeight(index, to: old.weight(index))
            for slot in 0..<old.slotCount { new.parameters.setSlot(slot, of: index, to: old.slot(slot, of: index)) }
        }
        self.backend = backend
        loaded = new
        finiteWeights = nil
        plans = [:]
    }

    /// The plan for batches of this size, compiled at first use.
    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        let key = PlanKey(batchSize: batchSize, mode: mode)
        if let plan = plans[key] { return plan }
        let plan = try inMemory().plan(batchSize: batchSize, mode: mode)
        plans[key] = plan
        return plan
    }

    /// Those for training are kept.
    func dropInferencePlans() {
        plans = plans.filter { key, _ in
            if case .training = key.mode { true } else { false }
        }
    }

    /// A plan to be used once. Those that are kept are dropped first: there may be no memory for both.
    func passingPlan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        plans = [:]
        return try inMemory().plan(batchSize: batchSize, mode: mode)
    }

    private struct PlanKey: Hashable {
        let batchSize: Int
        let mode: PlanMode
    }
}
