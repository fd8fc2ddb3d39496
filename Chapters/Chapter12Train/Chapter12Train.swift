//: # Chapter 12: ResNet on Tiny ImageNet, by ctrl+c
//:
//: This is chapter 12's network for images of 64x64 pixels and 200 classes. A 5x5 convolution and a max pooling come
//: first; the pooling halves the image. The only other pooling is the last one. Three stages of 3, 4 and 6 bottlenecks
//: follow, with 128, 256 and 512 filters: 41 layers with weights besides the projections, and 2.3 million weights,
//: fewer than chapter 11's network has (3.7 million).
//:
//: This chapter mirrors the book's `train.py` of chapter 12. Its data are those of [chapter
//: 11](Chapter11BuildTinyImageNet.md), HDF5 files and means; nothing needs to be built again.
//:
//: > **What you need to know**: [ResNet on CIFAR-10](Chapter12ResNetCIFAR10.md), and the files of [Tiny ImageNet into
//: > HDF5](Chapter11BuildTinyImageNet.md).
//: >
//: > **How long it takes**: about 6 hours for the three stages on all 200 classes on two cores, at the 176 images a
//: > second of [Benchmarks](../../Benchmarks/README.md) (40 · 90,000/176 seconds); about 35 minutes on 20 classes.
//: >
//: > **What you will have**: a ResNet for 64x64 pixels with its checkpoints.
//:
//:     swift run Chapter12Train --learning-rate 1e-1
//:     (Ctrl+C, after epoch 25)
//:     swift run Chapter12Train --learning-rate 1e-2 \
//:         --model output/checkpoints/resnet_tinyimagenet/epoch_25.hdf5 --start-epoch 25
//:
//: Without `--learning-rate`, the book's three stages run one after the other: 1e-1 to epoch 25, 1e-2 to epoch 35 and
//: 1e-3 to epoch 40. (The printed code has `epochs=50`.) As in [the chapter on CIFAR-10](Chapter12ResNetCIFAR10.md),
//: which shows the network and its errata, the modules' penalty is 0.0001 whatever `reg` says.
//:
//: @table resnet-tiny-imagenet
//:
//: @figure 12.9

import Chapter

@main
struct Chapter12Train: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter12Train",
        abstract: "Trains ResNet on Tiny ImageNet, to be stopped and resumed (train.py of the book's chapter 12).",
        discussion: """
            \(list(Experiments.resNetTinyImageNetStages)) Build the data set first: swift run \
            Chapter11BuildTinyImageNet.
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter11BuildTinyImageNet"
    static let defaultExperiment = "1"
    var experiments: [Experiment] { Experiments.resNetTinyImageNetStages }

    @OptionGroup var data: TinyImageNetOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let run = try TrainingRun(
            self, named: "resnet56_tinyimagenet", checkpoints: "checkpoints/resnet_tinyimagenet")

        //: ## The data
        //:
        //: They are augmented as in chapter 11: rotated, shifted, sheared, zoomed and mirrored.

        let (trainGen, valGen) = try data.batches(for: run, training)

        //: ## The model
        //:
        //: `run.model` returns a new model or, in a resumed run, the model of the checkpoint with its optimizer.

        let resNet = try run.model(classes: trainGen.classes)

        //: ## Training

        try run.fit(
            resNet, trainGen, validation: valGen,
            callbacks: [
                EpochCheckpoint(run.files.checkpoints, every: 5),
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(run.schedule(of: trainGen)),
            ])
    }
}

//: ## Exercises
//:
//: 1. Where do "41 layers with weights" come from, and which share of the 2,265,748 parameters does the dense layer
//:    have for 200 classes? Check with
//:    `swift run Chapter05InspectModel --model output/checkpoints/resnet_tinyimagenet/last.hdf5`.
//: 2. An average pooling over 8x8 positions comes last. Follow the size of a 64x64 image through the network: where is
//:    it halved?
//: 3. Which network trains faster, this one or chapter 11's?
//:    `swift run Benchmark train --model resnettinyimagenet --steps 5`, then `--model deepergooglenet`. Does the number
//:    of parameters decide?
//: 4. *Open.* Use the ctrl+c method on 20 classes, by hand
//:    (`swift run Chapter11BuildTinyImageNet --classes 20 --overwrite`, then
//:    `swift run Chapter12Train --learning-rate 1e-1 --output output/hand`). The book stops the first stage after 25
//:    epochs. When do you?
//:
//: The answers are on [a page of their own](Answers.md#chapter-12-resnet-on-tiny-imagenet-by-ctrlc).
