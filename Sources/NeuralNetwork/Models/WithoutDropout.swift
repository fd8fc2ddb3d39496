extension Model {
    /// A copy with every dropout rate 0, with weights and optimizer state: training without chance, to compare single
    /// steps with those of another library.
    ///
    /// - Throws: ``LayerError``, or `BackendError` if the backend has no memory for a second model.
    public func withoutDropout() throws -> Model {
        let copy = try Model(network.rebuilt { ($0 as? Dropout).map { Dropout(0, name: $0.name) } ?? $0 })
        copy.identity.isTrainable = isTrainable
        copy.seed = seed
        guard backend != nil else { return copy }
        try copy.move(to: chosenBackend())
        try copy.setWeights(weights())
        if let compilation {
            copy.compile(compilation)
            copy.state.iterations = state.iterations
            copy.state.epochs = state.epochs
            let (own, other) = (try parameters(), try copy.parameters())
            for slot in 0..<own.slotCount {
                for parameter in graph.parameterIDs {
                    other.setSlot(slot, of: parameter, to: own.slot(slot, of: parameter))
                }
            }
        }
        return copy
    }
}
