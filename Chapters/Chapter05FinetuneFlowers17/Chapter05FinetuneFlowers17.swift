//: # Chapter 5: Fine-tuning
//:
//: [Chapter 3](Chapter03ExtractFeatures.md) took a network's features as they are. But the last layers of a network
//: that has learned ImageNet respond to parts of ImageNet's classes, such as dogs' ears and car wheels. For flowers,
//: other features are better. *Fine-tuning* trains these layers further, in small steps.
//:
//: @figure 5.1
//:
//: A new head for seventeen classes replaces the one for a thousand. Its weights are random. If the whole network
//: learned at once, the large and meaningless gradients of the new head would run through the body and destroy in a few
//: steps what took weeks to learn. So there are two stages. First the body is frozen and the head *warms up*. Then the
//: last block of the body is freed, and head and block learn together, with a very small rate.
//:
//: @figure 5.2
//:
//: This chapter mirrors the book's `finetune_flowers17.py`.
//:
//: > **What you need to know**: [the layers of a network](Chapter05InspectModel.md), and
//: > [features](Chapter03ExtractFeatures.md), which this chapter moves.
//: >
//: > **How long it takes**: less than half a minute with drawn shapes on two cores; 55 minutes for ten and ten epochs
//: > of Flowers-17 with VGG16 (two recorded runs, beside other work).
//: >
//: > **What you will have**: a trained network with a new head, and the accuracies after each of the two stages.

import Chapter

//: The head is two dense layers with a dropout between them.
//:
//: @source Sources/PyImageSearch/NN/Conv/FCHeadNet.swift

@main
struct Chapter05FinetuneFlowers17: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter05FinetuneFlowers17",
        abstract:
            "Fine-tunes a trained network: first a new head, then its last block (the book's finetune_flowers17.py).",
        discussion: """
            Without flags it draws its pictures, and trains a small network on other drawings first; on them the stages have \
            \(drawnWarmUp) and \(counted(drawnEpochs, "epoch")). With pictures it takes VGG16 with weights of ImageNet. \
            \(list(Experiments.fineTuning)) \(resuming)
            """,
        version: PackageVersion.number)
    static let defaultExperiment = "1"

    private static let drawnWarmUp = 5, drawnEpochs = 5
    var experiments: [Experiment] {
        Experiments.fineTuning.map { source.experiment($0, drawnEpochs: Self.drawnEpochs) }
    }

    @OptionGroup var source: PictureOptions
    @OptionGroup var network: BodyOptions

    @Option(
        help: """
            Epochs of the first stage (default: 25, for drawn shapes 5). --epochs, --learning-rate and --start-epoch are for \
            the second.
            """,
        allowing: .epochs)
    var warmUpEpochs: Int?

    @Option(
        help: "The first layer that the second stage trains (default: the first of the last block, 15 in VGG16).",
        allowing: .count)
    var unfreezeFrom: Int?

    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions
    @OptionGroup var lecture: LectureOptions

    func validate() throws { try training.resumption.validate(epochs: training.epochs ?? experiment.epochs) }

    func run() throws {
        //: ## The body
        //:
        //: VGG16 without its top. Its input is 224x224 pixels.

        let seed = training.seed ?? RunOptions.defaultSeed
        try source.check()
        let pretrained = try network.load(forDrawings: source.isDrawn, seed: seed, backend: training.compute.backend)
        let baseModel = pretrained.body
        let block = try firstFreed(of: baseModel)
        var tuning = try experiment.with(pretrained)
        let warmUp = Experiments.warmUp(for: tuning)

        //: ## The data
        //:
        //: The same split as in chapter 2. The original feeds the network what its other scripts feed to theirs: blue
        //: first, divided by 255. VGG16 was trained on other numbers: blue first, minus ImageNet's means, and so about
        //: a hundred times larger. Fine-tuning works all the same, because the head and the last block adapt. With
        //: `--experiment means` the pixels are prepared as they were when VGG16 was trained.

        var data = try source.split(side: pretrained.side, seed: seed, jobs: training.compute.threads, training)
        let images = LoadedImages(data, origin: source.origin)
        if let normalization = tuning.normalization { data.normalize(normalization) }
        let (trainY, testY) = try data.oneHotLabels()
        let aug = tuning.augmentation ?? ImageDataGenerator()

        //: ## First stage: the head warms up
        //:
        //: All layers of the body are frozen, so a step costs little more than a prediction. RMSprop is good enough for
        //: a stage that only replaces the head's random weights by useful ones. (On drawn shapes the body is a small
        //: network that has seen only half of the kinds, and each stage has only five epochs. So the accuracies below
        //: are low. They show how the two stages work.)

        let files = RunFiles("finetune_flowers17_warm_up", in: training.output, isEvaluated: true)
        let first = try TrainingRun(
            self, warmUp, files: files, epochs: warmUpEpochs ?? (source.isDrawn ? Self.drawnWarmUp : nil),
            isPreparation: true)
        let model = try first.model {
            baseModel.setTrainable(false)
            let headModel = FCHeadNet.build(baseModel, classes: data.classNames.count, units: 256)
            let model = Model(inputs: baseModel.inputs, outputs: [headModel])
            model.compile(loss: warmUp.loss, optimizer: first.optimizer)
            return model
        }
        info("training head...")
        try first.fit(
            model, aug.flow(data.trainImages, trainY, batchSize: first.batchSize, seed: first.seed),
            validation: (data.testImages, testY), of: images,
            callbacks: [TrainingMonitor(figurePath: first.files.plot, jsonPath: first.files.history)])
        info("evaluating after initialization...")
        try first.finish(evaluate(model, data))

        //: ## Second stage: the last block
        //:
        //: Frozen layers are freed, and the model is compiled again with another optimizer, which begins without a
        //: memory. (In Keras, freezing and freeing take effect only there.) It is SGD now, with a rate of 0.001, a tenth
        //: of chapter 6's, because what the body knows is to change slowly. The stage uses the next seed. With the same
        //: seed, augmentation would produce the same pictures again, and the head has already learned from them.

        tuning.networkOptions["unfreeze_from"] = JSON(block)
        tuning.networkOptions["warm_up_epochs"] = JSON(first.epochs)
        let second = try TrainingRun(
            self, tuning,
            files: checkpoints.files("finetune_flowers17", in: training.output, checkpoints: "", isEvaluated: true),
            epochs: training.epochs, number: 1)
        let tuned = try second.model {
            for layer in model.layers.dropFirst(block) { layer.setTrainable(true) }
            model.compile(loss: tuning.loss, optimizer: second.optimizer)
            return model
        }
        info("fine-tuning model...")
        try second.fit(
            tuned, aug.flow(data.trainImages, trainY, batchSize: second.batchSize, seed: second.seed),
            validation: (data.testImages, testY), of: images,
            callbacks: [TrainingMonitor(figurePath: second.files.plot, jsonPath: second.files.history)])
        info("evaluating after fine-tuning...")
        try second.finish(evaluate(tuned, data))
    }

    /// - Throws: `ValidationError` if the body has no such layer.
    private func firstFreed(of body: Model) throws -> Int {
        guard let unfreezeFrom else { return body.lastBlock }
        guard unfreezeFrom < body.layers.count else {
            throw ValidationError(
                "--unfreeze-from must be below \(body.layers.count), the number of layers of the body, not \(unfreezeFrom)"
            )
        }
        return unfreezeFrom
    }

    private func evaluate(_ model: Model, _ data: ImageDataset) throws -> RunRecord.TestResult {
        let predictions = argmax(try model.predict(data.testImages, verbose: true))
        return try .init(predictions: predictions, truth: data.testLabels, classNames: data.classNames)
    }
}

