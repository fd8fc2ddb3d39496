//: # Inception v1 on ImageNet
//:
//: This is the network of `InceptionV1CIFAR10`, now on the data that it was designed for: pictures of 224x224 pixels
//: that are not scaled up from smaller ones, of a thousand classes, of which a hundred and twenty are breeds of dog.
//: `BuildImageNet` has stored the pictures in HDF5 as squares of 256x256 pixels. This chapter makes training examples
//: of them, as the paper does.
//:
//: The same pictures train the networks that came after it: `--network inception-v3`, for example.
//:
//: It trains on whatever `BuildImageNet` has built. With a thousand classes, the 250 epochs take half a year on two
//: processor cores (at 20.8 images a second, the speed in [Benchmarks](../../Benchmarks/README.md)); a few graphics
//: cards of 2014 needed a week. With a handful of classes, a few minutes show that every part works.
//:
//: > **What you need to know**: [Inception v1 on CIFAR-10](InceptionV1CIFAR10.md), and the files of [ImageNet into
//: > HDF5](BuildImageNet.md).
//: >
//: > **How long it takes**: half a year for the paper's 250 epochs of ImageNet on two cores, at the 20.8 images a
//: > second of [Benchmarks](../../Benchmarks/README.md); ten minutes for an epoch of ten classes.
//: >
//: > **What you will have**: Inception v1, or a later network, trained by its paper's recipe on your pictures.

import Chapter

@main
struct TrainImageNet: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "TrainImageNet",
        abstract: "Trains Inception v1, or a later network, on ImageNet as its paper does.",
        discussion: """
            \(list(Experiments.imageNet)) \(Experiments.list(Experiments.laterImageNet, under: "With --network")) \
            \(resuming) Build the data set first: swift run BuildImageNet.
            """,
        version: PackageVersion.number)
    static let builder: String? = "BuildImageNet"

    @Option(
        help: FlagHelp.data("the HDF5 files and the means that BuildImageNet wrote", default: ImageNetConfig().hdf5),
        transform: Path.argument)
    var data = ImageNetConfig().hdf5

    @Option(help: FlagHelp.network)
    var network = ImageNetNetwork.inceptionV1

    @Flag(
        inversion: .prefixedNo,
        help: """
            Whether Inception v1 normalizes responses over neighboring channels, twice, as in the paper (default: \
            --local-response-normalization).
            """)
    var localResponseNormalization: Bool?

    @Flag(help: "Normalize every convolution of Inception v1 over the batch, which the paper could not know of.")
    var batchNormalization = false

    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions
    @OptionGroup var lecture: LectureOptions

    //: ## What the paper says, and what it does not
    //:
    //: The paper says little about training. It uses stochastic gradient descent with momentum 0.9 on many machines at
    //: once. The learning rate falls by 4 % every 8 epochs, and the losses of the auxiliary heads count 0.3. The image
    //: distortions changed during the work; the paper recommends one of them. It gives neither the batch size nor the
    //: initial rate. Caffe's reproduction of the network, made with the first author's help, uses 32 pictures and 0.01,
    //: and plans 250 epochs: its rate falls every 320,000 steps, which are 8 epochs of 32. (It reaches 68.7 % at rank 1
    //: and 88.9 % at rank 5, one crop, after 60 epochs of a faster schedule.) The batch size, the initial rate and the
    //: number of epochs of this reproduction are the defaults here.
    //:
    //: ## The networks that came after it
    //:
    //: `--network` chooses another network, and with it the recipe of that network's paper.
    //:
    //: Batch normalization changed the recipe first. `inception-v2` is the paper's BN-x5: its rate begins at 0.0075, which
    //: is five times Inception's, and falls six times as fast. 2.1 million steps of 32 pictures, which are 53 epochs, made
    //: it as good as Inception after 31 million.
    //:
    //: The authors of `inception-v3` replace momentum by RMSProp, with a decay of 0.9 and an epsilon of 1, which is added
    //: under the root. The rate begins at 0.045 and falls by 6 % every two epochs. They also smooth the labels: the right
    //: class counts 0.9, and 0.1 is shared by all, so that no network becomes too sure. A gradient whose norm is above 2
    //: is scaled down. One auxiliary head is left. The paper does not give its weight; 0.4 is that of the authors' code.
    //:
    //: The paper on `inception-v4`, `inception-resnet-v1` and `inception-resnet-v2` has the same optimizer and schedule.
    //: Batch size and smoothing are v3's here, because it does not give them. Its curves end after about 160 epochs.
    //:
    //: `resnet50` returns to momentum. The batch has 256 pictures. The rate begins at 0.1 and is divided by ten when the
    //: error no longer falls. We do that after 30 and 60 epochs, and end after 120, which are the paper's 600,000 steps.
    //:
    //: @source Sources/Experiments/LaterPapers.swift Experiments.recipe

    static let defaultExperiment = "paper"
    var experiments: [Experiment] {
        Experiments.imageNet(network, localResponseNormalization: localResponseNormalization ?? true)
    }
    var experiment: Experiment {
        get throws {
            let name = batchNormalization ? "batch-normalization" : experiments[0].name
            return try Experiments.named(training.experimentName ?? name, among: experiments)
        }
    }

    func validate() throws {
        guard network == .inceptionV1 || (localResponseNormalization == nil && !batchNormalization) else {
            let flag = batchNormalization ? "--batch-normalization" : "--local-response-normalization"
            throw ValidationError("\(flag) is for Inception v1 only, not for --network \(network.rawValue)")
        }
        guard !batchNormalization || training.experimentName ?? "batch-normalization" == "batch-normalization" else {
            throw ValidationError("--batch-normalization is another experiment than --experiment names")
        }
    }

    func run() throws {
        let config = ImageNetConfig(hdf5: data)
        let run = try TrainingRun(self, named: "\(network.fileName)_imagenet")
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
        //: All validation pictures are cropped alike: the central 224x224 pixels. A network that takes 299x299 gets the
        //: same part, scaled up.

        let side = network.side
        let crop = RandomResizedCropPreprocessor(side: side), center = CenterCropPreprocessor(width: 224, height: 224)
        let scaled = SimplePreprocessor(width: side, height: side, interpolation: .linear)
        let train = try HDF5DatasetGenerator(
            config.trainHDF5, batchSize: run.batchSize, preprocessors: [crop, means.preprocessor],
            outputs: run.experiment.outputs, shuffle: true, seed: run.seed, limit: training.limit)
        let validation = try HDF5DatasetGenerator(
            config.valHDF5, batchSize: run.batchSize, preprocessors: [center, scaled, means.preprocessor],
            outputs: run.experiment.outputs, classesOf: train, limit: training.validationLimit)

        //: ## The network
        //:
        //: The network is the paper's, with the response normalization that the tutorial leaves out. Three outputs
        //: learn the same labels: the main one and, from half-way up, the two auxiliary heads, which count 0.3 each.
        //: `--batch-normalization` adds what the same group published a year later. With it they left out dropout and the
        //: response normalization.

        let model = try run.model {
            let network = run.experiment.network(train.classes)
            network.compile(
                loss: run.experiment.loss, lossWeights: run.experiment.lossWeights, optimizer: run.optimizer,
                gradientSteps: run.experiment.gradientSteps)
            return network
        }

        //: ## Training

        let monitor = TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history)
        let scheduler = LearningRateScheduler(run.schedule(of: train), per: run.experiment.unit)
        try run.fit(model, train, validation: validation, callbacks: [scheduler, monitor])
    }
}

