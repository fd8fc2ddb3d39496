import NeuralNetwork

extension RunRecord {
    /// All that the weights of the finished model depend on, by name and in words; backend, threads and the rest of the
    /// machine may change while a run is stopped.
    var trainingSettings: [String: String] {
        var settings = experiment.settings
        settings["chapter"] = chapter
        settings["experiment"] = experiment.name
        settings["epochs"] = "\(experiment.epochs)"
        settings["batch_size"] = "\(experiment.batchSize)"
        settings["network"] = "\(network.name), \(network.parameters) parameters"
        settings["seed"] = "\(seed)"
        settings["dataset"] = "\(dataset.name), \(dataset.classes) classes"
        settings["training_images"] = "\(dataset.trainingImages)"
        settings["validation_images"] = "\(dataset.validationImages)"
        settings["dataset_checksum"] = dataset.checksum
        return settings
    }

    /// Checks that `model`, which came out of `checkpoint`, was being trained with these settings.
    ///
    /// - Throws: ``RunRecordError`` listing those that differ.
    func checkContinues(_ model: Model, from checkpoint: String) throws {
        guard !model.trainingSettings.isEmpty else {
            throw RunRecordError(
                "\(checkpoint) does not say with what settings it was trained; --start-epoch \(model.epochsTrained) goes on "
                    + "without asking")
        }
        let (ours, theirs) = (trainingSettings, model.trainingSettings)
        let differing = Set(ours.keys).union(theirs.keys).sorted().filter { ours[$0] != theirs[$0] }
        guard !differing.isEmpty else { return }
        let list = differing.map { "\($0) was \(theirs[$0] ?? "not set"), is \(ours[$0] ?? "not set")" }
        throw RunRecordError(
            "\(checkpoint) was trained with other settings: \(list.joined(separator: "; ")); give the same flags to go on, "
                + "--start-epoch \(model.epochsTrained) in place of --resume to go on with these, or neither to begin anew"
        )
    }
}
