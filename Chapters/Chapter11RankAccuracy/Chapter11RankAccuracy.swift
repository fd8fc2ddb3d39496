//: # Chapter 11: Rank-1 and rank-5 accuracy
//:
//: Two hundred classes, some of which a person could not tell apart either: is it the *Egyptian cat* or the *tabby*?
//: So ImageNet counts twice. Rank-1 asks whether the class with the highest probability is the right one; rank-5, whether
//: the right one is among the five highest.
//:
//: This chapter mirrors `rank_accuracy.py`, on the part of the training set that no training has seen. The original
//: predicts 156 batches of 64, 9,984 of its 10,000 test images, and counts the sixteen that are missing as wrong. Here
//: the last batch is short and nothing is missing. (Of the function that counts there are two versions: the book divides
//: by the number of labels, the README by that of the predictions. Where nothing is missing they agree.)
//:
//: Two classes may get the same probability, down to the last bit. Then the one with the higher index comes first, as in
//: the book, whose `argsort()[::-1]` turns an ascending order round.

import Chapter

@main
struct Chapter11RankAccuracy: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11RankAccuracy",
        abstract: "Rank-1 and rank-5 accuracy on the test set (the book's rank_accuracy.py).",
        discussion: """
            Without --model it takes the one with the most training of those that the training chapters left in --output.
            """,
        version: PackageVersion.number)

    static let builder: String? = "Chapter11BuildTinyImageNet"

    @Option(
        name: .shortAndLong, help: "The model file (default: the one in --output with the most training).",
        transform: Path.argument)
    var model: String?

    @Option(
        name: .shortAndLong, help: "The folder that the training chapters wrote to (default: output).",
        transform: Path.argument)
    var output = "output"

    @Option(help: "The folder of test.hdf5 and the means (default: output/hdf5).", transform: Path.argument)
    var data = TinyImageNetConfig().hdf5

    @Option(help: "Views of an image whose predictions are averaged: 1 or 10.", allowing: .oneOf(1, 10))
    var crops = 1

    @Option(
        help: "The record of the training, which gets the result (default: the one beside the model's history).",
        transform: Path.argument)
    var record: String?

    @Option(help: "Images that are predicted together.", allowing: .batchSize)
    var batchSize = 64

    @OptionGroup var compute: ComputeOptions

    func run() throws {
        var config = TinyImageNetConfig()
        config.hdf5 = data

        //: ## The model

        let path = try model ?? furthestModel(config)
        info("loading \(path)...")
        let googLeNet = try Model.load(path, backend: compute.backend)

        //: ## The test set, preprocessed as in training, not augmented

        let means = try ChannelMeans(contentsOf: config.datasetMean)
        let preprocessors: [any Preprocessor] = [
            SimplePreprocessor(width: config.side, height: config.side), means.preprocessor, ImageToArrayPreprocessor(),
        ]
        let testGenerator = try HDF5DatasetGenerator(
            config.testHDF5, batchSize: batchSize, preprocessors: preprocessors)
        let output = googLeNet.layer(named: googLeNet.outputNames[0])?.outputShape ?? []
        guard output.rank == 1 else {
            throw ModelFileError(
                "\(path) gives \(output) for an image, no list of probabilities: it is another network")
        }
        let classes = output.count
        guard classes == testGenerator.classNames?.count ?? classes, classes >= testGenerator.classes else {
            throw ModelFileError(
                "\(path) tells \(counted(classes, "class")) apart, but \(config.testHDF5) has \(testGenerator.classes): "
                    + "it was trained on another data set")
        }
        try checkSameClasses(
            googLeNet.classNames, of: path, testGenerator.classNames, of: config.testHDF5,
            advice: "test it on the data set that it was trained on")

        //: ## Predict and count

        info("predicting \(counted(testGenerator.sampleCount, "test image"))...")
        let predictions = try googLeNet.predict(testGenerator, verbose: true)
        let (rank1, rank5) = rank5Accuracy(predictions: predictions, labels: testGenerator.labels)
        info("rank-1: \(percent(rank1))")
        info("rank-5: \(percent(rank5))")
        var result = RunRecord.TestResult(
            images: testGenerator.sampleCount, metrics: ["rank1": rank1, "rank5": rank5])
        try file(result, of: googLeNet, path, config)
        guard crops == 10 else { return }

        //: ## Ten views
        //:
        //: A network that has seen an image only once may have looked at the wrong part of it. Krizhevsky et al. (2012)
        //: show it ten times: the four corners, the centre, and the mirror images of the five, and average what it says.
        //: The views are an eighth smaller than the image and brought back to the size that the network takes.

        info("predicting ten views of each...")
        let cropper = CropPreprocessor(width: config.side * 7 / 8, height: config.side * 7 / 8)
        let resizer = SimplePreprocessor(width: config.side, height: config.side, interpolation: .linear)
        var averages = Tensor(repeating: 0, shape: predictions.shape)
        var sample = 0
        let bar = ProgressBar("images in ten views", total: testGenerator.sampleCount)
        try testGenerator.generator(passes: 1) { batch in
            let images = batch.inputs[0]
            for row in 0..<batch.count {
                let image = Tensor(shape: images.shape.sample, scalars: images[rows: row..<row + 1].scalars)
                let views = try cropper.crops(of: image).map { try resizer.preprocess($0) }
                let stacked = Tensor(
                    shape: views[0].shape.batched(views.count), scalars: views.flatMap(\.scalars))
                let predicted = try googLeNet.predict(stacked, batchSize: views.count).meanOfRows()
                for (column, probability) in predicted.scalars.enumerated() {
                    averages.scalars[sample * classes + column] = probability
                }
                sample += 1
            }
            bar.update(sample)
        }
        let (many1, many5) = rank5Accuracy(predictions: averages, labels: testGenerator.labels)
        info("rank-1, ten crops: \(percent(many1)) (\(points(many1 - rank1)))")
        info("rank-5, ten crops: \(percent(many5)) (\(points(many5 - rank5)))")
        result.metrics["rank1_ten_crops"] = many1
        result.metrics["rank5_ten_crops"] = many5
        try file(result, of: googLeNet, path, config)
    }

    //: The result belongs to the run that trained the model: it goes into that run's record, where there is one and it
    //: ended with these very weights.

    private func file(
        _ result: RunRecord.TestResult, of model: Model, _ path: String, _ config: TinyImageNetConfig
    ) throws {
        let path =
            record
            ?? (path == decayModel
                ? "\(output)/googlenet_tinyimagenet_decay.run.json" : "\(output)/googlenet_tinyimagenet.run.json")
        guard FileSystem.exists(path) else {
            return info("there is no record at \(path) to add it to")
        }
        let weights = try model.fingerprint()
        do {
            try RunRecord.update(path) { run in
                guard run.weights == weights else {
                    return info("not added to \(path): the run that it tells of ended with other weights")
                }
                var result = result
                // What was counted before, with other crops, stays.
                if let before = run.test { result.metrics.merge(before.metrics) { new, _ in new } }
                run.test = result
                info("added to \(path)")
            }
        } catch { info("not added: \(error)") }
    }

    private func percent(_ share: Double) -> String { String(format: "%.2f%%", 100 * share) }
    private func points(_ difference: Double) -> String { String(format: "%+.2f points", 100 * difference) }

    private var decayModel: String { "\(output)/googlenet_tinyimagenet_decay.hdf5" }

    private func furthestModel(_ config: TinyImageNetConfig) throws -> String {
        let candidates = [decayModel] + EpochCheckpoint.files(in: "\(output)/checkpoints")
        let readable = SavedModel.furthestFirst(candidates).filter { (try? $0.saved.get()) != nil }
        guard let furthest = readable.first else {
            throw ModelFileError(
                "there is no model in \(output) yet: train one (swift run Chapter11Train), or name it with --model"
            )
        }
        return furthest.path
    }
}

//: ## What came of it
//:
//: @table tiny-imagenet-20
//:
//: Averaging over views costs ten times the time and is worth something, though the network was not trained for it. The
//: book puts "over-sampling" at one to three points. With 1,000 test images a percentage is only known to about a point
//: and a half, but the gain here is well above that: the views are zoomed in by an eighth, and in training the network
//: saw zoomed images too.
//:
//: ## What to try next
//:
//: * Which classes does rank 5 forgive? Predict, rank, and count for every class how often the right one comes second.
