//: # Chapter 12: Rank-1 and rank-5 accuracy of ResNet
//:
//: This chapter measures how ResNet ranks the right class, on the part of Tiny ImageNet's training images that no
//: network was trained on. [Chapter 11](Chapter11RankAccuracy.md) explains the two numbers and has the functions. The
//: book copies its script and changes one path. Here both programs share their steps; they differ in the models that
//: they look for.
//:
//: The original's path names one model. The model of its first experiment, whose training is stopped by hand, is the
//: last checkpoint, and the path has to be edited for it. Here the model with the most training is taken, of the
//: checkpoints of `Chapter12Train` and the model of `Chapter12TrainDecay`.

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
//: ## What to try next
//:
//: * `--crops 10`. Does ResNet gain as much as GoogLeNet?
