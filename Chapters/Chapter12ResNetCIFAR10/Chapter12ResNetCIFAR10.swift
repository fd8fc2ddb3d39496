//: # Chapter 12: ResNet on CIFAR-10, by ctrl+c
//:
//: GoogLeNet's 22 layers were hard to train without batch normalization. With it, more layers could be trained. But
//: from some depth on, more layers made a network worse, and not on the test set alone, which would be overfitting, but
//: on the training set too. This is odd: a deeper network can compute all that a shallower one computes, if its
//: additional layers pass their input on unchanged. Training does not find such layers. So He et al. (2015) build them
//: in: a *residual module* adds its input to the output of its convolutions. The convolutions learn only what to
//: change.
//:
//: @figure 12.1
//:
//: > **What you need to know**: [MiniGoogLeNet](Chapter11MiniGoogLeNet.md) and the ctrl+c method of [chapter
//: > 11](Chapter11Train.md).
//: >
//: > **How long it takes**: about two minutes with drawn shapes on two cores. An epoch of the book's third experiment
//: > on CIFAR-10 takes minutes, and there are a hundred.
//: >
//: > **What you will have**: a residual network that tells ten drawn shapes apart, its checkpoints, and a curve with
//: > two drops of the learning rate.
//:
//: ## Why a shortcut lets gradients through
//:
//: A module computes `y = x + f(x)`. Its derivative is `1 + f'(x)`: whatever the convolutions do, the gradient of the
//: output reaches the input unchanged, and the gradient through the convolutions is added to it. In a chain of layers
//: the derivatives are multiplied. If each is 0.8, fifty of them leave a 70,000th. In a chain of residual modules every
//: factor contains a 1, so one term of the product is 1: a direct way from the loss to the first layer.
//:
//: ## The bottleneck
//:
//: Two convolutions of 3x3 with 64 filters have 73,728 weights. A *bottleneck* first reduces the channels to a quarter
//: with 1x1 filters, looks at neighborhoods there, and restores the channels with 1x1 filters: 256 channels take 69,632
//: weights. It is GoogLeNet's reduction again, and it pays in deep networks; the paper uses it from 50 layers on.
//:
//: @figure 12.2
//:
//: ## Pre-activation
//:
//: The first ResNet applied a ReLU after every addition. Each of these ReLUs blocks the gradient wherever a sum is
//: negative, so the direct way is not free. (A ReLU at the end of the convolutions, before the addition, does not help:
//: then a module could only add, never subtract.) A year later He et al. moved normalization and ReLU in front of each
//: convolution. Now the addition is last, and from one end of a stage to the other there are only additions.
//:
//: @figure 12.3
//:
//: The order has two consequences in the code. The last addition is not normalized, so a normalization and a ReLU
//: follow it, before the pooling. And where a stage begins, the number of channels changes, so the input cannot be
//: added as it is: a 1x1 convolution projects it. Like the convolutions, the projection reads the module's input after
//: its normalization and ReLU. Three projections are on the way of the gradient, one for each stage; in all other
//: modules the shortcut is the identity.
//:
//: This chapter mirrors the book's `resnet_cifar10.py`.
//:
//: @source Sources/PyImageSearch/NN/Conv/ResNet.swift
//:
//: ## Where the book's text and code differ
//:
//: * `build` takes `reg` and does not pass it on to `residual_module`. So in every experiment the kernels of the
//:   modules have a penalty of 0.0001, and a `reg` of 0.0005 reaches only the first convolution and the classifier. The
//:   book's numbers are presumably those of its code, so the experiments here are too (`moduleReg: 0.0001`). Without
//:   that argument `reg` reaches every kernel, which is another experiment.
//: * The code calls the network ResNet-56. With stages of nine bottlenecks it has 83 layers with weights, 1 + 3 · 27 +
//:   1, and three projections. (Nine modules of *two* convolutions would make 56: 1 + 3 · 18 + 1.)
//: * The text puts an additional residual module between stages. There is none: the first of a stage's nine modules
//:   halves the image.
//: * "8 x 8 x classes", in front of the last pooling, is 8x8x256.
//: * The printed optimizer has no momentum. The text says 0.9 for all experiments, and they have 0.9 here.
//: * `epochs=10` is printed. It is the length of the last stage.

import Chapter

//: ## The experiments
//:
//: The method is ctrl+c, as in [chapter 11](Chapter11Train.md): train with a rate of 1e-1, which is large, but usual
//: for residual networks; when the curves stagnate, stop, lower the rate to a tenth, and continue.
//:
//:     swift run Chapter12ResNetCIFAR10 --dataset cifar10 --learning-rate 1e-1
//:     (Ctrl+C, after epoch 80)
//:     swift run Chapter12ResNetCIFAR10 --dataset cifar10 --learning-rate 1e-2 \
//:         --model output/checkpoints/resnet56_cifar10/epoch_80.hdf5 --start-epoch 80
//:
//: Without `--learning-rate`, the stages that the book settled on run one after the other.
//:
//: The first experiment has the filters of the paper for CIFAR-10: 16, then 16, 32 and 64. The second has four times as
//: many in the modules, not twice as many, as the text says, and is a point better after fewer epochs. The third has 64
//: filters in the first convolution too, and a larger penalty on it and on the classifier. (It is said to beat "our
//: third experiment"; the second is meant.) So the book widens the network and penalizes its weights. It never makes it
//: deeper.
//:
//: @table resnet-cifar10
//:
//: @figure 12.4
//:
//: @figure 12.5
//:
//: @figure 12.6

