//: # Chapter 11: GoogLeNet on Tiny ImageNet, by ctrl+c
//:
//: How long to train, and when to lower the learning rate, is not known before. The book's answer is a method: start
//: with a rate that is a guess, watch the curves, and when they stagnate or the gap between training and validation
//: opens, stop with Ctrl+C, lower the rate by a factor of ten, and go on from a checkpoint.
//:
//: This chapter mirrors `train.py`. The method works by hand:
//:
//:     swift run Chapter11Train --checkpoints output/checkpoints --learning-rate 1e-3
//:     (Ctrl+C, after epoch 40)
//:     swift run Chapter11Train --model output/checkpoints/epoch_40.hdf5 --start-epoch 40 --learning-rate 1e-4
//:
//: Without `--learning-rate`, the stages that the documents settled on follow each other in one go.
//:
//: ## The network
//:
//: DeeperGoogLeNet is the first GoogLeNet for images of 64x64 pixels: four branches to a module, seven modules, and a
//: first convolution that does not shrink the image at once. Convolutions of one pixel stand before those of three and
//: five: they mix channels into fewer, and the expensive ones behind them have less to do. In a module that takes
//: 28x28x256 to 128, 192 and 96 channels, doing without them costs 854 million multiplications for an image. Mixed down
//: to 64 channels first, the two larger kernels' cost falls so far that all three together take 259 million.
//:
//: @figure 11.9
//:
//: Every layer has a name. In a network of this depth nobody counts, and a diagram without names is wallpaper.
//:
//: @figure 11.10
//:
//: @figure 11.11
//:
//: Seven of these, one behind the other, with what stands before and after them, make
//: [a picture to scroll through](../../figures/deepergooglenet.svg).
//:
//: @source Sources/PyImageSearch/NN/Conv/InceptionModules.swift
//:
//: @source Sources/PyImageSearch/NN/Conv/DeeperGoogLeNet.swift
//:
//: The book reads five rules of thumb off this table. Three of them hold in it: reductions are smaller than the
//: convolutions they feed, 3x3 gets more filters than 5x5, and the pooling branch fewer than the first. Two do not: the
//: first branch of 3a has 64 filters, more than the 16 of its 5x5 reduction, and the numbers of filters do not only grow
//: with depth (the first branch goes 192, 160, 128, 112). And what enters the last pooling is 4x4x832, not "4 x 4 x
//: classes".
//:
//: ## The experiments
//:
//: The book begins with SGD and a network without its modules 4a to 4e, changes the optimizer to Adam, and at last puts
//: the modules in. One thing at a time, and each for a reason that the curves gave: an accuracy that stays where it is
//: although the rate has dropped speaks for a network that is too small. (The text announces four experiments
//: and describes three. Whether `pool4` stayed when the modules went is not said; here it does.) The README goes on
//: with two more modules and with normalisation behind the activation. Of its first run the text says SGD with
//: Nesterov's momentum, and the code Adam; the code is followed here.
//:
//: @table tiny-imagenet
//:
//: @figure 11.12

import Chapter

@main
struct Chapter11Train: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11Train",
        abstract: "Trains GoogLeNet on Tiny ImageNet, to be stopped and resumed (the book's train.py).",
        discussion: """
            \(list(Experiments.tinyImageNetStages)) Build the data set first: swift run Chapter11BuildTinyImageNet.
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter11BuildTinyImageNet"
    static let defaultExperiment = "book-3"
    var experiments: [Experiment] { Experiments.tinyImageNetStages }

    @OptionGroup var data: TinyImageNetOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: CheckpointOptions

    func validate() throws {
        try checkpoints.validate(training.resumption)
    }

    func run() throws {
        let config = data.config
        let run = try TrainingRun(self, named: "googlenet_tinyimagenet")

        //: ## The data
        //:
        //: Every image, whatever set it is of, is brought to 64x64 pixels (Tiny ImageNet's are), loses the means of the
        //: training set and becomes an array. Training images are then turned, moved, sheared, zoomed and mirrored. The
        //: shear is the documents' 0.15, which their Keras took for radians and today's would take for degrees: 8.6
        //: degrees here. The original reads `train.hdf5` in the same order every epoch; here each epoch shuffles it.

        let means = try ChannelMeans(contentsOf: config.datasetMean)
        let preprocessors: [any Preprocessor] = [
            SimplePreprocessor(width: 64, height: 64), means.preprocessor, ImageToArrayPreprocessor(),
        ]
        let trainGen = try HDF5DatasetGenerator(
            config.trainHDF5, batchSize: run.batchSize, preprocessors: preprocessors,
            augmentation: run.experiment.augmentation, shuffle: true, seed: run.seed, limit: training.limit)
        let valGen = try HDF5DatasetGenerator(
            config.valHDF5, batchSize: run.batchSize, preprocessors: preprocessors, classesOf: trainGen,
            limit: training.validationLimit)

        //: ## The model
        //:
        //: A new one, or the checkpoint with its optimizer: not only the weights go on, but Adam's moments and its
        //: count of steps too, without which the loss would jump.

        let googLeNet = try run.model {
            let network = run.experiment.network(trainGen.classes)
            network.compile(loss: run.experiment.loss, optimizer: run.optimizer)
            return network
        }

        //: ## The learning rate
        //:
        //: One rate for this stage where the flag gives it; else the table of the experiment, which has all stages.

        let schedule = run.schedule(of: trainGen)

        //: ## Training
        //:
        //: A checkpoint every five epochs to go back to; history, plot, record and `last.hdf5` after each. Ctrl+C saves the
        //: model of that very step as `last.hdf5` and says how to go on from it; training that goes on then ends as if it
        //: had never stopped.

        try run.fit(
            googLeNet, trainGen, validation: valGen,
            callbacks: [
                EpochCheckpoint(run.files.checkpoints, every: 5),
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(schedule),
            ])
    }
}

//: ## What is different here, and why
//:
//: * For a lower rate the original is edited between stages; here there is a flag, and the schedules of the experiments
//:   as values in `TinyImageNetExperiment.swift`.
//: * Its checkpoints hold the epoch's end. Ours may also hold a step within one: Ctrl+C does not wait twenty minutes.
//: * It stops an epoch at the last full batch, 1,406 steps; here the 1,407th is shorter.
//: * The history is written before the plot, and a plot that fails stops nothing.
//:
//: ## What to try next
//:
//: * ELU in place of ReLU (`activation: .elu(alpha: 1)`), from which the book expects half a point to a point.
//: * The ctrl+c method on 20 classes, by hand: when would you have stopped, and what did the schedule do there?
