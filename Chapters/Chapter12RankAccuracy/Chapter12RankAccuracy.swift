//: # Chapter 12: Rank-1 and rank-5 accuracy of ResNet
//:
//: This chapter measures how ResNet ranks the right class, on the part of Tiny ImageNet's training images that no
//: network was trained on. [Chapter 11](Chapter11RankAccuracy.md) explains the two numbers and has the functions. The
//: book copies its script and changes one path. Here both programs share their steps; they differ in the models that
//: they look for.
//:
//: The original has the path of one model in its code. To score the first experiment, you have to change it to the path
//: of the last checkpoint. Our program looks at the checkpoints of `Chapter12Train` and at the model of
//: `Chapter12TrainDecay`, and takes the model with the most training.
//:
//: > **What you need to know**: [chapter 11's page](Chapter11RankAccuracy.md), which explains the two numbers, and a
//: > model of [chapter 12](Chapter12Train.md).
//: >
//: > **How long it takes**: less than half a minute for 10,000 test images on two cores, at the 583 images a second of
//: > [Benchmarks](../../Benchmarks/README.md); ten times as long with ten crops.
//: >
//: > **What you will have**: rank 1 and rank 5 of ResNet on the test set.

import Chapter

@main
struct Chapter12RankAccuracy: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter12RankAccuracy",
        abstract: "Rank-1 and rank-5 accuracy of ResNet on the test set (rank_accuracy.py of the book's chapter 12).",
        discussion: """
            Without --model it takes the one with the most training of those that chapter 12's training programs left \
            in --output.
            """,
        version: PackageVersion.number)
    static let builder: String? = "Chapter11BuildTinyImageNet"

    @OptionGroup var rank: RankAccuracyOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        let path = try rank.modelPath(
            checkpoints: "checkpoints/resnet_tinyimagenet", decayed: "resnet_tinyimagenet_decay.hdf5",
            trainer: "Chapter12Train")
        let testGen = try rank.testBatches()
        try rank.rankPredictions(of: rank.load(path, for: testGen), on: testGen)
    }
}

//: ## Results
//:
//: @table resnet-tiny-imagenet
//:
//: ## Exercises
//:
//: 1. At least how many of 10,000 images does the network with a decay get right and the network with stages get wrong?
//:    And at rank 5? (The numbers are in the list above.)
//: 2. Which network of the documents is right most often at rank 1, and which at rank 5? See the lists of [chapter
//:    11](Chapter11Train.md) and of this one.
//: 3. *Open.* Does ResNet gain as much from ten crops as GoogLeNet? `swift run Chapter12RankAccuracy --crops 10`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-12-rank-1-and-rank-5-accuracy-of-resnet).
