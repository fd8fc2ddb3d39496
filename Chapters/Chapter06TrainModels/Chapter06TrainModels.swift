//: # Chapter 6: Five networks instead of one
//:
//: Train the same network twice with different random weights, and you get two networks that make different mistakes.
//: Average their answers: where one is wrong but unsure, the other may be right and sure. By Jensen's inequality the
//: loss of the average is at most the average of their losses; in practice the accuracy rises too. The price is the
//: time for training and running all of them. So an ensemble comes last, when the network itself cannot be made better.
//:
//: This chapter mirrors the book's `train_models.py`: a loop around the training of MiniVGGNet on CIFAR-10.
//:
//: > **What you need to know**: how one network is trained, from [MiniGoogLeNet](Chapter11MiniGoogLeNet.md) or [chapter
//: > 2](Chapter02MiniVGGNetFlowers17.md).
//: >
//: > **How long it takes**: two to three minutes for five networks on drawn shapes on two cores (five to ten seconds an
//: > epoch); about an hour for each network on CIFAR-10.
//: >
//: > **What you will have**: five networks that differ by chance alone, each with its own curves and report.

import Chapter

@main
struct Chapter06TrainModels: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter06TrainModels",
        abstract: "Trains several networks for an ensemble (the book's train_models.py).",
        discussion: """
            Without flags it draws its own data set, shapes10, and needs no files; on it each network has \
            \(counted(shapesEpochs, "epoch")) of batches of 32. \(list([Experiments.ensembleMember])) \(resuming)
            """,
        version: PackageVersion.number)
    static let defaultExperiment = Experiments.ensembleMember.name

    private static let shapesEpochs = 4
    var experiments: [Experiment] { source.experiments([Experiments.ensembleMember], shapesEpochs: Self.shapesEpochs) }

    @OptionGroup var source: CIFAR10Options
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelsOptions
    @OptionGroup var lecture: LectureOptions

    @Option(name: .shortAndLong, help: "Networks to train.", allowing: .from(1, to: 1_000))
    var numModels = 5

    func run() throws {
        //: ## The data
        //:
        //: CIFAR-10, divided by 255. All networks see the same images; each sees them in its own order and with its own
        //: changes.

        let seed = training.seed ?? RunOptions.defaultSeed
        let experiment = try experiment
        var data = try source.load(seed: seed, training)
        let images = LoadedImages(data, origin: "\(source.dataset)")
        if let normalization = experiment.normalization { data.normalize(normalization) }
        let (trainY, testY) = try data.oneHotLabels()
        let aug = experiment.augmentation ?? ImageDataGenerator()

        //: ## Between the pixels
        //:
        //: A turned or moved image falls between the pixels of the new one. Before version 2.1.4, Keras took the nearest
        //: pixel. Since then it takes a mean of the four around, and so does our `ImageDataGenerator` unless it is told
        //: otherwise. The mean looks better and costs accuracy: it smooths the images that the network learns from, and
        //: nobody smooths those that it is tested on. So this recipe takes the nearest pixel, as the book's Keras did.
        //:
        //: The first of the five networks shows the difference. It was trained with both settings, with the same seed, on
        //: one machine. The filed run is from another machine, which adds in another order: it reached 82.74 %.
        //:
        //: | trained with | the test images as they are | moved by half a pixel, with the mean |
        //: |---|---|---|
        //: | the mean of four | 78.50 % | 81.78 % |
        //: | the nearest pixel | 83.11 % | 72.01 % |
        //:
        //: (Our own measurement, without a record.) Each network is best at what it has seen. The book's networks have 82
        //: and 83 %. To repeat the first line, set
        //: `interpolationOrder: .linear` in `Experiments.ensembleMember`. The moved images are SciPy's, with order 1.

        for i in 0..<numModels {
            //: ## One network
            //:
            //: Everything random follows from the seed, and network i has the seed plus i. After an interruption,
            //: `--resume` passes over the networks that are complete.
            //:
            //: The optimizer is SGD with Nesterov's momentum. Its rate falls as in Keras's `decay`: 0.01 / (1 + t * 0.01 /
            //: 40) in step t. The argument reads like "to zero in 40 epochs", but t counts steps: after one epoch of 782 the
            //: rate is down to 84 %, after all 31,280 to 11 %.

            info("training model \(i + 1)/\(numModels)")
            let files = checkpoints.files("model_\(i)", in: training.output, checkpoints: "", isEvaluated: true)
            let run = try TrainingRun(self, experiment, files: files, epochs: training.epochs, number: i)
            let model = try run.model(classes: data.classNames.count)
            try run.fit(
                model, aug.flow(data.trainImages, trainY, batchSize: run.batchSize, seed: run.seed),
                validation: (data.testImages, testY), of: images,
                callbacks: [TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history)])

            //: ## Its report

            let predictions = argmax(try model.predict(data.testImages, batchSize: run.batchSize, verbose: true))
            try run.finish(.init(predictions: predictions, truth: data.testLabels, classNames: data.classNames))
        }
    }
}

//: ## Results
//:
//: @figure 6.3
//:
//: @table ensemble
//:
//: `Chapter06TestEnsemble` averages them.
//:
//: ## What is different here, and why
//:
//: * The original's networks differ because nothing in it has a seed. Here they differ because each has its own.
//: * The original's text says 64 epochs and its code 40. We use 40.
//: * The original is silent about what lies between pixels, since its Keras had one answer. Today the same script trains
//:   with the other one. `Experiments.ensembleMember` says `interpolationOrder: .nearest`.
//:
//: ## Exercises
//:
//: 1. *Open.* How much do networks differ that have nothing but another seed? `swift run Chapter06TrainModels`, and
//:    compare the accuracies in the reports.
//: 2. The rate falls as 0.01/(1 + t · 0.01/40). Check the 84 % after one epoch of 782 steps and the 11 % after all
//:    31,280. After how many steps is it halved?
//: 3. Let two networks give the right class the probabilities 0.9 and 0.3. What are their losses, their mean, and the
//:    loss of the average? Why is it never above the mean?
//: 4. *Open.* Networks that differ more make more different mistakes. Train one network:
//:    `swift run Chapter06TrainModels --num-models 1 --output output/mixed`. Then change the augmentation in
//:    `Experiments.ensembleMember` (`Sources/Experiments/FirstChapters.swift`), and train two:
//:    `swift run Chapter06TrainModels --num-models 2 --output output/other`. Copy `output/other/models/model_1.hdf5`
//:    into `output/mixed/models`. Does `swift run Chapter06TestEnsemble --output output/mixed` gain more than
//:    `swift run Chapter06TestEnsemble --output output/other`, whose two networks have one recipe?
//:
//: The answers are on [a page of their own](Answers.md#chapter-6-five-networks-instead-of-one).
