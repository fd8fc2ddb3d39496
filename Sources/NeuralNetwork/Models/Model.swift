import ComputeGraph
import System
import Tensors

/// A network from inputs to outputs, with its weights: Keras's functional `Model`.
///
/// A model is a description until something is computed or a weight is asked for. Then its weights are allocated in the
/// memory of its ``backend``, and initialized from ``seed`` or read from the file that it was loaded from.
///
/// Weights belong to layers. A model that is made of another model's tensors, or that calls another model as a layer,
/// shares their weights: training one changes both.
public final class Model {
    let network: Network
    /// Identifies the model where it is called as a layer.
    let identity = LayerIdentity()

    /// The model's name; files hold it.
    public var name: String { network.name }
    /// All layers, in the order of Keras's `model.layers`.
    public var layers: [PlacedLayer] { network.layers }
    /// The tensors that the model begins at.
    public var inputs: [KerasTensor] { network.inputs }
    /// The tensors that the model computes.
    public var outputs: [KerasTensor] { network.outputs }
    /// Names of the input layers.
    public let inputNames: [String]
    /// Names of the layers whose outputs are the model's. A layer with several has `_1`, `_2`, ... from the second on.
    public let outputNames: [String]

    /// The backend that computes; `nil` until ``move(to:)`` chooses one.
    public private(set) var backend: (any Backend)?
    /// How far the model has been trained, and with what.
    public var state = TrainingState()
    /// Seeds initial weights, the order of samples, augmentation and dropout. It has no effect on weights that exist.
    public var seed: UInt64 {
        get { state.seed }
        set { state.seed = newValue }
    }

    /// Losses and optimizer, as set by ``compile(loss:lossWeights:optimizer:metrics:gradientSteps:gradientAccumulationSteps:)``; `nil` before.
    public internal(set) var compilation: Compilation?
    /// The classes that the outputs stand for, in their order, if known: see ``setClassNames(_:from:)``.
    public internal(set) var classNames: [String]?
    /// How the inputs are made, in words of the program that makes them; saved with the model.
    public var inputDescription: JSON?
    /// Whether training examines gradients and weights in every step, so that a ``DivergenceError`` names the first
    /// layer with an infinity or a NaN: see ``Anomaly``. Examining costs little; finding the layer, once, takes as long
    /// as some ten steps.
    public var detectsAnomalies = false
    /// The file that this model was last saved to or loaded from with weights that are all finite.
    public internal(set) var lastCheckpoint: SavedModel?
    /// Set by a callback, ends training after the step: Keras's `stop_training`. A model that is saved then can resume
    /// from there.
    public var stopTraining = false

    /// The processes that train this model together; `nil` if there is only this one. All of them call `fit`, `evaluate` and
    /// `predict` alike, with whole batches and data: each then computes its part, and all get the same results.
    public var parallelism: DataParallelism?

    /// The losses or the optimizer of the file that are not known here, as words; the model is then not compiled.
    var unknownTraining: String?
    /// The reason why the optimizer's state is not the file's, if it is not.
    var lostMemory: String?
    /// The sums of the gradients of all trainable weights since the last update, if several steps make one.
    var accumulatedGradients: [[Float]] = []
    /// The result of the last examination of the weights; see ``finiteOutputs(of:for:next:)``.
    var finiteWeights: FiniteWeights?

    private var built: NetworkGraph
    /// ``LayerIdentity/version`` at the time when the graph was built.
    private var builtVersion: Int
    private var loaded: (any LoadedGraph)?
    private var plans: [PlanKey: any Plan] = [:]

    /// A model of several inputs or outputs.
    ///
    /// The program ends with one line if a name is not unique or an input is missing. To get an error instead, use
    /// ``init(inputs:outputs:checkedName:)``.
    ///
    /// - Parameters:
    ///   - inputs: results of ``Input(shape:name:)``, or tensors in the middle of another model to begin at.
    ///   - outputs: computed from the inputs. The layers between are shared with all models that have them.
    ///   - name: files hold it; by default `functional`, and `functional_1`, ... where models of that name are called in
    ///     one model.
    public convenience init(inputs: [KerasTensor], outputs: [KerasTensor], name: String? = nil) {
        do {
            try self.init(Network(inputs: inputs, outputs: outputs, name: name ?? "functional", isNamed: name != nil))
        } catch {
            stop("\(error)")
        }
    }

    /// A model of one input and one output.
    ///
    /// The program ends with one line if a layer's name is not unique or an input is missing.
    ///
    /// - Parameters:
    ///   - inputs: a result of ``Input(shape:name:)``, or a tensor in the middle of another model.
    ///   - outputs: computed from the input.
    ///   - name: files hold it; by default `functional`, as above.
    public convenience init(inputs: KerasTensor, outputs: KerasTensor, name: String? = nil) {
        self.init(inputs: [inputs], outputs: [outputs], name: name)
    }

