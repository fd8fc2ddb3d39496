//: # Chapter 11: GoogLeNet on Tiny ImageNet, with a decay
//:
//: Ctrl+C finds out how many epochs a network wants. With that known, the stages can be replaced by a line: the learning
//: rate falls by the same amount after every epoch, from its first value to zero. There is nobody at the keyboard
//: any more, and in the document "GoogLeNet from scratch" it is worth two more points: 57.34 % instead of 55.41 %.
//:
//: This chapter mirrors that document's `train_decay.py`. Its text says 70 epochs, its code 75; the curves that it
//: publishes have 75, and so it is 75 here.
//:
//: ## The network
//:
//: GoogLeNet with all nine modules, and with the two layers behind each convolution exchanged: activated first,
//: normalised then. What a module hands on is then what the normalisation makes of it, with nothing cut off behind.
//:
//: @source Sources/PyImageSearch/NN/Conv/GoogLeNet.swift

import Chapter

@main
struct Chapter11TrainDecay: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11TrainDecay",
        abstract: "Trains GoogLeNet on Tiny ImageNet with a learning rate that falls linearly (train_decay.py).",
        discussion: """
            \(list(Experiments.tinyImageNetDecay)) \(resuming) Build the data set first: swift run \
            Chapter11BuildTinyImageNet.
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter11BuildTinyImageNet"
    static let defaultExperiment = "readme-3"
    var experiments: [Experiment] { Experiments.tinyImageNetDecay }

    @OptionGroup var data: TinyImageNetOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions

    func run() throws {
        let config = data.config
        let run = try TrainingRun(self, named: "googlenet_tinyimagenet_decay")

        //: ## The data
        //:
        //: As in `Chapter11Train`: the same preprocessors for both sets, augmentation for one.

        let means = try ChannelMeans(contentsOf: config.datasetMean)
        let sp = SimplePreprocessor(width: 64, height: 64)
        let preprocessors: [any Preprocessor] = [sp, means.preprocessor, ImageToArrayPreprocessor()]
        let trainGen = try HDF5DatasetGenerator(
            config.trainHDF5, batchSize: run.batchSize, preprocessors: preprocessors,
            augmentation: run.experiment.augmentation, shuffle: true, seed: run.seed, limit: training.limit)
        let valGen = try HDF5DatasetGenerator(
            config.valHDF5, batchSize: run.batchSize, preprocessors: preprocessors, classesOf: trainGen,
            limit: training.validationLimit)

        //: ## The model

        let googLeNet = try run.model {
            let network = run.experiment.network(trainGen.classes)
            network.compile(loss: run.experiment.loss, optimizer: run.optimizer)
            return network
        }

        //: ## The line
        //:
        //: `alpha = alpha0 * (1 - epoch / epochs) ^ 1`. It needs the number of epochs, which is why it comes second.

        let decay = PolynomialDecay(initial: run.optimizer.learningRate, duration: run.epochs, power: 1)
        try run.fit(
            googLeNet, trainGen, validation: valGen,
            callbacks: [
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(decay),
            ])
    }
}

//: ## What came of it
//:
//: The documents trained on all 200 classes, for which two cores need a day. What a lecture has time for is a tenth of
//: that: 20 classes, 9,000 training images, 24 epochs.
//:
//: @table tiny-imagenet-20
//:
//: @figure tiny-imagenet-20
//:
//: The README's number for all classes is 57.34 % at rank 1 and 81.25 % at rank 5. Twenty classes are an easier task: do
//: not hold the one against the other. What can be compared is the shape of the curves.
//:
//: ## What is different here, and why
//:
//: * The original keeps no checkpoints, and a power cut costs a day. Here the model is saved after every epoch.
//:
//: ## What to try next
//:
//: * `--epochs 12`. With half the epochs the rate falls twice as fast; is the result half as good?
//: * `Chapter11Train --experiment readme-2 --learning-rate 1e-3 --epochs 24`, the same network at a constant rate: what
//:   is the line to zero worth?
