//: # Chapter 6: The average of five networks
//:
//: [The chapter before](Chapter06TrainModels.md) has trained networks that differ by chance alone: in their initial
//: weights, in the order of the images, and in the changes of the images. This chapter mirrors the book's
//: `test_ensemble.py`: it asks all of them about every test image and takes the mean of their probabilities.
//:
//: > **What you need to know**: the networks of [the chapter before](Chapter06TrainModels.md).
//: >
//: > **How long it takes**: a few seconds, after the chapter before.
//: >
//: > **What you will have**: the accuracy of each network, and that of their average.

import Chapter

@main
struct Chapter06TestEnsemble: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter06TestEnsemble",
        abstract: "The accuracy of the average of several networks (the book's test_ensemble.py).",
        discussion: "Its input is what Chapter06TrainModels writes.",
        version: PackageVersion.number)

    static let builder: String? = "Chapter06TrainModels"

    @OptionGroup var source: CIFAR10Options

    @Option(
        name: .shortAndLong, help: "The folder of the networks (default: models in --output).", transform: Path.argument
    )
    var models: String?

    @Option(
        name: .shortAndLong, help: FlagHelp.output(default: "output, where the networks and their records are"),
        transform: Path.argument)
    var output = "output"

    @Option(help: FlagHelp.batchSize(), allowing: .batchSize)
    var batchSize = 64

    @Option(help: FlagHelp.limit, allowing: .count)
    var limit: Int?

    //: The seed determines the drawn shapes, so it must be the seed of the training.

    @Option(help: FlagHelp.seed())
    var seed = RunOptions.defaultSeed

    @OptionGroup var compute: ComputeOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        //: ## The test images
        //:
        //: Divided by 255, as in training.

        var data = try source.load(seed: seed, limit: 0, validationLimit: limit)
        if let normalization = Experiments.ensembleMember.normalization { data.normalize(normalization) }

        //: ## The networks
        //:
        //: Every model file in the folder belongs to the ensemble.

        let paths = try modelFiles()
        var predictions: [Tensor] = []
        var networks: [Model] = []
        for path in paths {
            let model = try Model.load(path, backend: compute.backend)
            try model.check(
                path, tellsApart: data.classNames.count, named: data.classNames, of: "\(source.dataset)")
            let probabilities = try model.predict(data.testImages, batchSize: batchSize, verbose: true)
            let accuracy = try accuracyScore(truth: data.testLabels, predictions: argmax(probabilities))
            info("\(path): \(percent(accuracy))")
            predictions.append(probabilities)
            networks.append(model)
        }

        //: ## The average
        //:
        //: The mean of the probabilities, image by image and class by class. The class with the highest one is the answer.

        info("evaluating ensemble...")
        let mean = predictions.dropFirst().reduce(predictions[0], +)
        let result = try RunRecord.TestResult(
            predictions: argmax(mean), truth: data.testLabels, classNames: data.classNames)
        Terminal.show(result.classificationReport ?? "")
        let accuracy = result.metrics["accuracy"] ?? 0
        info("accuracy of the average of \(counted(networks.count, "network")): \(percent(accuracy))")

        //: The result belongs to all of them. It is added to the record of each, with their number in its name.

        for model in networks {
            try RunRecord.add(
                .init(
                    images: data.testLabels.count, metrics: ["ensemble_accuracy_of_\(networks.count)": accuracy]),
                of: model, to: output)
        }
    }

    private func modelFiles() throws -> [String] {
        let models = models ?? "\(output)/models"
        guard FileSystem.isFolder(models) else { throw NotBuiltError(missing: models) }
        let names = try FolderContents(models).files.filter { $0.hasSuffix(".hdf5") && !$0.hasSuffix("_previous.hdf5") }
        guard !names.isEmpty else { throw NotBuiltError(missing: "\(models)/model_0.hdf5") }
        return names.map { "\(models)/\($0)" }
    }
}

//: ## Results
//:
//: @table ensemble
//:
//: ## Exercises
//:
//: 1. The book's networks reach 83, 83, 83, 82 and 83 %, and their average 84 %. How many more of 10,000 test images
//:    does the average get right than a single network does in the mean? How does this gain compare with the standard
//:    error?
//: 2. *Open.* How much better is the average than the mean of its members, and than the best of them? How much does the
//:    second network add, and how much the third? `swift run Chapter06TestEnsemble`, then move files out of
//:    `output/models` and run it again.
//: 3. *Open.* The mean weighs a sure network more than an unsure one. What if every network had one vote? Start from
//:    the loop in `run()` of this program and `swift run Chapter06TestEnsemble`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-6-the-average-of-five-networks).
