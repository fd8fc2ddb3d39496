import ComputeGraph
import System
import Tensors

// Outputs in inference mode.
extension Model {
    /// The first output for every sample, in inference mode: Keras's `predict`.
    ///
    /// - Parameters:
    ///   - inputs: `[samples, ...]`, of the model's input shape.
    ///   - batchSize: samples that are computed together.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `[samples, ...]`, of the output's shape.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`.
    public func predict(_ inputs: Tensor, batchSize: Int = 32, verbose: Bool = false) throws -> Tensor {
        try predict([inputs], batchSize: batchSize, verbose: verbose)[0]
    }

    /// All outputs for every sample, in inference mode.
    ///
    /// - Parameters:
    ///   - inputs: one tensor for each input of the model, `[samples, ...]`.
    ///   - batchSize: samples that are computed together.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: one tensor for each output, `[samples, ...]`.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`.
    public func predict(_ inputs: [Tensor], batchSize: Int = 32, verbose: Bool = false) throws -> [Tensor] {
        try predict(nodes: graph.outputs, arrays(inputs, batchSize: batchSize), verbose: verbose)
    }

    /// The outputs of any layers, in inference mode, to look inside a network. They need not be finite.
    ///
    /// - Parameters:
    ///   - names: of the layers.
    ///   - inputs: `[samples, ...]`, of the model's input shape.
    ///   - batchSize: samples that are computed together.
    /// - Returns: one tensor for each layer, `[samples, ...]`.
    /// - Throws: ``LayerError`` for a layer that does not exist, ``TrainingError`` for a sample that is not finite; `BackendError`.
    public func outputs(ofLayers names: [String], for inputs: Tensor, batchSize: Int = 32) throws -> [Tensor] {
        let nodes = try names.map { name in
            guard let node = node(of: try layer(named: name).output) else {
                throw TrainingError("the layer \"\(name)\" is inside another model")
            }
            return node
        }
        return try compute(
            nodes: nodes, computing: nodes, arrays([inputs], batchSize: batchSize), verbose: false
        ) { batch, _ in
            guard dataAnomaly(in: batch) == nil else { throw NotFinite(batch: batch) }
            return try plan(batchSize: batch.count, mode: .inference(outputs: nodes)).predict(batch.inputs)
        }
    }

    /// The first output for every sample of one epoch of a generator, in inference mode.
    ///
    /// - Parameters:
    ///   - generator: delivers the batches; targets are not used.
    ///   - verbose: whether progress is shown, if it takes more than two seconds.
    /// - Returns: `[samples, ...]`, of the output's shape.
    /// - Throws: ``TrainingError``, also naming a sample or a layer's output that is not finite; `BackendError`, or an
    ///   error of the generator.
    public func predict(_ generator: some BatchGenerator, verbose: Bool = false) throws -> Tensor {
        try predict(nodes: [graph.outputs[0]], generator, verbose: verbose)[0]
    }

    private func arrays(_ inputs: [Tensor], batchSize: Int) throws -> ArrayBatches {
        try ArrayBatches(inputs: inputs, targets: [], batchSize: batchSize, shuffle: false, seed: 0)
    }

    private func predict(nodes: [NodeID], _ generator: some BatchGenerator, verbose: Bool) throws -> [Tensor] {
        try compute(nodes: nodes, computing: nodesToCompute(for: nodes), generator, verbose: verbose) {
            try finiteOutputs(of: nodes, for: $0, next: $1)
        }
    }

    private func compute(
        nodes: [NodeID], computing planned: [NodeID], _ generator: some BatchGenerator, verbose: Bool,
        outputs: (Batch, _ next: @escaping () -> Batch?) throws -> [Tensor]
    ) throws -> [Tensor] {
        var scalars = [[Float]](repeating: [], count: nodes.count)
        _ = try explaining {
            try forEachBatch(of: generator, .inference(outputs: planned), showing: verbose ? "samples predicted" : nil)
            { step, batch, next in
                let part = try parallelism?.part(ofBatch: generator.rows(ofStep: step).count)
                for (index, output) in try outputs(batch, next).enumerated() {
                    scalars[index] += part?.amongZeros(output).scalars ?? output.scalars
                }
                return true
            }
        }
        // Every process has the outputs of its own parts, and zeros for the others.
        if let parallelism { for index in nodes.indices { parallelism.communicator.sum(&scalars[index]) } }
        return zip(nodes, scalars).map {
            Tensor(shape: graph[$0].shape.batched(generator.sampleCount), scalars: $1)
        }
    }
}
