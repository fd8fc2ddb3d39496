//: # Inception v1 on ImageNet
//:
//: The network of `InceptionV1CIFAR10`, now on what it was drawn for: pictures of 224x224 pixels that were not made by
//: scaling up smaller ones, of a thousand classes, of which a hundred and twenty are breeds of dog. `BuildImageNet` has
//: put the pictures into HDF5 as squares of 256x256; this chapter makes training examples of them, as the paper does.
//:
//: It trains on whatever has been built. On a thousand classes two processor cores need years for the 250 epochs, and a
//: few graphics cards of 2014 needed a week; on a handful of classes it shows in minutes that every part is in its
//: place.

import Chapter

@main
struct TrainImageNet: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "TrainImageNet",
        abstract: "Trains Inception v1 with its auxiliary heads on ImageNet, as the paper does.",
        discussion: "\(list([Experiments.imageNet()])) \(resuming) Build the data set first: swift run BuildImageNet.",
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
    //: Of training the paper says little: stochastic gradient descent with momentum 0.9 on many machines at once, a
    //: learning rate that falls by 4 % every 8 epochs, losses of the auxiliary heads that count 0.3, and a changing zoo
    //: of image distortions of which in the end one is recommended. It says neither how many pictures a step sees nor
    //: at which rate it starts. Caffe's reproduction of the network, made with the first author's help, takes 32
    //: pictures and 0.01, and plans for 250 epochs: its rate falls every 320,000 steps, which are 8 epochs of 32. (It
    //: reaches 68.7 % at rank 1 and 88.9 % at rank 5, one crop, after 60 epochs of a faster schedule.) Those are the
    //: defaults.

    static let defaultExperiment = "paper"
    var experiments: [Experiment] { [Experiments.imageNet()] }
    var experiment: Experiment {
        Experiments.imageNet(
            localResponseNormalization: localResponseNormalization, batchNormalization: batchNormalization)
    }

    func run() throws {
        let config = ImageNetConfig(hdf5: data)
        let run = try TrainingRun(self, named: "inception_v1_imagenet")
        let means = try ChannelMeans(contentsOf: config.datasetMean)

        //: ## A picture is never seen twice
        //:
        //: Six million parameters learn a million pictures by heart, unless they never see the same one again. So of
        //: every picture, every time, another part is shown: between 8 % and 100 % of its area, its sides in a ratio
        //: between 3:4 and 4:3, scaled to 224x224, and mirrored half the time. A dog is then sometimes an ear, and the
        //: network learns that an ear is enough. The same recipe still trains the networks of today.
        //:
        //: @source Sources/PyImageSearch/Preprocessing/RandomResizedCropPreprocessor.swift
        //:
        //: Threads in the background make these parts while the network is at the batch before. What they draw follows
        //: from the seed, the epoch and the picture's place in the file: not from which of them comes first, nor from
        //: whether the run was interrupted.
        //:
        //: The validation pictures are all seen alike: the 224x224 in their middle.

        let crop = RandomResizedCropPreprocessor(side: 224), center = CenterCropPreprocessor(width: 224, height: 224)
        let train = try HDF5DatasetGenerator(
            config.trainHDF5, batchSize: run.batchSize, preprocessors: [crop, means.preprocessor], outputs: 3,
            shuffle: true, seed: run.seed, limit: training.limit)
        let validation = try HDF5DatasetGenerator(
            config.valHDF5, batchSize: run.batchSize, preprocessors: [center, means.preprocessor], outputs: 3,
            classesOf: train, limit: training.validationLimit)

        //: ## The network
        //:
        //: As the paper draws it, with the response normalisation that the tutorial leaves out. Three outputs learn the
        //: same labels: the main one and, from half-way up, the auxiliary heads, which count 0.3 each.
        //: `--batch-normalization` adds what the same group published a year later; with it the auxiliary heads turned
        //: out to be worth little, and the response normalisation nothing.

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
//: * The paper's parts are cut out of the whole picture, these out of the square in its middle. That is how pictures
//:   fit into one array; who has the time to decode JPEGs in every epoch can do without.
//: * Caffe's reproduction also holds the weights back, by a penalty of 0.0002; the paper does not speak of it, and here
//:   there is none.
//: * The paper's distortions of brightness, contrast and colour are left out, as in Caffe's reproduction.
//: * The first drop of the learning rate comes after seven epochs, since epochs count from 0 and the rule counts
//:   from 1; all others come after eight.
//:
//: ## What to try next
//:
//: * `swift run ImageNetAccuracy --crops 144` with the model that comes out: what are 144 looks worth?
//: * `--batch-normalization --learning-rate 0.045`: on a few classes, how many epochs earlier is it as good?
