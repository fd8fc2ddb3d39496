//: # Inception v1 on CIFAR-10, step by step
//:
//: GoogLeNet is 22 layers deep. In 2014 that was hard to train: a gradient that goes back through so many layers
//: without normalization arrives weak, and the first layers, on which all others depend, learn last. Szegedy et al. had
//: two answers. One is the inception module, which looks at its input through windows of 1x1, 3x3 and 5x5 at once, with
//: 1x1 convolutions that reduce the channels before the expensive windows: 7 million parameters instead of AlexNet's
//: 60. The other is to ask for the answer early. Two small classifiers, the *auxiliary heads*, are attached half-way
//: up. Their losses are added to the main one and send gradients straight into the lower half. After training they are
//: removed.
//:
//: This chapter mirrors a Keras tutorial, which trains the paper's network for images of 224x224 pixels on CIFAR-10's
//: of 32x32, scaled up. Read the network next to table 1 of the paper.
//:
//: @source Sources/PyImageSearch/NN/Conv/InceptionModule.swift
//:
//: @source Sources/PyImageSearch/NN/Conv/InceptionV1.swift
//:
//: > **What you need to know**: the inception module, from [MiniGoogLeNet](Chapter11MiniGoogLeNet.md) or [GoogLeNet by
//: > ctrl+c](Chapter11Train.md).
//: >
//: > **How long it takes**: about a quarter of an hour for five epochs of 4,000 drawn shapes on two idle cores, at the
//: > 20.8 images a second of [Benchmarks](../../Benchmarks/README.md). The recorded run of two epochs of 2,560 images
//: > took five minutes.
//: >
//: > **What you will have**: the paper's network with its two auxiliary heads, and the curves of its
//: > three outputs.

import Chapter

@main
struct InceptionV1CIFAR10: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "InceptionV1CIFAR10",
        abstract: """
            Trains Inception v1 with its auxiliary heads, or a later network, on CIFAR-10 or on drawn shapes scaled up to \
            224x224.
            """,
        discussion: """
            Without flags it draws its own data set, shapes10, and needs no files; on it the experiment has \
            \(counted(shapesEpochs, "epoch")) of batches of 32, which take 1.5 GB of memory. \
            \(list([Experiments.tutorial])) Its batches of 256 take 8 GB. \
            \(Experiments.list(Experiments.laterCIFAR10, under: "With --network")) \(resuming)
            """,
        version: PackageVersion.number)
    static let defaultExperiment = "tutorial"

    //: The tutorial's 25 epochs on CIFAR-10 take 17 hours on two idle processor cores, at the 20.8 images a second
    //: of [Benchmarks](../../Benchmarks/README.md); the recorded run below had other work beside it.
    //: `--limit` trains on the first images only, and `--validation-limit`
    //: validates on fewer; the drawn shapes need no file and are few.

    private static let shapesEpochs = 5
    var experiments: [Experiment] {
        source.experiments(Experiments.scaledCIFAR10(network), shapesEpochs: Self.shapesEpochs)
    }

    //: `--network` trains one of the networks that came after Inception v1 on the same images. Their papers have no
    //: experiments with CIFAR-10. So each keeps the recipe of its paper for ImageNet, which `TrainImageNet` explains.

    @Option(help: FlagHelp.network)
    var network = ImageNetNetwork.inceptionV1

    @OptionGroup var source: CIFAR10Options
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        //: `--resume` continues with the model that an earlier run saved, with its optimizer and its seed.

        let run = try TrainingRun(self, named: "\(network.fileName)_cifar10", isEvaluated: true)

        //: ## The data
        //:
        //: The tutorial scales all 50,000 images up before it trains: at four bytes per color that is 30 GB. Here a
        //: thread beside the training step scales up one batch at a time, and the data set stays small. Interpolation
        //: is bilinear, rounded to bytes as `cv2.resize` rounds, and the bytes are divided by 255. No mean is
        //: subtracted, and nothing is augmented.

        let data = try source.load(seed: run.seed, training)
        let images = LoadedImages(data, origin: "\(source.dataset)")

        //: Labels become one-hot rows. The binarizer learns its classes from all ten indices, so that a class that a
        //: small `--limit` leaves out still has its column. All three outputs learn the same labels. (The later networks
        //: have one output each. The auxiliary head of Inception v3 needs images of 291 pixels, so there is none here.)

        let (trainY, testY) = try data.oneHotLabels()
        let outputs = run.experiment.outputs
        let batches = try ResizedBatches(
            images: data.trainImages, targets: [Tensor](repeating: trainY, count: outputs), width: 224, height: 224,
            batchSize: run.batchSize, shuffle: true, seed: run.seed)
        let testBatches = try ResizedBatches(
            images: data.testImages, targets: [Tensor](repeating: testY, count: outputs), width: 224, height: 224,
            batchSize: run.batchSize, shuffle: false, seed: run.seed)

        //: ## The network and its three losses
        //:
        //: Kernels start as Glorot and Bengio proposed, and the biases of convolutions at 0.2, so that every ReLU lets
        //: something through at first. The total loss is `loss + 0.3 loss1 + 0.3 loss2`: the heads count less than the
        //: main output, which they are there to help.

        let model = try run.model {
            let network = run.experiment.network(10)
            network.compile(
                loss: run.experiment.loss, lossWeights: run.experiment.lossWeights, optimizer: run.optimizer,
                gradientSteps: run.experiment.gradientSteps)
            return network
        }

        //: ## Training
        //:
        //: The learning rate loses 4 % every 8 epochs, `alpha = alpha0 * 0.96 ^ floor((1 + epoch) / 8)`, as in the
        //: paper. Epochs count from 0, so the first drop comes after seven. In 25 epochs the rate goes from 0.01 to
        //: 0.0088, which is almost constant; the paper's training on ImageNet was much longer.
        //:
        //: Every epoch has seven numbers for training and seven for validation: a loss and an accuracy of each output,
        //: and the total loss. In the plot the heads, which have fewer layers below them, are ahead at first. In the
        //: tutorial the main output overtakes both in the end, at 81.9 % against 74.4 % and 77.9 %.

        let monitor = TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history)
        let scheduler = LearningRateScheduler(run.schedule(of: batches), per: run.experiment.unit)
        try run.fit(
            model, batches, validation: testBatches, of: images, callbacks: [scheduler, monitor], workers: 1)

        //: ## Evaluation
        //:
        //: The heads are no longer needed. A model from the input to the first output leaves them out, shares all other
        //: layers with the one that was trained, and predicts alone: of Inception v1, 6.0 million parameters of 10.3 remain.

        info("evaluating network\(model.outputs.count > 1 ? " without its auxiliary heads" : "")...")
        let deployed = Model(inputs: model.inputs, outputs: [model.outputs[0]])
        try deployed.move(to: run.backend)
        let probabilities = try deployed.predict(testBatches, verbose: true)
        let accuracies = model.outputNames.compactMap { name in
            monitor.history["val_\(name)_acc"]?.last?.map { ("\(name)_accuracy", $0) }
        }
        let result = try RunRecord.TestResult(
            predictions: argmax(probabilities), truth: data.testLabels, classNames: data.classNames,
            metrics: Dictionary(uniqueKeysWithValues: accuracies))
        try run.finish(result, samples: images.samples(model, probabilities))
    }
}