    /// A model whose mistakes are errors, as for networks from files.
    ///
    /// - Parameters:
    ///   - inputs: results of ``Input(shape:name:)``, or tensors in the middle of another model.
    ///   - outputs: computed from the inputs.
    ///   - name: files hold it.
    /// - Throws: ``LayerError`` if two layers have the same name, or an input of the network is not among `inputs`.
    public convenience init(inputs: [KerasTensor], outputs: [KerasTensor], checkedName name: String) throws {
        try self.init(Network(inputs: inputs, outputs: outputs, name: name))
    }

    init(_ network: Network) throws {
        self.network = network
        inputNames = network.layerNames(of: network.inputs)
        outputNames = Self.unique(network.layerNames(of: network.outputs))
        builtVersion = LayerIdentity.version
        built = try NetworkGraph(network, isTrainable: true)
    }

    /// Names of which none comes twice, as in Keras 2: `classes`, `classes_1`.
    private static func unique(_ names: [String]) -> [String] {
        var taken = Set(names), seen: [String: Int] = [:]
        return names.map { name in
            let count = seen[name, default: 0]
            seen[name] = count + 1
            guard count > 0 else { return name }
            var number = count
            while !taken.insert("\(name)_\(number)").inserted { number += 1 }
            return "\(name)_\(number)"
        }
    }

    // MARK: - The model as a layer

    /// Calls the model as a layer, with its weights: Keras's nested model.
    ///
    /// The program ends with one line if the shape does not fit. To get an error instead, use ``call(_:training:)``.
    public func callAsFunction(_ input: KerasTensor) -> KerasTensor {
        do {
            return try call([input])[0]
        } catch {
            stop("\(error)")
        }
    }

    /// Calls the model as a layer, with its weights: Keras's nested model.
    ///
    /// - Parameters:
    ///   - inputs: one for each input of the model.
    ///   - training: `false` lets normalizations and dropout inside compute as in inference while the outer model is
    ///     trained, and still trains the weights. That is Keras 2's meaning. Keras 3 documents the same, but replaces the
    ///     argument by the outer call's (keras issue 20285): for its results leave the argument out, and freeze the
    ///     layers.
    /// - Returns: one for each output of the model.
    /// - Throws: ``LayerError`` if the inputs do not fit.
    public func call(_ inputs: [KerasTensor], training: Bool? = nil) throws -> [KerasTensor] {
        let nested = NestedModel(network: network, name: network.isNamed ? name : nil, identity: identity)
        return try LayerNode(nested, identity, inputs, training: training).outputs
    }

    // MARK: - Layers

    /// The layer of this name: Keras's `get_layer`.
    ///
    /// - Throws: ``LayerError`` naming the layers that there are.
    public func layer(named name: String) throws -> PlacedLayer {
        if let layer = layers.first(where: { $0.name == name }) { return layer }
        let names = layers.map { "\"\($0.name)\"" }
        let shown = names.count <= 12 ? names : Array(names.prefix(6)) + ["..."] + Array(names.suffix(5))
        throw LayerError(
            "the model \"\(self.name)\" has no layer named \"\(name)\"; its layers are \(shown.joined(separator: ", "))"
        )
    }

    /// Whether training may move weights; false freezes all, whatever their layers say.
    public var isTrainable: Bool { identity.isTrainable }

    /// Freezes or frees the model and all its layers: see ``Layer/setTrainable(_:)``.
    ///
    /// Of a model that was frozen as a whole nothing is trained, even if a layer is freed again; another model that has
    /// the layer trains it. That is Keras 3's rule.
    public func setTrainable(_ isTrainable: Bool) {
        identity.isTrainable = isTrainable
        for layer in layers { layer.setTrainable(isTrainable) }
    }

    // MARK: - Weights

    /// The operations that a backend computes, and their parameters. It changes when layers are frozen or freed.
    public var graph: Graph { upToDate().graph }

    /// Builds graph and plans anew if a layer of this model was frozen or freed, or its weights were moved.
    private func upToDate() -> NetworkGraph {
        guard builtVersion != LayerIdentity.version else { return built }
        builtVersion = LayerIdentity.version
        // The network has been built before, so it can be built again.
        guard let new = try? NetworkGraph(network, isTrainable: identity.isTrainable) else { return built }
        let isSame =
            zip(new.graph.parameters, built.graph.parameters).allSatisfy { $0.isTrainable == $1.isTrainable }
            && zip(new.graph.nodes, built.graph.nodes).allSatisfy { $0.operation == $1.operation }
        let areWeightsSame = loaded.map { loaded in
            new.layers.allSatisfy { layer in
                zip(layer.identity.weights, new.parameters(of: layer)).allSatisfy {
                    $0 === loaded.parameters.memory(of: $1)
                }
            }
        }
        if !isSame || areWeightsSame == false {
            built = new
            plans = [:]
            finiteWeights = nil
            // The sums are those of the weights that were trained.
            if !isSame { accumulatedGradients = [] }
            needsReload = loaded != nil
        }
        return built
    }

