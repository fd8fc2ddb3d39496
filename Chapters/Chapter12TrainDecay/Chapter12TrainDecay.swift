//: # Chapter 12: ResNet on Tiny ImageNet, with a decay
//:
//: This is the last experiment of the book: the network of [the chapter before](Chapter12Train.md), with a learning
//: rate that falls linearly from 1e-1 to zero over 75 epochs. It ends at 58.03 % on the test images, five points more
//: than with three stages. According to the book it reached the fifth place on the leaderboard of Stanford's course
//: CS231n, and was the best network there without transfer learning.
//:
//: This chapter mirrors the book's `train_decay.py`.
//:
//: > **What you need to know**: [the chapter before](Chapter12Train.md), and why a decay replaces stages: [ResNet on
//: > CIFAR-10 with a decay](Chapter12ResNetCIFAR10Decay.md).
//: >
//: > **How long it takes**: about 11 hours for 75 epochs on all 200 classes on two cores, at the 176 images a second of
//: > [Benchmarks](../../Benchmarks/README.md); a little over an hour on 20 classes.
//: >
//: > **What you will have**: the book's last network, with a rate that falls to zero.
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
    @OptionGroup var lecture: LectureOptions

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

//: ## Exercises
//:
//: 1. How many steps has the whole training, at 90,000 images, batches of 64 and 75 epochs? How many has that of the
//:    three stages?
//: 2. The book reports 58.32 % on the validation images and 58.03 % on the test images. Does that mean that the
//:    settings fit the validation images by chance?
//: 3. *Open.* Train as long as the three stages: `swift run Chapter12TrainDecay --epochs 40 --output output/forty`. How
//:    much of the five points is the decay, and how much the additional epochs?
//: 4. *Open.* Chapter 11's GoogLeNet, with a decay too, has 57.34 % (`swift run Chapter11TrainDecay`). Which of the two
//:    learns faster on your machine, in epochs and in hours?
//:
//: The answers are on [a page of their own](Answers.md#chapter-12-resnet-on-tiny-imagenet-with-a-decay).
