extension Model {
    /// A copy with every dropout rate 0, with weights and optimizer state: training without chance, to compare single
    /// steps with those of another library.
    ///
    /// - Throws: ``LayerError``, or `BackendError` if the backend has no memory for a second model.
    public func withoutDropout() throws -> Model {
        let copy = try Model(config: config.settingDropout(rate: 0))
        try copy.move(to: backend)
        try copy.setWeights(weights())
        copy.seed = seed
        if let compilation {
            copy.compile(
                losses: compilation.losses, lossWeights: compilation.lossWeights, optimizer: compilation.optimizer)
            copy.state.iterations = state.iterations
            copy.state.epochs = state.epochs
            let (own, other) = (try parameters(), try copy.parameters())
            for slot in 0..<own.slotCount {
                for index in graph.parameters.indices { other.setSlot(slot, of: index, to: own.slot(slot, of: index)) }
            }
        }
        return copy
    }
}

extension JSON {
    /// A model's configuration with this rate in all dropout layers.
    fileprivate func settingDropout(rate: Double) -> JSON {
        switch self {
        case .array(let entries): return .array(entries.map { $0.settingDropout(rate: rate) })
        case .object(var members):
            members = members.mapValues { $0.settingDropout(rate: rate) }
            if self["class_name"] == "Dropout", case .object(var config)? = members["config"] {
                config["rate"] = .number(rate)
                members["config"] = .object(config)
            }
            return .object(members)
        default: return self
        }
    }
}
