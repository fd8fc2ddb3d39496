//: # Chapter 11: MiniGoogLeNet on CIFAR-10
//:
//: GoogLeNet won ImageNet's competition of 2014 with an idea about width. A layer need not decide whether to look at
//: single pixels or at neighbourhoods: an *inception module* does both side by side and lets the next layer choose
//: from what they found. MiniGoogLeNet is that idea cut down to images of 32x32 pixels: two branches to a module
//: instead of four, 1.7 million parameters instead of seven.
//:
//: @figure 11.1
//:
//: This chapter mirrors the book's `googlenet_cifar10.py` step by step: load the images, subtract their mean, augment,
//: build the network, train it with a learning rate that falls in a straight line to zero, and report.
//:
//: ## The network
//:
//: Three small functions and a table. The first makes a convolution, normalises it and cuts off what is negative;
//: Zhang et al. drew the network with normalisation before the activation, and so it is here.
//:
//: @figure 11.3
//:
//: An inception module puts two of these side by side on the same input and stacks what they find.
//:
//: @figure 11.4
//:
//: In place of a pooling layer, a third function halves height and width: one branch looks for something new with a
//: convolution that takes every other step, the other keeps the strongest of what is there. Both end at the same size
//: only because neither pads its input: 32 becomes 15, and 15 becomes 7.
//:
//: @figure 11.5
//:
//: The rest reads from top to bottom, with the size behind each module in a comment.
//:
//: @source Sources/PyImageSearch/NN/Conv/MiniGoogLeNet.swift
//:
//: @figure 11.2
//:
//: Behind the first downsampling the book's text says that the module "keeps" 80 filters. Its convolution learns 80; what
//: comes out are 160, for the pooled 80 of the input stand beside them. Figure 11.2 takes its numbers from the network.

import Chapter

//: The book trains the same network three times and changes nothing but the initial learning rate. 1e-3 is careful and
//: ends at 87.95 %; 1e-2 is bold, reaches 91.79 % and overfits on the way (training accuracy 100 %, loss 0); 5e-3, in
//: between, ends at 90.81 % with a gap that stays in hand. That is the whole method: bracket, then bisect. On a set as
//: small as CIFAR-10 the gap between training and validation cannot be closed; it can be kept from growing.
//:
//: The fourth experiment is not the book's. `fast` asks how soon 90 % can be had with what has been learned since:
//: the learning rate goes up in a line over the first quarter of training, to thirty times that of experiment 3, and
//: down in a line to zero over the rest; the labels are softened a little; kernels begin as He et al. proposed and are kept small by a
//: penalty. All four are values of one type, in `CIFAR10Experiment.swift`; this script does not know which one it runs.

extension CIFAR10Experiment.Name: ExpressibleByArgument {}

extension CIFAR10Options.Dataset {
    //: The book's 70 epochs of CIFAR-10 take a night on two processor cores. The drawn shapes are there for the lecture:
    //: a network that has learned something in two minutes, without a file to download. They are few, and are seen in
    //: smaller batches, so that four epochs are steps enough.
    func epochs(of experiment: CIFAR10Experiment) -> Int {
        switch self {
        case .cifar10: experiment.epochs
        case .shapes10: 4
        }
    }

    func batchSize(of experiment: CIFAR10Experiment) -> Int {
        switch self {
        case .cifar10: experiment.batchSize
        case .shapes10: 32
        }
    }
}

