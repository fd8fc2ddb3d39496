import NeuralNetwork

extension RunRecord {
    /// All that the weights of the finished model depend on, by name and in words; backend, threads and the rest of the
    /// machine may change while a run is stopped.
    public var trainingSettings: [String: String] {
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

    /// Where this run's settings are not the `others`: `batch_size was 8, is 4`.
    public func differences(from others: [String: String]) -> [String] {
        let ours = trainingSettings
        return Set(ours.keys).union(others.keys).sorted().filter { ours[$0] != others[$0] }.map {
            "\($0) was \(others[$0] ?? "not set"), is \(ours[$0] ?? "not set")"
        }
    }
}
