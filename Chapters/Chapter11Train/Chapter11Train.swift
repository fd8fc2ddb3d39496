//: # Chapter 11: GoogLeNet on Tiny ImageNet, by ctrl+c
//:
//: Nobody knows in advance how long to train a network, and when to lower its learning rate. The book's answer is a
//: method: start with a guess and watch the curves. When they stagnate, or the gap between training and validation
//: widens, stop with Ctrl+C, lower the rate by a factor of ten, and continue from a checkpoint.
//:
//: This chapter mirrors `train.py`. The method works by hand:
//:
//:     swift run Chapter11Train --checkpoints output/checkpoints --learning-rate 1e-3
//:     (Ctrl+C, after epoch 40)
//:     swift run Chapter11Train --model output/checkpoints/epoch_40.hdf5 --start-epoch 40 --learning-rate 1e-4
//:
//: Without `--learning-rate`, the stages that the documents settled on run one after the other.
//:
//: > **What you need to know**: the inception module, from [MiniGoogLeNet](Chapter11MiniGoogLeNet.md), and the files of
//: > [the chapter before](Chapter11BuildTinyImageNet.md).
//: >
//: > **How long it takes**: `book-3` on all 200 classes takes about 27 hours on two cores of an Intel Xeon, at the
//: > speed of a recorded run beside other work. It takes about 10 hours on two cores of an AMD EPYC, at the 167 images
//: > a second of [Benchmarks](../../Benchmarks/README.md) (70 · 90,000/167 seconds). 20 classes take a tenth of that.
//: >
//: > **What you will have**: a GoogLeNet for 64x64 pixels, a checkpoint every five epochs, and the curves by which you
//: > decide when to stop.
//:
//: ## The network
//:
//: DeeperGoogLeNet is the first GoogLeNet for images of 64x64 pixels: four branches per module, seven modules, and a
//: first convolution that does not shrink the image at once. In front of the convolutions of three and five pixels are
//: convolutions of one pixel. They reduce the number of channels, so that the expensive ones have less to do. Take a
//: module with a 28x28x256 input and branches of 128, 192 and 96 filters. Without the reductions these branches need
//: 854 million multiplications per image; with reductions to 64 channels in front of the two larger kernels, they need
//: 259 million.
//:
//: @figure 11.9
//:
//: Every layer has a name. In a network this deep, a diagram without layer names is useless.
//:
//: @figure 11.10
//:
//: @figure 11.11
//:
//: Seven of these in a row, with the layers before and after them, make [a picture to scroll
//: through](../../figures/deepergooglenet.svg).
//:
//: @source Sources/PyImageSearch/NN/Conv/InceptionModule.swift
//:
//: @source Sources/PyImageSearch/NN/Conv/DeeperGoogLeNet.swift
//:
//: The book reads five rules of thumb off this table. Three of them hold in it: reductions are smaller than the
//: convolutions that they feed, 3x3 gets more filters than 5x5, and the pooling branch fewer than the first branch. Two
//: do not. The first branch of 3a has 64 filters, more than the 16 of its 5x5 reduction; and the numbers of filters do
//: not only grow with depth (the first branch has 192, 160, 128, 112). Also, the input of the last pooling is 4x4x832,
//: not "4 x 4 x classes".
//:
//: ## The experiments
//:
//: The book begins with SGD and a network without its modules 4a to 4e, changes the optimizer to Adam, and finally adds
//: the modules. It changes one thing at a time, and the curves give the reason: if accuracy does not rise after a drop
//: of the rate, the network may be too small. (The text announces four experiments and describes three. It does not say
//: whether `pool4` stayed when the modules were removed; here it does.) The README continues with two more modules, and
//: with normalization after the activation. Of its first run the text says SGD with Nesterov's momentum, and the code
//: says Adam; we follow the code.
//:
//: @table tiny-imagenet
//:
//: @figure 11.12

import Chapter

