//: # Inception v1 on CIFAR-10, step by step
//:
//: GoogLeNet is 22 layers deep. In 2014 that was a feat: a gradient that goes back through so many layers without
//: normalization arrives weak, and the first layers, which everything else stands on, learn last. Szegedy et al. had
//: two answers. One is the inception module, which looks at its input through windows of 1x1, 3x3 and 5x5 at once and
//: lets 1x1 convolutions make the input thin before the expensive windows see it: 7 million parameters instead of
//: AlexNet's 60. The other is to ask for the answer early. Two small classifiers, the *auxiliary heads*, hang on the
//: network half-way up; their losses are added to the main one and send gradients straight into the lower half. When
//: training is over they are cut off.
//:
//: This chapter mirrors a Keras tutorial that trains the network as the paper draws it, for images of 224x224, on
//: CIFAR-10's of 32x32, scaled up. Read the network next to table 1 of the paper.
//:
//: @source Sources/PyImageSearch/NN/Conv/InceptionV1.swift

import Chapter

//: CIFAR-10 at this size is work for days on two processor cores. `--limit` trains on its first images only; the drawn
//: shapes, which need no file, are few, and are seen in smaller batches so that five epochs are steps enough.

extension CIFAR10Options.Dataset {
    var epochs: Int {
        switch self {
        case .cifar10: 25
        case .shapes10: 5
        }
    }

    var batchSize: Int {
        switch self {
        case .cifar10: 256
        case .shapes10: 32
        }
    }
}

