//: # Chapter 12: ResNet on CIFAR-10, with a decay
//:
//: The ctrl+c method has shown how long the network needs: about a hundred epochs. Now a linear decay of that length
//: replaces the stages, as in [chapter 11](Chapter11TrainDecay.md). Nothing else changes, and the accuracy rises from
//: 91.83 % to 93.58 %, as much as He et al. (2015) had with 110 layers, 93.57 %. Stages waste epochs: before a drop the
//: rate is too large to settle, and after it too small to move. A linear decay passes through all rates in between.
//:
//: This chapter mirrors the book's `resnet_cifar10_decay.py`. It prints `epochs=10`, which is left from the script
//: before; its `NUM_EPOCHS`, its text and its curve have 100. (The text also refers to section 12.6 where it means
//: 12.3.) The network and its errata are in [the chapter before](Chapter12ResNetCIFAR10.md).
//:
//: > **What you need to know**: [the chapter before](Chapter12ResNetCIFAR10.md), which shows the network.
//: >
//: > **How long it takes**: about two minutes with drawn shapes on two cores. The recorded run of `fast` on CIFAR-10
//: > took 24 minutes.
//: >
//: > **What you will have**: the same network with a rate that falls to zero, and a curve to compare with the one in
//: > stages.
//:
//: @table resnet-cifar10
//:
//: @figure 12.7
//:
//: In the last epochs the book's training accuracy is 99.9 %, and the validation loss is more than twice that of
//: training. Overfitting on CIFAR-10 cannot be avoided; what counts is that the validation loss does not rise.

import Chapter

//: The experiment `fast` is not the book's. Zagoruyko and Komodakis ("Wide residual networks", 2016) found that depth
//: is not what makes residual networks good: wider modules in a shallower network learn more with each epoch, and use a
//: processor better than many thin layers. So `fast` has one module in each stage, of two 3x3 convolutions with 64, 128
//: and 256 filters: eight layers, and a third more weights than the book's 83. The rest is the recipe of [chapter
//: 11](Chapter11MiniGoogLeNet.md): the rate rises for a quarter of all steps and falls to zero, labels are smoothed,
//: and the penalty reaches every kernel.

@main
struct Chapter12ResNetCIFAR10Decay: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter12ResNetCIFAR10Decay",
        abstract: """
            Trains ResNet, on CIFAR-10 or on drawn shapes, with a learning rate that falls linearly (the book's \
            resnet_cifar10_decay.py).
            """,
        discussion: """
            Without flags it draws its own data set, shapes10, and needs no files; on it every experiment has \
            \(counted(shapesEpochs, "epoch")) of batches of 32, and experiment 4 has two modules a stage in place of \
            nine. \(list(Experiments.resNetCIFAR10Decay)) \(resuming)
            """,
        version: PackageVersion.number)
    static let defaultExperiment = "4"

    //: For the lecture, the shapes are drawn, and experiment 4 has two modules in each stage in place of nine.

    private static let shapesEpochs = 8
    var experiments: [Experiment] {
        source.experiments(Experiments.resNetCIFAR10Decay, shapesEpochs: Self.shapesEpochs)
    }

    @OptionGroup var source: CIFAR10Options
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let run = try TrainingRun(self, named: "resnet_cifar10_decay")

        //: ## The data and the model

        let (batches, test, images) = try source.batches(for: run, training)

        let model = try run.model(classes: 10)

        //: ## The decay
        //:
        //: `alpha = alpha0 * (1 - epoch / epochs) ^ 1`, or the one cycle of `fast`, step by step.

        try run.fit(
            model, batches, validation: test, of: images,
            callbacks: [
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(run.schedule(of: batches), per: run.experiment.unit),
            ])
    }
}

//: ## What is different here, and why
//:
//: * The original saves its model at the end. Here it is saved after every epoch, and `--resume` continues from there.
//:
//: ## Exercises
//:
//: 1. Which mean learning rate has the linear decay over 100 epochs, and which the three stages of experiment 3? Which
//:    of the two spends more epochs below 0.01?
//: 2. *Open.* On drawn shapes, compare the last three epochs of
//:    `swift run Chapter12ResNetCIFAR10Decay --output output/line` with those of
//:    `swift run Chapter12ResNetCIFAR10 --output output/stages`. At which learning rate should the stages have stayed
//:    longer?
//: 3. How many parameters and how many layers with weights has the network of `fast`, and how many has that of
//:    experiment 4? `swift run Chapter12ResNetCIFAR10Decay --experiment fast --output output/fast`, then
//:    `swift run Chapter05InspectModel --model output/fast/resnet_cifar10_decay.hdf5`.
//: 4. In which epochs of the recorded `fast` run does the validation accuracy jump, and which learning rate do they
//:    have? See the [record](../runs/resnet-cifar10-50000-images-fast-14-epochs-seed-42/run.json), or your own run of
//:    `swift run Chapter12ResNetCIFAR10Decay --dataset cifar10 --experiment fast --output output/fast-cifar10`.
//: 5. *Open.* Build `fast` of bottlenecks: `modules: .bottleneck` in `fastResNet` of `Sources/Experiments/Ours.swift`,
//:    then `swift run Chapter12ResNetCIFAR10Decay --dataset cifar10 --experiment fast --output output/bottleneck`. How
//:    many filters does it need to take equally long per epoch, and is it then equally accurate?
//:
//: The answers are on [a page of their own](Answers.md#chapter-12-resnet-on-cifar-10-with-a-decay).
