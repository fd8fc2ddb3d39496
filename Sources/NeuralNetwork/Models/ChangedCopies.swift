extension KerasTensor {
    /// The same tensor where a layer computes it: within nested models.
    fileprivate var innermost: KerasTensor {
        (node.layer as? NestedModel)?.network.outputs[index].innermost ?? self
    }
}

extension Model {
    /// A copy with every dropout rate 0, with weights and optimizer state: training without chance, to compare single
    /// steps with those of another library.
    ///
    /// - Throws: ``LayerError``, or `BackendError` if the backend has no memory for a second model.
    public func withoutDropout() throws -> Model {
        let copy = try copied { call in (call.layer as? Dropout).map { Dropout(0, name: $0.name) } ?? call.layer }
        if backend != nil, let compilation {
            copy.compile(compilation)
            copy.state.iterations = state.iterations
            copy.state.epochs = state.epochs
            copy.accumulatedGradients = accumulatedGradients
            let (own, other) = (try parameters(), try copy.parameters())
            for slot in 0..<own.slotCount {
                for parameter in graph.parameterIDs {
                    other.setSlot(slot, of: parameter, to: own.slot(slot, of: parameter))
                }
            }
        }
        return copy
    }

    /// A copy that ends before the activation of its outputs: with the logits of a softmax.
    ///
    /// - Throws: ``LayerError``, or `BackendError` if the backend has no memory for a second model.
    public func withoutOutputActivation() throws -> Model {
        let ends = Set(outputs.map { ObjectIdentifier($0.innermost.node.identity) })
        return try copied { call in
            guard ends.contains(ObjectIdentifier(call.identity)) else { return call.layer }
            return switch call.layer {
            case let dense as Dense: Dense(dense.units, useBias: dense.useBias, name: dense.name)
            case let activation as Activation: Activation(.linear, name: activation.name)
            case let softmax as Softmax: Activation(.linear, name: softmax.name)
            default: call.layer
            }
        }
    }

    /// The activation that the first output comes from, also that of a nested model; `nil` if it comes from another layer.
    public var outputActivation: ActivationFunction? {
        switch outputs[0].innermost.node.layer {
        case let dense as Dense: dense.activation
        case let activation as Activation: activation.function
        case is Softmax: .softmax
        default: nil
        }
    }

    /// A copy with the same weights, of other layers.
    private func copied(_ change: (LayerNode) -> any Layer) throws -> Model {
        let copy = try Model(network.rebuilt(change))
        copy.identity.isTrainable = isTrainable
        copy.seed = seed
        guard backend != nil else { return copy }
        try copy.move(to: chosenBackend())
        try copy.setWeights(weights())
        return copy
    }
}