//: ## What is different here, and why
//:
//: * The paper cuts its crops out of the whole picture; we cut them out of the central square, because then all
//:   pictures fit into one array. If you can afford to decode the JPEGs in every epoch, you need not do this.
//: * Caffe's reproduction also has a penalty of 0.0002 on the weights. The paper does not mention one, and there is
//:   none here.
//: * The paper's distortions of brightness, contrast and color are left out, as in Caffe's reproduction.
//: * The first drop of the learning rate comes after seven epochs, because the rule is floor((1 + epoch)/8) and epochs
//:   count from 0. Each later drop comes eight epochs after the one before.
//: * The later networks, too, see pixels with the means of the channels subtracted, and the crops of Inception v1. The
//:   authors of v3 and v4 scale pixels to -1...1. That matters little, because the first convolution is normalized over
//:   the batch, whatever the unit of its input.
//: * The later networks have no penalty on the weights. The paper of ResNet has a penalty of 0.0001. The paper of v2
//:   divides Inception's penalty by five, but does not say how large that was. The papers train on many machines, which
//:   do not wait for each other, and evaluate running averages of the weights from v3 on. Here one machine trains, or
//:   several that do wait, and the weights are evaluated as they are.
//: * The kernels of ResNet-50 begin as Glorot and Bengio proposed, as in Keras, and not as He et al. did.
//:
//: ## Exercises
//:
//: 1. How many steps has an epoch of ImageNet in batches of 32, and how many have 250 epochs? How many epochs are
//:    BN-Inception's 2.1 million steps?
//: 2. Which learning rate is left after the 250 epochs? And after half of them?
//: 3. How long would 250 epochs take on two cores that train 20.8 images a second? (The number is in
//:    [Benchmarks](../../Benchmarks/README.md), for batches of 32.)
//: 4. A random crop covers between 8 and 100 % of the square. How many pixels wide is the smallest square crop of
//:    256x256, and how much is it scaled up to 224?
//: 5. *Open.* Train with batch normalization and a larger rate:
//:    `swift run TrainImageNet --batch-normalization --learning-rate 0.045 --epochs 10 --output output/bn`. On a few
//:    classes, how many epochs earlier does it reach the accuracy of the plain network?
//:
//: The answers are on [a page of their own](Answers.md#inception-v1-on-imagenet).