@main
struct Chapter12ResNetCIFAR10: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter12ResNetCIFAR10",
        abstract:
            "Trains ResNet, on CIFAR-10 or on drawn shapes, to be stopped and resumed (the book's resnet_cifar10.py).",
        discussion: """
            Without flags it draws its own data set, shapes10, and needs no files; on it every experiment has two \
            modules a stage in place of nine, and \(counted(shapesEpochs, "epoch")) of batches of 32, the last three \
            with a lower rate. \(list(Experiments.resNetCIFAR10Stages))
            """,
        version: PackageVersion.number)
    static let defaultExperiment = "3"

    //: An epoch of the third experiment takes minutes on two processor cores, and there are a hundred. For the lecture
    //: the shapes are drawn, and each stage has two modules in place of nine: 20 layers with weights, and about a
    //: quarter of a minute an epoch. The stages are five epochs with a rate of 1e-1, two with 1e-2 and one with 1e-3.
    //: Watch how many of the remaining errors the first drop removes.

    private static let shapesEpochs = 8
    var experiments: [Experiment] {
        source.experiments(Experiments.resNetCIFAR10Stages, shapesEpochs: Self.shapesEpochs)
    }

    @OptionGroup var source: CIFAR10Options
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let run = try TrainingRun(self, named: "resnet56_cifar10", checkpoints: "checkpoints/resnet56_cifar10")

        //: ## The data
        //:
        //: As for [MiniGoogLeNet](Chapter11MiniGoogLeNet.md), the mean image is subtracted, and training images are
        //: shifted by up to a tenth and mirrored. The network then normalizes its input once more, with statistics of
        //: its own: the first layer is a batch normalization of the pixels.
        //:
        //: @source Sources/Chapter/CIFAR10Options+Batches.swift

        let (batches, test, images) = try source.batches(for: run, training)

        //: ## The model
        //:
        //: `run.model` returns the experiment's network, compiled as chapter 11 writes it out, or, in a resumed run,
        //: the model of the checkpoint with its optimizer. Without the momentum of the run that was stopped, the first
        //: steps would go astray.

        let model = try run.model(classes: 10)

        //: ## Training
        //:
        //: A checkpoint is kept every five epochs, to go back to. Ctrl+C saves the model after the current step as
        //: `last.hdf5` and prints the command that resumes.

        try run.fit(
            model, batches, validation: test, of: images,
            callbacks: [
                EpochCheckpoint(run.files.checkpoints, every: 5),
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(run.schedule(of: batches), per: run.experiment.unit),
            ])
    }
}

//: ## What is different here, and why
//:
//: * The original raises Python's limit of recursions to 5,000, because Keras walks the network recursively. Ours walks
//:   it with a list.
//: * An epoch ends with the last image, after 391 steps; the original's has 390 full batches.
//:
//: ## Exercises
//:
//: 1. How many layers with weights does the network have with nine bottlenecks in each of its three stages, and how
//:    many with two, as for the drawn shapes? Count the projections apart. Check with
//:    `swift run Chapter05InspectModel --model output/checkpoints/resnet56_cifar10/last.hdf5`.
//: 2. Fifty layers whose derivatives are 0.8 leave a 70,000th of a gradient. What do they leave at 0.9, and at 1.1?
//:    What does that say about a chain without shortcuts?
//: 3. Use the ctrl+c method by hand, on drawn shapes:
//:
//:        swift run Chapter12ResNetCIFAR10 --learning-rate 1e-1 --epochs 5 --output output/hand
//:        swift run Chapter12ResNetCIFAR10 --learning-rate 1e-2 --epochs 8 --output output/hand \
//:            --model output/hand/checkpoints/resnet56_cifar10/epoch_5.hdf5 --start-epoch 5
//:
//:    How much does the drop gain in its first epoch?
//: 4. The first experiment has a quarter of the filters:
//:    `swift run Chapter12ResNetCIFAR10 --experiment 1 --output output/narrow`, beside
//:    `swift run Chapter12ResNetCIFAR10 --output output/wide`. How much accuracy does the width bring on drawn shapes,
//:    and what does it cost in time?
//: 5. *Open.* The penalty in all kernels: leave out `, moduleReg: 0.0001` in the second of the two functions
//:    `chapter12CIFAR10` of `Sources/Experiments/Book.swift` and run
//:    `swift run Chapter12ResNetCIFAR10 --dataset cifar10 --epochs 20 --learning-rate 1e-1 --output output/reg`. Does
//:    the gap between training and validation shrink?
//:
//: The answers are on [a page of their own](Answers.md#chapter-12-resnet-on-cifar-10-by-ctrlc).
