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
//:     swift run Chapter12Train --learning-rate 1e-1
//:     (Ctrl+C, after epoch 25)
//:     swift run Chapter12Train --learning-rate 1e-2 \
//:         --model output/checkpoints/resnet_tinyimagenet/epoch_25.hdf5 --start-epoch 25
//:
//: Without `--learning-rate`, the book's three stages run one after the other: 1e-1 to epoch 25, 1e-2 to epoch 35 and
//: 1e-3 to epoch 40. (The printed code has `epochs=50`.) As in [the chapter on CIFAR-10](Chapter12ResNetCIFAR10.md), which
//: shows the network and its errata, the modules' penalty is 0.0001 whatever `reg` says.
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

    func run() throws {
        let run = try TrainingRun(
            self, named: "resnet56_tinyimagenet", checkpoints: "checkpoints/resnet_tinyimagenet")

        //: ## The data
        //:
        //: They are augmented as in chapter 11: rotated, shifted, sheared, zoomed and mirrored.

        let (trainGen, valGen) = try data.batches(for: run, training)

        //: ## The model
        //:
        //: This is a new model, or the checkpoint with its optimizer.

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

//: ## What to try next
//:
//: * The ctrl+c method on 20 classes, by hand (`Chapter11BuildTinyImageNet --classes 20`). The book stops the first
//:   stage after 25 epochs. When do you?
