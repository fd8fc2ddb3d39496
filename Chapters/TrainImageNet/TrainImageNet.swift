//: # Inception v1 on ImageNet
//:
//: This is the network of `InceptionV1CIFAR10`, now on the data that it was designed for: pictures of 224x224 pixels
//: that are not scaled up from smaller ones, of a thousand classes, of which a hundred and twenty are breeds of dog.
//: `BuildImageNet` has stored the pictures in HDF5 as squares of 256x256 pixels. This chapter makes training examples
//: of them, as the paper does.
//:
//: It trains on whatever `BuildImageNet` has built. With a thousand classes, the 250 epochs take years on two processor
//: cores; a few graphics cards of 2014 needed a week. With a handful of classes, a few minutes show that every part
//: works.

import Chapter

@main
struct TrainImageNet: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "TrainImageNet",
        abstract: "Trains Inception v1 with its auxiliary heads on ImageNet, as the paper does.",
        discussion: "\(list(Experiments.imageNet)) \(resuming) Build the data set first: swift run BuildImageNet.",
        version: PackageVersion.number)
    static let builder: String? = "BuildImageNet"

    @Option(
        help: FlagHelp.data("the HDF5 files and the means that BuildImageNet wrote", default: ImageNetConfig().hdf5),
        transform: Path.argument)
    var data = ImageNetConfig().hdf5

    @Flag(
        inversion: .prefixedNo,
        help: "Whether responses are normalized over neighboring channels, twice, as in the paper.")
    var localResponseNormalization = true

    @Flag(help: "Normalize every convolution over the batch, which the paper could not know of.")
    var batchNormalization = false

    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions

    //: ## What the paper says, and what it does not
    //:
    //: The paper says little about training: stochastic gradient descent with momentum 0.9 on many machines at once, a
    //: learning rate that falls by 4 % every 8 epochs, losses of the auxiliary heads that count 0.3, and changing image
    //: distortions, of which it recommends one in the end. It gives neither the batch size nor the initial rate.
    //: Caffe's reproduction of the network, made with the first author's help, uses 32 pictures and 0.01, and plans 250
    //: epochs: its rate falls every 320,000 steps, which are 8 epochs of 32. (It reaches 68.7 % at rank 1 and 88.9 % at
    //: rank 5, one crop, after 60 epochs of a faster schedule.) Those are the defaults here.

    static let defaultExperiment = "paper"
    var experiments: [Experiment] {
        [false, true].map {
            Experiments.imageNet(localResponseNormalization: localResponseNormalization, batchNormalization: $0)
        }
    }
    var experiment: Experiment {
        get throws {
            let name = batchNormalization ? "batch-normalization" : Self.defaultExperiment
            return try Experiments.named(training.experimentName ?? name, among: experiments)
        }
    }

    func validate() throws {
        guard !batchNormalization || training.experimentName ?? "batch-normalization" == "batch-normalization" else {
            throw ValidationError("--batch-normalization is another experiment than --experiment names")
        }
    }

    func run() throws {
        let config = ImageNetConfig(hdf5: data)
        let run = try TrainingRun(self, named: "inception_v1_imagenet")
        let means = try ChannelMeans(contentsOf: config.datasetMean)

        //: ## No picture is seen twice
        //:
        //: A network of six million parameters can memorize a million pictures, unless it never sees the same one
        //: again. So every time, another part of a picture is used: between 8 % and 100 % of its area, with sides in a
        //: ratio between 3:4 and 4:3, scaled to 224x224 pixels, and mirrored half the time. Sometimes only the ear of a
        //: dog is left, and the network learns to recognize a dog by its ear. The same recipe still trains the networks
        //: of today.
        //:
        //: @source Sources/PyImageSearch/Preprocessing/RandomResizedCropPreprocessor.swift
        //:
        //: Background threads prepare the next crops while the network trains on the current batch. The crops depend on
        //: the seed, the epoch and the picture's place in the file. They do not depend on which thread is first, nor on
        //: interruptions.
        //:
        //: All validation pictures are cropped alike: the central 224x224 pixels.

        let crop = RandomResizedCropPreprocessor(side: 224), center = CenterCropPreprocessor(width: 224, height: 224)
        let train = try HDF5DatasetGenerator(
            config.trainHDF5, batchSize: run.batchSize, preprocessors: [crop, means.preprocessor], outputs: 3,
            shuffle: true, seed: run.seed, limit: training.limit)
        let validation = try HDF5DatasetGenerator(
            config.valHDF5, batchSize: run.batchSize, preprocessors: [center, means.preprocessor], outputs: 3,
            classesOf: train, limit: training.validationLimit)

        //: ## The network
        //:
        //: The network is the paper's, with the response normalization that the tutorial leaves out. Three outputs
        //: learn the same labels: the main one and, from half-way up, the two auxiliary heads, which count 0.3 each.
        //: `--batch-normalization` adds what the same group published a year later. With it, they found, the auxiliary
        //: heads help little, and the response normalization not at all.

        let inception = try run.model {
            let network = run.experiment.network(train.classes)
            network.compile(
                loss: run.experiment.loss, lossWeights: run.experiment.lossWeights, optimizer: run.optimizer)
            return network
        }

        //: ## Training

        let monitor = TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history)
        let scheduler = LearningRateScheduler(run.schedule(of: train))
        try run.fit(inception, train, validation: validation, callbacks: [scheduler, monitor])
    }
}

//: ## What is different here, and why
//:
//: * The paper cuts its crops out of the whole picture; we cut them out of the central square, because then all
//:   pictures fit into one array. If you can afford to decode the JPEGs in every epoch, you need not do this.
//: * Caffe's reproduction also has a penalty of 0.0002 on the weights. The paper does not mention one, and there is
//:   none here.
//: * The paper's distortions of brightness, contrast and color are left out, as in Caffe's reproduction.
//: * The first drop of the learning rate comes after seven epochs, because epochs count from 0 and the rule counts from
//:   1. All others come after eight.
//:
//: ## What to try next
//:
//: * `swift run ImageNetAccuracy --crops 144` with the trained model. How much do 144 crops help?
//: * `--batch-normalization --learning-rate 0.045`. On a few classes, how many epochs earlier does it reach the same
//:   accuracy?
