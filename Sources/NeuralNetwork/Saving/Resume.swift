import Tensors

extension Model {
    /// Checks that this model, which came out of a file, is the network `description` and can go on training after
    /// `epochs` epochs.
    ///
    /// - Throws: ``ModelFileError`` naming what differs: the first layer, the missing optimizer, the number of epochs.
    public func checkContinues(_ description: Model, from epochs: Int, path: String) throws {
        for (own, other) in zip(layers, description.layers) {
            let isSame =
                own.className == other.className && own.outputShape == other.outputShape
                && own.weights.map(\.shape) == other.weights.map(\.shape)
            guard isSame else {
                throw ModelFileError(
                    "\(path) holds another network: its layer \"\(own.name)\" (\(own.className), \(own.outputShape)) "
                        + "stands where \"\(other.name)\" (\(other.className), \(other.outputShape)) should; name another file, "
                        + "or begin a new model in another one")
            }
        }
        guard layers.count == description.layers.count else {
            throw ModelFileError(
                "\(path) holds another network: it has \(layers.count) layers, not \(description.layers.count)")
        }
        guard compilation != nil else {
            throw ModelFileError("\(path) has no optimizer to go on with; start a new model with --start-epoch 0")
        }
        // Keras's own files do not say.
        guard epochsTrained == epochs || (epochsTrained == 0 && stepsIntoEpoch == 0) else {
            throw ModelFileError(
                "\(path) has trained \(epochsTrained) epochs: go on with --start-epoch \(epochsTrained), not \(epochs)")
        }
    }
}