@main
struct InceptionV1CIFAR10: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "InceptionV1CIFAR10",
        abstract: "Trains Inception v1 with its auxiliary heads, on CIFAR-10 or on drawn shapes scaled up to 224x224.",
        discussion: """
            Without flags it draws its own data set, shapes10, and needs no files. The model is saved after every epoch; \
            the same command with --resume goes on from there, whatever stopped it.
            """,
        version: PackageVersion.number)

    @OptionGroup var places: OutputOptions

    @OptionGroup var source: CIFAR10Options

    @Option(help: "Epochs in all (default: 25, as in the tutorial, for cifar10; 5 for shapes10).")
    var epochs: Int?

    @Option(
        help: """
            Images in a training step (default: 256, as in the tutorial, for cifar10, which takes 8 GB of memory; 32 \
            for shapes10, 1.5 GB).
            """)
    var batchSize: Int?

    @Option(help: "The learning rate of the first epochs; it falls by 4 % every 8 epochs.")
    var learningRate = 0.01

    @Option(help: "Train on the first N images only, and validate and test on a fifth as many.")
    var limit: Int?

    @Option(help: "Everything random follows from it (default: 42; a model that goes on keeps its own).")
    var seed: UInt64?

    @OptionGroup var anomalies: AnomalyOptions
    @OptionGroup var resumption: ResumeOptions
    @OptionGroup var compute: ComputeOptions

    private var chosenEpochs: Int { epochs ?? source.dataset.epochs }
    private var chosenBatchSize: Int { batchSize ?? source.dataset.batchSize }

    func validate() throws {
        try TrainingLimits.check(
            epochs: chosenEpochs, batchSize: chosenBatchSize, learningRate: learningRate, limit: limit)
    }

    //: Height and width that the network is made for, what its three losses count, and what makes them fall.

    private static let side = 224
    private static let lossWeights = [1, 0.3, 0.3]
    private var optimizer: SGD { SGD(learningRate: learningRate, momentum: 0.9, nesterov: false) }

    func run() throws {
        let name = "inception_v1_cifar10"
        let files = RunFiles(name, places, others: ["txt", "samples.hdf5"])

        //: `--resume` continues the model that an earlier run left, with its optimizer and its seed.

        let run = try TrainingRun(
            Self.self, files: files, options: resumption, epochs: chosenEpochs, seed: seed, backend: compute.backend)

        //: ## The data
        //:
        //: The tutorial scales all 50,000 images up before it trains: at four bytes a colour that is 30 GB. Here a batch
        //: is scaled up when it is needed, by a thread that works beside the training step; the rest of the data set
        //: stays as small as it is. Interpolation is bilinear, rounded to bytes as `cv2.resize` rounds, and the bytes are
        //: divided by 255. No mean is subtracted, and nothing is augmented.

        info("loading \(source.dataset) data...")
        var data = try source.load(seed: run.seed)
        if let limit {
            data.limitTraining(to: limit)
            data.limitTesting(to: max(limit / 5, 1))
        }

        //: Labels become one-hot rows. The binarizer learns its classes from all ten indices, so that a class that a
        //: small `--limit` leaves out still has its column. Each of the three outputs is taught the same labels.

        var binarizer = LabelBinarizer<Int>()
        try binarizer.fit(Array(data.classNames.indices))
        let trainY = try binarizer.transform(data.trainLabels)
        let testY = try binarizer.transform(data.testLabels)
        let batches = try ResizedBatches(
            images: data.trainImages, targets: [trainY, trainY, trainY], width: Self.side, height: Self.side,
            batchSize: chosenBatchSize, shuffle: true, seed: run.seed)
        let testBatches = try ResizedBatches(
            images: data.testImages, targets: [testY, testY, testY], width: Self.side, height: Self.side,
            batchSize: chosenBatchSize, shuffle: false, seed: run.seed)

        //: ## The network and its three losses
        //:
        //: Kernels begin as Glorot and Bengio proposed, the biases of convolutions at 0.2, so that every ReLU lets
        //: something through at first. What is minimised is `loss + 0.3 loss1 + 0.3 loss2`: the heads count, but less
        //: than what they are there to help.

        info("compiling model...")
        let network = try run.model(buildNetwork(), detectsAnomalies: anomalies.detects) { network in
            network.compile(loss: .categoricalCrossentropy, lossWeights: Self.lossWeights, optimizer: optimizer)
        }

        //: ## Training
        //:
        //: The learning rate loses 4 % every 8 epochs, `alpha = alpha0 * 0.96 ^ floor((1 + epoch) / 8)`, as in the paper;
        //: as epochs count from 0, the first drop comes after seven. In 25 epochs it goes from 0.01 to 0.0088: next to
        //: nothing, for the paper's ImageNet took many more.
        //:
        //: After every epoch there are seven numbers for training and seven for validation: a loss and an accuracy of
        //: each output, and the loss that is minimised. The plot shows how the heads, with fewer layers below them, are
        //: ahead at first; in the tutorial the main output overtakes both in the end, at 81.9 % against 74.4 % and 77.9 %.

        let monitor = TrainingMonitor(figurePath: files.plot, jsonPath: files.history, startAt: run.startEpoch)
        try network.setClassNames(data.classNames, from: source.dataset.rawValue)
        let schedule = ExponentialStaircase(initial: learningRate, drop: 0.96, every: 8)
        info(
            "training network on \(counted(data.trainLabels.count, "image")), \(counted(compute.threads, "thread"))...")
        try run.fit(
            network, batches, validation: testBatches, record: record(of: network, data, seed: run.seed, schedule),
            callbacks: [LearningRateScheduler(schedule), monitor], workers: 1)
        var metrics: [String: Double] = [:]
        for output in network.outputNames {
            guard let accuracy = monitor.history["val_\(output)_acc"]?.last ?? nil else { continue }
            metrics["\(output)_accuracy"] = accuracy
            info("val_acc of \(output): \(String(format: "%.4f", accuracy))")
        }

        //: ## Evaluation
        //:
        //: The heads have done their work. A network built without them takes its weights, by the names of its layers,
        //: from the file of the one that was trained, and answers alone: 6.0 million parameters of 10.3 remain.

        info("evaluating network without its auxiliary heads...")
        let deployed = buildNetwork(auxiliaryHeads: false)
        try deployed.move(to: compute.backend)
        try deployed.loadWeights(files.model, byName: true)
        let probabilities = try deployed.predict(testBatches, verbose: true)
        let predictions = argmax(probabilities)
        let report = try classificationReport(
            truth: data.testLabels, predictions: predictions, targetNames: data.classNames)
        print(report)
        try WholeFile.write(Data(report.utf8), to: "\(files.base).txt")
        metrics["accuracy"] = Double(zip(data.testLabels, predictions).count { $0 == $1 }) / Double(predictions.count)

        try run.finish(
            RunRecord.TestResult(
                images: data.testLabels.count, metrics: metrics, classNames: data.classNames,
                confusionMatrix: confusionMatrix(
                    truth: data.testLabels, predictions: predictions, classes: data.classNames.count),
                classificationReport: report))
        try RunSamples(
            firstLayerKernel: network.weights().first,
            mistakes: .mostConfident(25, probabilities, truth: data.testLabels, images: data.testImages)
        ).write(to: "\(files.base).samples.hdf5")
        info("model in \(files.model); history, plot, report and record in \(files.base).*")
    }

    private func buildNetwork(auxiliaryHeads: Bool = true) -> Model {
        InceptionV1.build(width: Self.side, height: Self.side, depth: 3, classes: 10, auxiliaryHeads: auxiliaryHeads)
    }

    private func record(
        of network: Model, _ data: ImageDataset, seed: UInt64, _ schedule: any LearningRateSchedule
    ) -> RunRecord {
        var described = RunRecord.Experiment(
            name: "tutorial", epochs: chosenEpochs, batchSize: chosenBatchSize,
            settings: [
                "optimizer": "\(optimizer)", "schedule": "\(schedule)", "loss": "categorical_crossentropy",
                "loss_weights": "\(Self.lossWeights)", "image_side": "\(Self.side)",
            ])
        described.add(settingsOf: network)
        return RunRecord(
            chapter: "InceptionV1CIFAR10", experiment: described,
            network: RunRecord.Network("InceptionV1", network),
            dataset: RunRecord.Dataset(
                name: source.dataset.rawValue, classes: data.classNames.count, trainingImages: data.trainLabels.count,
                validationImages: data.testLabels.count, checksum: data.trainingChecksum()),
            seed: seed)
    }
}

//: ## What came of it
//:
//: The tutorial's numbers are validation accuracies after 25 epochs, of the whole network and of its two heads.
//:
//: @table inception
//:
//: On two processor cores a taste of it is to be had: the first 2,560 images, twice (`--limit 2560 --epochs 2 --batch-size
//: 64`). All three losses begin above ln 10, which is that of guessing, and fall; more cannot be asked of 80 steps.
//:
//: @table inception-taste
//:
//: ## What is different here, and why
//:
//: * Images are scaled up as they are needed, not all before: they take 0.6 GB instead of 30. What takes memory now is
//:   the network, which keeps what every layer gave for the way back: 8 GB for a batch of 256, 3 GB for one of 64.
//: * The tutorial's printed summary shows a response normalisation that its code does not have. The code is followed
//:   here; `localResponseNormalization: true` is the paper's network.
//: * Modules are called as in the paper (`inception_3a_3x3_reduce`); the tutorial's layers are numbered, and the numbers
//:   would shift when the heads are left out. What stands outside the modules has the tutorial's names, which do not
//:   always say what it is: `conv_2a_3x3_1` is of 1x1, and `avg_pool_5_3x3_1` takes the mean of all 7x7.
//:
//: ## What to try next
//:
//: * `batchNormalization: true`. How many epochs does the main output now need to leave 10 % behind?
//: * Loss weights of 1, 0, 0: what were the heads worth?
