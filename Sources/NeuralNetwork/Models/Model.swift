import ComputeGraph
import OneDNNBackend
import System
import Tensors

/// A network from inputs to outputs, with its weights: Keras's functional `Model`.
///
/// A model is a description until something is computed or a weight is asked for. Then its weights are allocated in the
/// memory of its ``backend``, and initialized from ``seed`` or read from the file that it was loaded from.
public final class Model {
    /// A layer at its place in a model.
    public struct PlacedLayer: Sendable {
        /// The layer's name, unique within the model.
        public let name: String
        /// The layer's description.
        public let layer: any Layer
        /// Names of the layers it takes its inputs from, in argument order.
        public let inbound: [String]
        /// Shape of one sample's output.
        public let outputShape: Shape
        /// The layer's weights, in Keras's order.
        public let weights: [WeightDescription]
        /// The modules that it stands in, the outermost first. Layers of a file stand in none.
        public let modules: [Module]
        /// Index of its first weight in ``Model/graph``'s parameters.
        let firstParameter: Int
        /// Index of its output in ``Model/graph``'s nodes.
        let outputNode: Int

        /// Keras's name of the layer's class.
        public var className: String { type(of: layer).className }
        /// Number of scalars in its weights.
        public var parameterCount: Int { weights.reduce(0) { $0 + $1.shape.count } }
    }

    /// The model's name; files hold it.
    public let name: String
    /// All layers, in the order of Keras's `model.layers`.
    public let layers: [PlacedLayer]
    /// Names of the input layers.
    public let inputNames: [String]
    /// Names of the layers whose outputs are the model's.
    public let outputNames: [String]
    /// The operations that a backend computes, and their parameters.
    public let graph: Graph

    /// The backend that computes; oneDNN by default. See ``move(to:)``.
    public private(set) var backend: any Backend = OneDNNBackend()
    /// How far the model has been trained, and with what.
    public var state = TrainingState()
    /// Seeds initial weights, the order of samples, augmentation and dropout. It has no effect on weights that exist.
    public var seed: UInt64 {
        get { state.seed }
        set { state.seed = newValue }
    }

    /// Losses and optimizer, as set by ``compile(loss:lossWeights:optimizer:)``; `nil` before.
    public internal(set) var compilation: Compilation?
    /// The classes that the outputs stand for, in their order, if known: see ``setClassNames(_:from:)``.
    public internal(set) var classNames: [String]?
    /// Whether training examines gradients and weights in every step, so that a ``DivergenceError`` names the first
    /// layer with an infinity or a NaN: see ``Anomaly``. Examining costs little; finding the layer, once, takes as long
    /// as some ten steps.
    public var detectsAnomalies = false
    /// The file that this model was last saved to or loaded from with weights that are all finite.
    public internal(set) var lastCheckpoint: SavedModel?
    /// Set by a callback, ends training after the step: Keras's `stop_training`. A model that is saved then can resume
    /// from there.
    public var stopTraining = false

    /// The losses or the optimizer of the file that are not known here, as words; the model is then not compiled.
    var unknownTraining: String?
    /// The reason why the optimizer's state is not the file's, if it is not.
    var lostMemory: String?
    /// The result of the last examination of the weights; see ``finiteOutputs(of:for:)``.
    var finiteWeights: FiniteWeights?

    private var loaded: (any LoadedGraph)?
    private var plans: [PlanKey: any Plan] = [:]

    /// A model of several inputs or outputs.
    ///
    /// The program ends with one line if a name is not unique or an input is missing. To get an error instead, use
    /// ``init(inputs:outputs:checkedName:)``.
    ///
    /// - Parameters:
    ///   - inputs: results of ``Input(shape:name:)``.
    ///   - outputs: computed from the inputs.
    ///   - name: files hold it.
    public convenience init(inputs: [KerasTensor], outputs: [KerasTensor], name: String = "functional") {
        do {
            try self.init(inputs: inputs, outputs: outputs, checkedName: name)
        } catch {
            stop("\(error)")
        }
    }

    /// A model of one input and one output.
    ///
    /// The program ends with one line if a layer's name is not unique or an input is missing.
    ///
    /// - Parameters:
    ///   - inputs: a result of ``Input(shape:name:)``.
    ///   - outputs: computed from the input.
    ///   - name: files hold it.
    public convenience init(inputs: KerasTensor, outputs: KerasTensor, name: String = "functional") {
        self.init(inputs: [inputs], outputs: [outputs], name: name)
    }

    /// A model whose mistakes are errors, as for networks from files.
    ///
    /// - Parameters:
    ///   - inputs: results of ``Input(shape:name:)``.
    ///   - outputs: computed from the inputs.
    ///   - name: files hold it.
    /// - Throws: ``LayerError`` if two layers have the same name, or an input of the network is not among `inputs`.
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
                    weights: weights, modules: node.module?.path ?? [], firstParameter: firstParameter,
                    outputNode: graphNodes.count - 1))
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

    /// All weights, layer by layer: Keras's `get_weights`.
    ///
    /// - Throws: `BackendError` if the backend cannot take the model.
    public func weights() throws -> [Tensor] {
        let storage = try parameters()
        return graph.parameters.indices.map { storage.weight($0) }
    }

    /// Replaces all weights: Keras's `set_weights`.
    ///
    /// - Parameter weights: in the order of ``weights()``.
    /// - Throws: ``LayerError`` naming the first weight that does not fit; then nothing is changed.
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

    /// The layer of this name: Keras's `get_layer`; `nil` if there is none.
    public func layer(named name: String) -> PlacedLayer? { layers.first { $0.name == name } }

    /// Indices of the layer's weights in ``graph``'s parameters.
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

    /// Allocates the new optimizer's state, if the weights are allocated.
    func optimizerDidChange() {
        if let loaded, let compilation { compilation.optimizer.makeSlots(in: loaded.parameters) }
    }

    /// Computes on another backend from now on; weights and the optimizer's state move along.
    ///
    /// - Throws: `BackendError` if it cannot take the model; the model then stays on its backend.
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

    /// The plan for batches of this size, compiled at its first use.
    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        let key = PlanKey(batchSize: batchSize, mode: mode)
        if let plan = plans[key] { return plan }
        let plan = try inMemory().plan(batchSize: batchSize, mode: mode)
        plans[key] = plan
        return plan
    }

    /// Drops the plans for inference; plans for training remain.
    func dropInferencePlans() {
        plans = plans.filter { key, _ in
            if case .training = key.mode { true } else { false }
        }
    }

    /// A plan for a single use. Drops the stored plans first: there may not be enough memory for both.
    func passingPlan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        plans = [:]
        return try inMemory().plan(batchSize: batchSize, mode: mode)
    }

    private struct PlanKey: Hashable {
        let batchSize: Int
        let mode: PlanMode
    }
}