    private var needsReload = false

    /// All weights, layer by layer: Keras's `get_weights`.
    ///
    /// - Throws: `BackendError` if the backend cannot take the model.
    public func weights() throws -> [Tensor] {
        let storage = try parameters()
        return graph.parameterIDs.map { storage.weight($0) }
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
        // Nothing is drawn that is replaced at once.
        let storage = try inMemory(drawingWeights: false).parameters
        for (parameter, weight) in zip(graph.parameterIDs, weights) { storage.setWeight(parameter, to: weight) }
    }

    /// The penalties on outputs of layers, frozen or not, as Keras counts them.
    var activityPenalties: [(node: NodeID, penalty: Penalty)] { upToDate().activityPenalties }

    /// The layer's weights in ``graph``'s parameters.
    func parameters(of layer: PlacedLayer) -> [ParameterID] { upToDate().parameters(of: layer) }

    /// The node of a tensor of this network, which is not inside a nested model.
    func node(of tensor: KerasTensor) -> NodeID? {
        upToDate().outputs[ObjectIdentifier(tensor.node)].map { $0[tensor.index] }
    }

    // MARK: - In the backend's memory

    func parameters() throws -> any ParameterStorage { try inMemory().parameters }

    /// The backend that computes.
    ///
    /// - Throws: `BackendError` if ``move(to:)`` has not chosen one.
    public func chosenBackend() throws -> any Backend {
        guard let backend else {
            throw BackendError(
                "the model \"\(name)\" has no backend to compute with: choose one with move(to:), for example "
                    + "OneDNNBackend()")
        }
        return backend
    }

    private func inMemory(drawingWeights: Bool = true) throws -> any LoadedGraph {
        let current = upToDate()
        if let loaded, !needsReload { return loaded }
        let backend = try chosenBackend()
        let old = loaded?.parameters
        let new = try load(current, on: backend, drawingWeights: drawingWeights)
        if let old {
            copySlots(from: old, to: new.parameters)
        } else if let compilation {
            compilation.optimizer.makeSlots(in: new.parameters)
        }
        loaded = new
        needsReload = false
        return new
    }

    /// Allocates the weights that no model has allocated yet, and lets their layers keep them.
    private func load(
        _ current: NetworkGraph, on backend: any Backend, drawingWeights: Bool = true
    ) throws -> any LoadedGraph {
        var shared: [ParameterID: any Weight] = [:]
        for layer in current.layers {
            for (parameter, weight) in zip(current.parameters(of: layer), layer.identity.weights) {
                shared[parameter] = weight
            }
        }
        let new = try backend.load(current.graph, sharing: shared)
        for layer in current.layers {
            let parameters = current.parameters(of: layer)
            for (parameter, weight) in zip(parameters, layer.weights) where shared[parameter] == nil && drawingWeights {
                let stream = RandomStream(seed: seed, purpose: .initialization, index: parameter.index)
                new.parameters.setWeight(parameter, to: weight.initializer(shape: weight.shape, stream: stream))
            }
            layer.identity.keep(parameters.map(new.parameters.memory))
        }
        builtVersion = LayerIdentity.version
        return new
    }

    private func copySlots(from old: any ParameterStorage, to new: any ParameterStorage) {
        new.makeSlots(count: old.slotCount, value: compilation?.optimizer.slotInitialValue ?? 0)
        for parameter in graph.parameterIDs {
            for slot in 0..<old.slotCount { new.setSlot(slot, of: parameter, to: old.slot(slot, of: parameter)) }
        }
    }

    /// Allocates the new optimizer's state, if the weights are allocated.
    func optimizerDidChange() {
        if let loaded, let compilation { compilation.optimizer.makeSlots(in: loaded.parameters) }
    }

    /// Computes on another backend from now on; weights and the optimizer's state move along.
    ///
    /// - Throws: `BackendError` if it cannot take the model; the model then stays on its backend.
    public func move(to backend: any Backend) throws {
        if let old = loaded?.parameters {
            let new = try load(upToDate(), on: backend)
            copySlots(from: old, to: new.parameters)
            loaded = new
            needsReload = false
            finiteWeights = nil
            plans = [:]
        }
        self.backend = backend
    }

    /// The plan for batches of this size, compiled at its first use.
    func plan(batchSize: Int, mode: PlanMode) throws -> any Plan {
        let loaded = try inMemory()
        let key = PlanKey(batchSize: batchSize, mode: mode)
        if let plan = plans[key] { return plan }
        let plan = try loaded.plan(batchSize: batchSize, mode: mode)
        plans[key] = plan
        return plan
    }

    /// Drops the plans for inference; plans for training remain.
    func dropInferencePlans() { plans = plans.filter { key, _ in key.mode.isTraining } }

    /// Drops the plans for other objectives, whose memory is of no use any more.
    func keepPlans(for objectives: [Objective]) {
        plans = plans.filter { key, _ in key.mode.objectives.isEmpty || key.mode.objectives == objectives }
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