//: ## Results
//:
//: The tutorial's numbers are validation accuracies after 25 epochs, of the main output and of the two heads.
//:
//: @table inception
//:
//: On two cores we can try a small version: 2,560 images for two epochs
//: (`--limit 2560 --validation-limit 512 --epochs 2 --batch-size 64`). All three losses start above ln 10 = 2.30, the
//: loss of guessing, and fall. 80 steps are too few for more.
//:
//: @table inception-taste
//:
//: ## What is different here, and why
//:
//: * Images are scaled up when they are needed: they take 0.2 GB instead of 30. Most memory is now the network's, which
//:   stores every layer's output for the backward pass: 8 GB for a batch of 256, 3 GB for one of 64.
//: * The tutorial's printed summary shows a response normalization that its code does not have. We follow the code;
//:   `localResponseNormalization: true` gives the paper's network.
//: * Modules are named as in the paper (`inception_3a_3x3_reduce`). The tutorial's layers are numbered, and the numbers
//:   would shift when the heads are left out. Layers outside the modules have the tutorial's names, which do not always
//:   say what the layer is: `conv_2a_3x3_1` is a 1x1 convolution, and `avg_pool_5_3x3_1` takes the mean of all 7x7
//:   positions.
//:
//: ## Exercises
//:
//: 1. How many parameters have the two auxiliary heads, and how many remain without them? Each head pools to 4x4
//:    positions, has a 1x1 convolution with 128 filters, a dense layer with 1,024 units and one with ten; 4a has 512
//:    channels, 4d 528.
//: 2. Which loss do the three outputs have together at the start, if all of them guess? What does a total loss above
//:    that say?
//: 3. Which learning rate has epoch 8 of `swift run InceptionV1CIFAR10 --dataset cifar10`, counted from 1, and which
//:    the last of 25?
//: 4. *Open.* Give the network batch normalization: `batchNormalization: true` in `Experiments.tutorial`
//:    (`Sources/Experiments/Tutorial.swift`), then `swift run InceptionV1CIFAR10 --output output/normalized`. How many
//:    epochs until the main output's accuracy rises above 10 %?
//: 5. *Open.* How much do the heads help? Set `lossWeights` to 1, 0 and 0 in `Sources/Experiments/Tutorial.swift`, and
//:    run `swift run InceptionV1CIFAR10 --output output/alone`.
//:
//: The answers are on [a page of their own](Answers.md#inception-v1-on-cifar-10-step-by-step).
