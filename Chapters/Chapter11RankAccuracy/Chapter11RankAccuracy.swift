//: # Chapter 11: Rank-1 and rank-5 accuracy
//:
//: Tiny ImageNet has two hundred classes, and even a person could not tell all of them apart: is it the *Egyptian cat*
//: or the *tabby*? So ImageNet is scored in two ways. Rank-1 asks whether the class with the highest probability is the
//: right one; rank-5, whether the right one is among the five highest.
//:
//: This chapter mirrors `rank_accuracy.py`. Its test set is the part of the training images that no network was trained
//: on. The original predicts 156 batches of 64, which are 9,984 of its 10,000 test images, and counts the missing
//: sixteen as wrong. Here the last batch is shorter and no image is missing. (There are two versions of the function
//: that counts: the book divides by the number of labels, the README by the number of predictions. They agree if no
//: image is missing.)
//:
//: Two classes may get the same probability, down to the last bit. Then the one with the higher index comes first, as
//: in the book, whose `argsort()[::-1]` reverses an ascending sort.
//:
//: > **What you need to know**: a trained model of one of the two chapters before; [chapter
//: > 4](Chapter04RankAccuracy.md) explains rank 5.
//: >
//: > **How long it takes**: about half a minute for 10,000 test images on two cores, at the 319 images a second of
//: > [Benchmarks](../../Benchmarks/README.md); ten times as long with ten crops.
//: >
//: > **What you will have**: two numbers for the test set, with one view of each image or with ten.

import Chapter

@main
struct Chapter11RankAccuracy: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter11RankAccuracy",
        abstract: "Rank-1 and rank-5 accuracy on the test set (the book's rank_accuracy.py).",
        discussion: """
            Without --model it takes the one with the most training of those that the training chapters left in --output.
            """,
        version: PackageVersion.number)

    static let builder: String? = "Chapter11BuildTinyImageNet"

    @OptionGroup var rank: RankAccuracyOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let path = try rank.modelPath(
            checkpoints: "checkpoints", decayed: "googlenet_tinyimagenet_decay.hdf5", trainer: "Chapter11Train")

        //: ## The test set, preprocessed as in training, not augmented

        let testGen = try rank.testBatches()

        //: ## The model

        let googLeNet = try rank.load(path, for: testGen)

        //: ## Predict and count
        //:
        //: The result belongs to the run that trained the model. It is added to that run's record, if there is one and
        //: it ended with these weights.
        //:
        //: A network that sees an image only once may look at the wrong part of it. Krizhevsky et al. (2012) show it
        //: ten crops, the four corners, the center and the mirror images of the five, and average the predictions. With
        //: `--crops 10` they are predicted too. The crops are an eighth smaller than the image, and are scaled up to
        //: the network's input size.

        try rank.rankPredictions(of: googLeNet, on: testGen)
    }
}

//: Chapter 12 ranks another network in the same way, so the steps are in the library.
//:
//: @source Sources/Chapter/RankAccuracyOptions.swift
//:
//: ## Results
//:
//: @table tiny-imagenet-20
//:
//: Averaging over crops takes ten times as long and helps, although the network was not trained for it; the book puts
//: "over-sampling" at one to three points. With 1,000 test images a percentage is only known to about a point and a
//: half, but the gain here is well above that. One reason may be that the crops are zoomed in by an eighth, and that
//: the network saw zoomed images in training too.
//:
//: ## Exercises
//:
//: 1. The test set of 20 classes has 1,000 images. How far may 65.3 % be from the accuracy on endlessly many such
//:    images? And with the 10,000 images of all classes? Run `swift run Chapter11RankAccuracy` and put your own number
//:    in.
//: 2. Which rank-5 accuracy does a network reach that only guesses, with 200 classes and with 20?
//: 3. The original counts 16 of 10,000 images as wrong without looking at them. How much can that change its 54.38 %?
//: 4. How much do ten crops add to rank 1, and how much to rank 5? Why less to rank 5?
//:    `swift run Chapter11RankAccuracy --crops 10`, or the table above.
//: 5. *Open.* Which classes gain most from rank 5? Build 20 classes
//:    (`swift run Chapter11BuildTinyImageNet --classes 20 --overwrite`), train on them
//:    (`swift run Chapter11TrainDecay --epochs 24 --output output/twenty`), start from the code of
//:    `swift run Chapter11RankAccuracy --output output/twenty`, and count for every class how often the right one comes
//:    second.
//:
//: The answers are on [a page of their own](Answers.md#chapter-11-rank-1-and-rank-5-accuracy).