@main
struct Chapter11MiniGoogLeNet: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11MiniGoogLeNet",
        abstract: "Trains MiniGoogLeNet, on CIFAR-10 or on drawn shapes (the book's googlenet_cifar10.py).",
        discussion: """
            Without flags it draws its own data set, shapes10, and needs no files. The model is saved after every epoch; \
            the same command with --resume goes on from there, whatever stopped it.
            """,
        version: PackageVersion.number)

    @OptionGroup var places: OutputOptions

    @OptionGroup var source: CIFAR10Options

    @Option(
        help: """
            1, 2 and 3 are the book's, from learning rates of 1e-3, 1e-2 and 5e-3; fast is a recipe of newer techniques \
            that reaches 90 % on CIFAR-10 in \(CIFAR10Experiment.named(.fast).epochs) epochs instead of \
            \(CIFAR10Experiment.named(.three).epochs).
            """)
    var experiment = CIFAR10Experiment.Name.three

    @Option(
        help: """
            Epochs in all (default: the experiment's for cifar10, \(CIFAR10Experiment.named(.three).epochs), or \
            \(CIFAR10Experiment.named(.fast).epochs) with fast; \
            \(CIFAR10Options.Dataset.shapes10.epochs(of: .named(.three))) for shapes10).
            """)
    var epochs: Int?

    @Option(
        help: """
            Images in a training step (default: the experiment's for cifar10, \
            \(CIFAR10Experiment.named(.three).batchSize), or \(CIFAR10Experiment.named(.fast).batchSize) with fast; \
            \(CIFAR10Options.Dataset.shapes10.batchSize(of: .named(.three))) for shapes10).
            """)
    var batchSize: Int?

    @Option(
        help: """
            The highest learning rate, from which the experiment's schedule takes all others (default: the experiment's).
            """)
    var learningRate: Double?

    @Option(help: "Train on the first N images only; validation and test use all test images.")
    var limit: Int?

    @Option(help: "Everything random follows from it (default: 42; a model that goes on keeps its own).")
    var seed: UInt64?

    @OptionGroup var anomalies: AnomalyOptions
    @OptionGroup var resumption: ResumeOptions
    @OptionGroup var compute: ComputeOptions

    private var chosenExperiment: CIFAR10Experiment { .named(experiment) }
    private var chosenEpochs: Int { epochs ?? source.dataset.epochs(of: chosenExperiment) }
    private var chosenBatchSize: Int { batchSize ?? source.dataset.batchSize(of: chosenExperiment) }
    private var chosenLearningRate: Double { learningRate ?? chosenExperiment.learningRate }

    func validate() throws {
        try TrainingLimits.check(
            epochs: chosenEpochs, batchSize: chosenBatchSize, learningRate: chosenLearningRate, limit: limit)
    }

    func run() throws {
        let name = "minigooglenet_cifar10"
        let files = RunFiles(name, places, others: ["txt", "samples.hdf5"])
        let experiment = chosenExperiment

        //: `--resume` continues the model that an earlier run left, with its optimizer and its seed. The program never
        //: replaces another run's model without `--overwrite`.

        let run = try TrainingRun(
            Self.self, files: files, options: resumption, epochs: chosenEpochs, seed: seed, backend: compute.backend)

        //: ## The data
        //:
        //: Images come as numbers from 0 to 255. The only preprocessing is the book's: the mean of all training images,
        //: pixel by pixel, is subtracted from every image, of the test set too. There is no division by 255; batch
        //: normalization behind the first convolution makes that superfluous. (`fast` has no mean image, which the
        //: random crops would only blur: it takes mean and standard deviation of each colour.)

        info("loading \(source.dataset) data...")
        var data = try source.load(seed: run.seed)
        if let limit { data.limitTraining(to: limit) }
        let (checksum, testPictures) = (data.trainingChecksum(), data.testImages)
        let firstPictures = data.trainImages[rows: 0..<min(16, data.trainLabels.count)]
        switch experiment.normalization {
        case .meanImage:
            let mean = data.trainImages.meanOfRows()
            data.trainImages.subtractFromRows(mean)
            data.testImages.subtractFromRows(mean)
        case .channels:
            let (mean, deviation) = data.trainImages.channelStatistics()
            data.trainImages.normalizeChannels(mean: mean, deviation: deviation)
            data.testImages.normalizeChannels(mean: mean, deviation: deviation)
        }

        //: Labels become one-hot rows. The binarizer learns its classes from all ten indices, so that a class that a
        //: small `--limit` leaves out still has its column.

        var binarizer = LabelBinarizer<Int>()
        try binarizer.fit(Array(data.classNames.indices))
        let trainY = try binarizer.transform(data.trainLabels)
        let testY = try binarizer.transform(data.testLabels)

        //: ## Augmentation
        //:
        //: Each time an image is seen it is shifted by up to a tenth of its size and mirrored half the time; what the
        //: shift uncovers is filled with the nearest pixels. The original runs `len(trainX) // 64` steps an epoch and
        //: leaves the rest of the images to the next; here an epoch is every image once, the last batch shorter.
        //:
        //: @figure augmentation

        let batches = experiment.augmentation.flow(data.trainImages, trainY, batchSize: chosenBatchSize, seed: run.seed)

        //: ## The network
        //:
        //: SGD with momentum 0.9, and the loss that goes with one-hot labels. Plain SGD comes first in every series of
        //: the book's experiments: what a cleverer optimizer is worth shows only against it.

        info("compiling model...")
        let network = try run.model(experiment.network(10), detectsAnomalies: anomalies.detects) { network in
            network.compile(loss: experiment.loss, optimizer: experiment.optimizer(chosenLearningRate))
        }

        //: ## Training
        //:
        //: The learning rate falls in a straight line, `alpha = alpha0 * (1 - epoch / epochs) ^ 1` (equation 11.1):
        //: fast while there is far to go, and ever smaller steps to settle with.
        //:
        //: @figure 11.6
        //:
        //: After every epoch the monitor writes
        //: the history and the plot, the recorder what was run on what machine, and the model is saved: whatever stops
        //: the run, `--resume` goes on from it. Ctrl+C saves the model of that very step, too.

        let monitor = TrainingMonitor(figurePath: files.plot, jsonPath: files.history, startAt: run.startEpoch)
        try network.setClassNames(data.classNames, from: source.dataset.rawValue)
        let schedule = experiment.schedule(chosenLearningRate, chosenEpochs, batches.stepsPerEpoch)
        info(
            "training network on \(counted(data.trainLabels.count, "image")), \(counted(compute.threads, "thread"))...")
        try run.fit(
            network, batches, validation: (data.testImages, testY),
            record: record(of: network, data, seed: run.seed, schedule, checksum),
            callbacks: [LearningRateScheduler(schedule, per: experiment.unit), monitor])

        //: ## Evaluation
        //:
        //: Accuracy is one number; the report says which classes it comes from. On CIFAR-10 cats and dogs take each
        //: other's places, and of the ten they are the two that are hardest to tell.

        info("evaluating network...")
        let probabilities = try network.predict(data.testImages, batchSize: chosenBatchSize, verbose: true)
        let predictions = argmax(probabilities)
        let report = try classificationReport(
            truth: data.testLabels, predictions: predictions, targetNames: data.classNames)
        print(report)
        try WholeFile.write(Data(report.utf8), to: "\(files.base).txt")
        let accuracy = share(of: data.testLabels, in: predictions)
        info("val_acc: \(String(format: "%.4f", accuracy))")

        //: A photograph and its mirror image show the same thing, so a network may be asked about both. The mean of its
        //: two answers is a little better than either; it is counted separately, for the book's numbers are without it.

        let mirrored = try network.predict(
            data.testImages.mirrored(), batchSize: chosenBatchSize, verbose: true)
        let mean = Tensor(
            shape: mirrored.shape, scalars: zip(probabilities.scalars, mirrored.scalars).map { ($0 + $1) / 2 })
        let mirroredAccuracy = share(of: data.testLabels, in: argmax(mean))
        info("val_acc, each image and its mirror image: \(String(format: "%.4f", mirroredAccuracy))")

        try run.finish(
            RunRecord.TestResult(
                images: data.testLabels.count,
                metrics: ["accuracy": accuracy, "mirrored_accuracy": mirroredAccuracy], classNames: data.classNames,
                confusionMatrix: confusionMatrix(
                    truth: data.testLabels, predictions: predictions, classes: data.classNames.count),
                classificationReport: report))
        try RunSamples(
            firstLayerKernel: network.weights().first,
            mistakes: .mostConfident(25, probabilities, truth: data.testLabels, images: testPictures),
            batch: (firstPictures, Array(data.trainLabels.prefix(16)))
        ).write(to: "\(files.base).samples.hdf5")
        info("model in \(files.model); history, plot, report and record in \(files.base).*")
    }

    private func share(of labels: [Int], in predictions: [Int]) -> Double {
        Double(zip(labels, predictions).count { $0 == $1 }) / Double(labels.count)
    }

    private func record(
        of network: Model, _ data: ImageDataset, seed: UInt64, _ schedule: any LearningRateSchedule, _ checksum: String
    ) -> RunRecord {
        let experiment = chosenExperiment
        var described = RunRecord.Experiment(
            name: experiment.name.rawValue, epochs: chosenEpochs, batchSize: chosenBatchSize,
            settings: [
                "optimizer": "\(experiment.optimizer(chosenLearningRate))", "schedule": "\(schedule)",
                "schedule_unit": "\(experiment.unit)", "loss": "\(experiment.loss)",
                "augmentation": "\(experiment.augmentation)", "normalization": experiment.normalization.rawValue,
            ])
        described.add(settingsOf: network)
        return RunRecord(
            chapter: "Chapter11MiniGoogLeNet", experiment: described,
            network: RunRecord.Network("MiniGoogLeNet", network),
            dataset: RunRecord.Dataset(
                name: source.dataset.rawValue, classes: data.classNames.count, trainingImages: data.trainLabels.count,
                validationImages: data.testLabels.count, checksum: checksum),
            seed: seed)
    }
}