extension Experiment {
    /// The same training of another body, with the pixels that this one has learned from.
    fileprivate func with(_ pretrained: PretrainedNetwork) -> Experiment {
        var experiment = self
        experiment.networkName = "\(pretrained.name)+FCHeadNet"
        experiment.networkOptions["body"] = .string(pretrained.title)
        if pretrained.normalization != .imageNet { experiment.normalization = pretrained.normalization }
        return experiment
    }
}

extension Model {
    /// The first layer of the last block: the first whose maps are as small as those of the last convolution. A pooling
    /// that makes them so ends the block before.
    var lastBlock: Int {
        guard let last = layers.last(where: { $0.layer is Conv2D }),
            let first = layers.firstIndex(where: {
                $0.outputShape.rank == 3 && $0.outputShape[0] == last.outputShape[0]
            })
        else { return layers.count / 2 }
        return layers[first].layer is MaxPooling2D ? first + 1 : first
    }
}

//: ## Results
//:
//: @table finetuning
//:
//: The book trains for 25 and 100 epochs; our recorded run has ten and ten. Its second stage, a tenth of the book's,
//: gains eleven points over the first. It ends at 89.41 %, below the book's 94.12 %, and below the 91.76 % of the
//: linear classifier of chapter 3, which sees the same photographs unchanged.
//:
//: Class by class, after the first stage:
//:
//: @table warm-up-classes
//:
//: After the second:
//:
//: @table finetuning-classes
//:
//: ## What is different here, and why
//:
//: * Each stage is a run of its own, with its own model, history and record. `--resume` finds the stage that was
//:   interrupted.
//: * The changed pictures are interpolated between four pixels, as in today's Keras. The book's Keras took the nearest
//:   pixel, which is `interpolationOrder: .nearest`; chapter 6 [measures what that
//:   changes](Chapter06TrainModels.md#between-the-pixels). RMSprop is today's too: its epsilon of 1e-7 is under the
//:   root, where the book's Keras [added it beside the root](Chapter07Optimizers.md).
//: * Ten and ten epochs take the place of 25 and 100, which would take six and a half hours at the speed of these runs.
//: * The original's text says that it frees "the first set of layers". Its code frees the last one, which is right.
//:
//: ## Exercises
//:
//: 1. How much does the second stage add to the first? `swift run Chapter05FinetuneFlowers17` prints both accuracies.
//: 2. Cut the first stage short: `swift run Chapter05FinetuneFlowers17 --warm-up-epochs 1 --output output/short`. What
//:    becomes of the second?
//: 3. Free more layers, or all of them: `swift run Chapter05FinetuneFlowers17 --unfreeze-from 1 --output output/all`.
//:    What does it cost, and what does it gain?
//: 4. In our recorded runs the second stage begins at 77.94 %. How much does its first epoch gain, and how much its
//:    last five? See the [record](../runs/vgg16-fcheadnet-flowers17-1020-images-1-10-epochs-seed-43/run.json).
//: 5. *Open.* Does it help to prepare the pixels as they were when VGG16 was trained?
//:
//:        swift run Chapter05FinetuneFlowers17 --dataset flowers17 --experiment means \
//:            --warm-up-epochs 10 --epochs 10 --output output/means
//:
//: The answers are on [a page of their own](Answers.md#chapter-5-fine-tuning).
