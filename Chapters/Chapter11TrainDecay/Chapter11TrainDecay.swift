//: # Chapter 11: GoogLeNet on Tiny ImageNet, with a decay
//:
//: Training by Ctrl+C shows how many epochs a network needs. Then a linear decay can replace the stages: the learning
//: rate falls by the same amount after every epoch, from its first value to zero. Nobody has to watch any more. In the
//: document "GoogLeNet from scratch" the decay gains two more points: 57.34 % instead of 55.41 %.
//:
//: This chapter mirrors that document's `train_decay.py`. Its text says 70 epochs and its code 75. The curves that it
//: publishes have 75, so we use 75.
//:
//: A second experiment, `fast`, is ours. It trains the same nine modules by the fast recipe of [MiniGoogLeNet on
//: CIFAR-10](Chapter11MiniGoogLeNet.md#the-fast-recipe): with one cycle of the learning rate in place of the line, SGD
//: in place of Adam, and 20 epochs in place of 75.
//:
//: > **What you need to know**: [training by ctrl+c](Chapter11Train.md), and the files of [Tiny ImageNet into
//: > HDF5](Chapter11BuildTinyImageNet.md).
//: >
//: > **How long it takes**: 72 minutes for 24 epochs on 20 classes on two cores of an Intel Xeon, beside other work (a
//: > recorded run); about 29 hours for 75 epochs on all 200 classes at that speed. (Chapter 12 estimates 11 hours for
//: > its 75 epochs, on an AMD EPYC, which is about twice as fast.)
//: >
//: > **What you will have**: GoogLeNet with all nine modules, trained with nobody watching.
//:
//: ## The network
//:
//: This is GoogLeNet with all nine modules, and in `readme-3` with the two layers after each convolution exchanged:
//: activation first, then normalization. The module's output is then normalized, and no ReLU follows.
//:
//: @source Sources/PyImageSearch/NN/Conv/GoogLeNet.swift

import Chapter

@main
struct Chapter11TrainDecay: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11TrainDecay",
        abstract: "Trains GoogLeNet on Tiny ImageNet with a learning rate that falls to zero (train_decay.py).",
        discussion: """
            \(list(Experiments.tinyImageNetDecay)) \(resuming) Build the data set first: swift run \
            Chapter11BuildTinyImageNet.
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter11BuildTinyImageNet"
    static let defaultExperiment = "readme-3"
    var experiments: [Experiment] { Experiments.tinyImageNetDecay }

    @OptionGroup var data: TinyImageNetOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: ModelOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let run = try TrainingRun(self, named: "googlenet_tinyimagenet_decay")

        //: ## The data
        //:
        //: As in `Chapter11Train`, both sets have the same preprocessors, and only the training set is augmented.

        let (trainGen, valGen) = try data.batches(for: run, training)

        //: ## The model

        let googLeNet = try run.model {
            let network = run.experiment.network(trainGen.classes)
            network.compile(loss: run.experiment.loss, optimizer: run.optimizer)
            return network
        }

        //: ## The decay
        //:
        //: `alpha = alpha0 * (1 - epoch / epochs) ^ 1`. It needs the number of epochs in advance, so it follows the
        //: hand-tuned run. The rate of `fast` rises to its peak over the first quarter, step by step, and then falls to
        //: zero in the same way.

        try run.fit(
            googLeNet, trainGen, validation: valGen,
            callbacks: [
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(run.schedule(of: trainGen), per: run.experiment.unit),
            ])
    }
}

//: ## Results
//:
//: The documents trained on all 200 classes, which takes a day on two cores. A tenth of that fits into a lecture: 20
//: classes, 9,000 training images, 24 epochs.
//:
//: @table tiny-imagenet-20
//:
//: @figure tiny-imagenet-20
//:
//: The README reports 57.34 % at rank 1 and 81.25 % at rank 5 for all classes. Twenty classes are an easier task, so
//: the numbers are not comparable; only the shape of the curves is.
//:
//: ## What is different here, and why
//:
//: * The original keeps no checkpoints, so a power cut costs a day. Here the model is saved after every epoch.
//:
//: ## Exercises
//:
//: 1. Which learning rate do epochs 1, 13 and 24 have in `swift run Chapter11TrainDecay --epochs 24`, and which would
//:    epoch 25 have? The rate of each epoch is in `output/googlenet_tinyimagenet_decay.json`.
//: 2. In which quarter of the recorded run on 20 classes does the validation accuracy rise most, and in which does it
//:    fall back most? See the figure above, or the
//:    [record](../runs/googlenet-tiny-imagenet-200-9000-images-readme-3-24-epochs-seed-42/run.json).
//: 3. At which epoch does the published curve of `readme-3` (linear decay) pass that of `readme-2` (three stages)? The
//:    files are [readme-2.json](../published/readme-2.json) and [readme-3.json](../published/readme-3.json); your own:
//:    `swift run Chapter11TrainDecay --output output/readme-3`.
//: 4. *Open.* With half the epochs the rate falls twice as fast. How much accuracy does that cost on 20 classes? Build
//:    them with `swift run Chapter11BuildTinyImageNet --classes 20 --overwrite`, then
//:    `swift run Chapter11TrainDecay --epochs 12 --output output/twelve`.
//: 5. *Open.* How much does the decay to zero help? Train the same network on the 20 classes of exercise 4 at a
//:    constant rate:
//:    `swift run Chapter11Train --experiment readme-2 --learning-rate 1e-3 --epochs 24 --output output/constant`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-11-googlenet-on-tiny-imagenet-with-a-decay).
