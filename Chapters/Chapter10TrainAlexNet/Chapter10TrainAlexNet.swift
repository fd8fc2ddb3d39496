//: # Chapter 10: AlexNet on Dogs vs. Cats
//:
//: AlexNet began the era of deep networks: in 2012 it won ImageNet's challenge with a top-5 error of 15.3 %, where the
//: second had 26.2 %. Its plan is LeNet's, made large: five convolutions, with windows of 11x11, 5x5 and 3x3 pixels,
//: and three dense layers, which hold 55 of its 58 million weights. Two of its ideas became standard: ReLU in place of
//: tanh, and dropout.
//:
//: This chapter mirrors the book's `train_alexnet.py`. Its data are those of
//: [chapter 9](Chapter09BuildDogsVsCats.md), HDF5 files and means.
//:
//: @source Sources/PyImageSearch/NN/Conv/AlexNet.swift
//:
//: (The book's table 10.1 has slips: the rows after the first and the third pooling repeat sizes from before it. The
//: sizes above are those that Keras prints.)
//:
//: > **What you need to know**: the files of [chapter 9](Chapter09BuildDogsVsCats.md).
//: >
//: > **How long it takes**: about two minutes with drawn pictures on two cores. An epoch of the 20,000 photographs
//: > takes ten minutes, at the 31.9 images a second of [Benchmarks](../../Benchmarks/README.md).
//: >
//: > **What you will have**: an AlexNet for two classes, with its curves.

import Chapter

@main
struct Chapter10TrainAlexNet: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter10TrainAlexNet",
        abstract: "Trains AlexNet on Dogs vs. Cats (the book's train_alexnet.py).",
        discussion: """
            \(list([Experiments.alexNet])) Build the data set first: swift run Chapter09BuildDogsVsCats. If it was built of \
            drawn pictures, training has six short epochs and a rate of 0.0001. \(resuming)
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter09BuildDogsVsCats"
    static let defaultExperiment = Experiments.alexNet.name
    var experiments: [Experiment] { [Experiments.alexNet] }
    var experiment: Experiment {
        get throws {
            try data.experiment(
                Experiments.named(training.experimentName ?? Self.defaultExperiment, among: experiments))
        }
    }

    @OptionGroup var data: DogsVsCatsOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let run = try TrainingRun(self, named: "alexnet_dogs_vs_cats")
        let config = data.config

        //: ## The preprocessors
        //:
        //: The files hold 256x256 pixels, and the network sees 227x227. In training it sees another part of each image every
        //: time: a *patch* at a random place. This is augmentation, too. In validation the whole image is scaled down. Then
        //: the mean of each color is subtracted.
        //:
        //: @figure 10.1
        //:
        //: @figure 10.2

        let pp = PatchPreprocessor(width: config.side, height: config.side)
        let mp = try data.meanPreprocessor
        let iap = ImageToArrayPreprocessor()

        //: ## The data
        //:
        //: Training images are also rotated, zoomed, shifted, sheared and mirrored. Here every epoch has another order; the
        //: original has the file's order in each.

        let trainGen = try HDF5DatasetGenerator(
            config.trainHDF5, batchSize: run.batchSize, preprocessors: [pp, mp, iap],
            augmentation: run.experiment.augmentation, shuffle: true, seed: run.seed, limit: training.limit)
        let valGen = try HDF5DatasetGenerator(
            config.valHDF5, batchSize: run.batchSize, preprocessors: data.preprocessors, classesOf: trainGen,
            limit: training.validationLimit)

        //: ## The model
        //:
        //: The loss is the *binary* cross-entropy of two outputs that add up to one. With the targets (1, 0) and (0, 1) it is
        //: the same number as the categorical cross-entropy of the other chapters.

        let model = try run.model(classes: trainGen.classes)

        //: ## Training

        try run.fit(
            model, trainGen, validation: valGen,
            callbacks: [TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history)])
    }
}

//: ## Results
//:
//: @figure 10.4
//:
//: @table dogs-vs-cats
//:
//: Our run has two epochs, on two processor cores beside other work. The book has 75, in eight hours on a graphics
//: card. So our accuracy is that of the beginning; the run only shows that the program works at its full size.
//:
//: The book's last three epochs have a validation accuracy of 86.0, 87.2 and 93.0 %. With a rate that never falls the
//: result depends on the epoch in which one stops.
//:
//: ## Exercises
//:
//: 1. Where do "55 of its 58 million weights" come from? The first dense layer reads 6x6 positions with 256 channels
//:    and has 4,096 units, the second has 4,096 units, the third two.
//:    `swift run Chapter05InspectModel --model output/alexnet_dogs_vs_cats.hdf5` lists them.
//: 2. Two outputs add up to one, and the right one is 0.8. What are the binary and the categorical cross-entropy of
//:    this answer?
//: 3. What does the network reach on drawn pictures? `swift run Chapter09BuildDogsVsCats` writes them (add
//:    `--overwrite` if there are files already), then `swift run Chapter10TrainAlexNet`. Do the two kinds look easy to
//:    you?
//: 4. *Open.* What does a smaller rate add at the end? After the run of exercise 3:
//:    `swift run Chapter10TrainAlexNet --learning-rate 1e-5 --start-epoch 6 --epochs 9`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-10-alexnet-on-dogs-vs-cats).