//: ## What came of it
//:
//: The documents' numbers are validation accuracies after the last epoch. CIFAR-10 has no third set: what validates is
//: the official test set, here as in the book. No epoch was picked by it, but the learning rate of experiment 3 was, and
//: whoever tries recipes until one fits does the same; such a number is a little too good.
//:
//: @table cifar10
//:
//: @figure 11.7
//:
//: ### The fast recipe
//:
//: Seventy epochs take a night on two processor cores. How much of that is needed? `--experiment fast` is put together
//: from what was published since: one cycle of the learning rate (Smith), labels softened by a tenth (Szegedy et al.),
//: kernels that begin as He et al. proposed, a penalty on kernels and on nothing else, crops by whole pixels out of
//: an image that is continued by reflection, batches of 128, Nesterov's momentum, and no dropout, for which eleven
//: epochs are too short. Each is an ordinary argument of the library.
//:
//: @table fast-seeds
//:
//: @figure fast-recipe
//:
//: @table fast-epochs
//:
//: Look at the validation accuracy while the rate is high: it falls behind the training accuracy, and sometimes back.
//: What it has learned shows only on the way down to zero.
//:
//: @table fast-report
//:
//: @figure confusion-matrix
//:
//: @figure class-accuracy
//:
//: @figure mistakes
//:
//: @figure filters
//:
//: ## What is different here, and why
//:
//: * The original asks for `--model` and `--output`; here both have defaults, and so has everything else.
//: * An epoch ends with the last image, not with the last full batch of 64: 782 steps instead of 781.
//: * Keras 2 drew the shifts along the axes that their names say; Keras 3 exchanges them. Rows are rows here.
//: * What is normalised with in validation are moving averages over the batches (momentum 0.99, epsilon 0.001, Keras's).
//:   In the first epoch they lag behind weights that move fast, and validation may come out far below training.
//: * The loss that is reported contains the penalties on kernels, as in Keras. The book's three have none; of the fast
//:   recipe's first loss, much is penalty.
//:
//: ## What to try next
//:
//: * The book's own suggestion, a penalty on the weights (`reg` of `MiniGoogLeNet.build`), on experiment 2: it
//:   overfits most, and has most to gain.
//: * `--limit 5000`, with and without augmentation. The fewer images there are, the more the augmentation is worth.
//: * The fast recipe for 9 epochs, and for 20. What does the accuracy of a run depend on: the epochs it has had, or the
//:   epochs it still expects?