@main
struct Chapter11Train: TrainingChapter {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11Train",
        abstract: "Trains GoogLeNet on Tiny ImageNet, to be stopped and resumed (the book's train.py).",
        discussion: """
            \(list(Experiments.tinyImageNetStages)) Build the data set first: swift run Chapter11BuildTinyImageNet.
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter11BuildTinyImageNet"
    static let defaultExperiment = "book-3"
    var experiments: [Experiment] { Experiments.tinyImageNetStages }

    @OptionGroup var data: TinyImageNetOptions
    @OptionGroup var training: TrainingOptions
    @OptionGroup var checkpoints: CheckpointOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let run = try TrainingRun(self, named: "googlenet_tinyimagenet")

        //: ## The data
        //:
        //: The images of all sets are scaled to 64x64 pixels (Tiny ImageNet's have that size already). The means of the
        //: training set are subtracted, and the images become arrays. Training images are then rotated, shifted,
        //: sheared, zoomed and mirrored. The shear is the documents' 0.15, which was in radians in their Keras and
        //: would be in degrees today: 8.6 degrees here. The original reads `train.hdf5` in the same order in every
        //: epoch; here each epoch shuffles it.

        //:
        //: @source Sources/Chapter/TinyImageNetOptions+Batches.swift

        let (trainGen, valGen) = try data.batches(for: run, training)

        //: ## The model
        //:
        //: `run.model` returns a new model or, in a resumed run, the model of the checkpoint with its optimizer. A
        //: resumed run needs Adam's moments and step count as well as the weights; without them the loss would jump.

        let googLeNet = try run.model {
            let network = run.experiment.network(trainGen.classes)
            network.compile(loss: run.experiment.loss, optimizer: run.optimizer)
            return network
        }

        //: ## The learning rate
        //:
        //: `--learning-rate` gives one rate for this stage. Without it, the table of the experiment gives all stages.

        let schedule = run.schedule(of: trainGen)

        //: ## Training
        //:
        //: A checkpoint is kept every five epochs, to go back to. History, plot, record and `last.hdf5` are written
        //: after every epoch. Ctrl+C saves the model after the current step as `last.hdf5` and prints the command that
        //: resumes. A resumed run ends as if it had never stopped.

        try run.fit(
            googLeNet, trainGen, validation: valGen,
            callbacks: [
                EpochCheckpoint(run.files.checkpoints, every: 5),
                TrainingMonitor(figurePath: run.files.plot, jsonPath: run.files.history),
                LearningRateScheduler(schedule),
            ])
    }
}

//: ## What is different here, and why
//:
//: * The original is edited for every stage. Here a flag gives the rate, and the schedules of the experiments are
//:   values in `Sources/Experiments`.
//: * The original saves checkpoints at the end of an epoch only. Ours may also be saved after a step within an epoch,
//:   so that nobody waits twenty minutes after Ctrl+C.
//: * Its epochs end with the last full batch, after 1,406 steps; here there is a shorter 1,407th.
//: * The history is written before the plot, and a plot that fails does not stop training.
//:
//: ## Exercises
//:
//: 1. The 28x28x256 example: how many multiplications remain if the reduction in front of the 5x5 has 16 channels
//:    rather than 64? Which branch is the most expensive one before and after? For the channels of the real network:
//:    `swift run Chapter05InspectModel --model output/checkpoints/last.hdf5`.
//: 2. The book's first rule says that a module's first branch has at most as many filters as its reductions. Which of
//:    the seven modules follow it? The table is in figure 11.9 and in
//:    `Sources/PyImageSearch/NN/Conv/DeeperGoogLeNet.swift`.
//: 3. What did the first drop of the learning rate gain in the run that the README publishes as `readme-2`? Its curves
//:    are in [readme-2.json](../published/readme-2.json); the rate drops after epochs 40 and 60. Would you have dropped
//:    it earlier? Your own: `swift run Chapter11Train --experiment readme-2 --output output/readme-2`.
//: 4. *Open.* The book expects half a point to a point from ELU. Build 20 classes
//:    (`swift run Chapter11BuildTinyImageNet --classes 20 --overwrite`) and run
//:    `swift run Chapter11Train --epochs 24 --output output/relu`. Then add `activation: .elu(alpha: 1),` in front of
//:    `modules: modules` in the function `tinyImageNet` of `Sources/Experiments/Book.swift`, and run
//:    `swift run Chapter11Train --epochs 24 --output output/elu`.
//: 5. *Open.* Use the ctrl+c method on the 20 classes of exercise 4, by hand:
//:    `swift run Chapter11Train --learning-rate 1e-3 --output output/hand`. When would you have stopped, and what did
//:    the schedule do there?
//:
//: The answers are on [a page of their own](Answers.md#chapter-11-googlenet-on-tiny-imagenet-by-ctrlc).
