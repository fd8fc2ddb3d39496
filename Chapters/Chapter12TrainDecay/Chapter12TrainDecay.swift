//: # Chapter 12: ResNet on Tiny ImageNet, with a decay
//:
//: This is the last experiment of the book: the network of [the chapter before](Chapter12Train.md), with a learning
//: rate that falls linearly from 1e-1 to zero over 75 epochs. It ends at 58.03 % on the test images, five points more
//: than with three stages. On the contest's list it was the best network that was trained on no other data.
//:
//: This chapter mirrors the book's `train_decay.py`.
//:
//: @table resnet-tiny-imagenet
//:
//: @figure 12.11

import Chapter

@main
struct Chapter12TrainDecay: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter12TrainDecay",
        abstract: """
            Trains ResNet on Tiny ImageNet with a learning rate that falls linearly (train_decay.py of the book's \
            chapter 12).
            """,
        discussion: """
            \(list(Experiments.resNetTinyImageNetDecay)) \(resuming) Build the data set first: swift run \
            Chapter11BuildTinyImageNet.
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter11BuildTinyImageNet"
    static let defaultExperiment = "2"
    var experiments: [Experiment] { Experiments.resNetTinyImageNetDecay }

    @OptionGroup var data: TinyImageNetOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions

    func run() throws {
        let run = try TrainingRun(self, named: "resnet_tinyimagenet_decay")

        //: ## Data and model

        let (trainGen, valGen) = try data.batches(for: run, training)
        let resNet = try run.model(classes: trainGen.classes)

        //: ## The decay
        //:
        //: `alpha = alpha0 * (1 - epoch / epochs) ^ 1`.

        try run.fit(
            resNet, trainGen, validation: valGen,
            callbacks: [
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(run.schedule(of: trainGen)),
            ])
    }
}

//: ## What to try next
//:
//: * `--epochs 40`, as long as the three stages. How much of the five points is the decay, and how much the additional
//:   epochs?
//: * Chapter 11's GoogLeNet, with a decay too, has 57.34 % (`Chapter11TrainDecay`). Which of the two learns faster on
//:   your machine, in epochs and in hours?
