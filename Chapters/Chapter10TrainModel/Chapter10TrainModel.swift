//: # Chapter 10: Logistic regression on features
//:
//: This chapter mirrors the book's second `train_model.py`. It is that of [chapter 3](Chapter03TrainModel.md) with
//: smaller values of C. C multiplies the sum of the losses of all pictures. This sum grows with the number of pictures.
//: So with the book's 18,750 training pictures a small C has the effect that a larger C has with few pictures.
//:
//: > **What you need to know**: [logistic regression with a grid search](Chapter03TrainModel.md), and the file of [the
//: > chapter before](Chapter10ExtractFeatures.md).
//: >
//: > **How long it takes**: about three seconds for the drawn pictures on two cores; 87 seconds for 4,000 photographs
//: > (a recorded search).
//: >
//: > **What you will have**: a classifier of two kinds of pictures, and its accuracy with five decimals.

import Chapter

@main
struct Chapter10TrainModel: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter10TrainModel",
        abstract: "Logistic regression on features of Dogs vs. Cats (train_model.py of the book's chapter 10).",
        discussion: "Its input is the file that Chapter10ExtractFeatures writes.",
        version: PackageVersion.number)

    static let builder: String? = "Chapter10ExtractFeatures"

    @Option(
        name: [.customShort("d"), .customLong("db")], help: "The HDF5 file of the features.", transform: Path.argument)
    var database = "output/dogs_vs_cats_features.hdf5"

    @Option(name: .shortAndLong, help: "The file of the classifier.", transform: Path.argument)
    var model = "output/dogs_vs_cats_classifier.hdf5"

    @OptionGroup var search: GridSearchOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        //: ## The search
        //:
        //: Three quarters of the pictures train, one quarter tests. The original prints the accuracy beside the report,
        //: because Kaggle ranks by it.

        let accuracy = try search.train(
            c: [0.0001, 0.001, 0.01, 0.1, 1], on: database, to: model, program: "Chapter10TrainModel")
        info("score: \(String(format: "%.5f", accuracy))")
    }
}

//: ## Results
//:
//: @table dogs-vs-cats-features
//:
//: VGG16's features of 4,000 photographs, a sixth of the book's, take seven minutes on two cores (9.4 pictures a
//: second). The classifier is right on 98.0 % of the 1,000 test pictures. C hardly matters: the five scores lie between
//: 97.9 and 98.0 %. The book reaches 98.69 % with the features of ResNet50 and all 25,000 pictures, and claims the second
//: place of the competition with it.
//:
//: @table dogs-vs-cats-features-classes
//:
//: ## Exercises
//:
//: (`Chapter10TrainModel` replaces no files. To repeat its commands, add `--overwrite`.)
//:
//: 1. The book has 98.69 % of 6,250 test pictures right. How many are wrong, and how far can chance move the number?
//: 2. Which C does the search choose on the drawn pictures, and how much do the five differ?
//:    `swift run Chapter10TrainModel`.
//: 3. How much does C matter on the photographs? Read the `grid` of the
//:    [record](../classifiers/dogs-vs-cats-3000-samples-vgg16-weights-of-imagenet-lbfgs.json).
//: 4. *Open.* Which pictures are still wrong, and would you have known? Start from `swift run Chapter10TrainModel`, and
//:    print the names of the test rows whose prediction differs from the label.
//:
//: The answers are on [a page of their own](Answers.md#chapter-10-logistic-regression-on-features).
