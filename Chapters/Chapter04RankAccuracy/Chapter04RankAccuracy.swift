//: # Chapter 4: Rank-1 and rank-5 accuracy
//:
//: A network may call a husky an Eskimo dog, and many people would agree. The *rank-1* accuracy is the share of
//: pictures whose right class is the first answer: the accuracy proper. The *rank-5* accuracy is the share whose right
//: class is among the first five. With a hundred classes or a thousand it shows whether a wrong answer was at least
//: close. During training rank 5 may still rise when rank 1 no longer does; then the network is still learning.
//:
//: @figure 4.1
//:
//: @figure 4.2
//:
//: This chapter mirrors the book's `rank_accuracy.py`: it loads the classifier of chapter 3, asks it for the
//: probabilities of the test rows, and counts. The function that counts is in the library, in
//: `Sources/ScikitLearn/Ranked.swift`:
//:
//: @source Sources/ScikitLearn/Ranked.swift
//:
//: > **What you need to know**: the files of [chapter 3](Chapter03TrainModel.md): features and a classifier.
//: >
//: > **How long it takes**: less than a second, after the two programs of chapter 3.
//: >
//: > **What you will have**: two numbers: how often the right class comes first, and how often among the first five.

import Chapter

@main
struct Chapter04RankAccuracy: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter04RankAccuracy",
        abstract: "Rank-1 and rank-5 accuracy of a classifier of features (the book's rank_accuracy.py of chapter 4).",
        discussion: "Its input is what Chapter03ExtractFeatures and Chapter03TrainModel write.",
        version: PackageVersion.number)

    static let builder: String? = "Chapter03TrainModel"

    @OptionGroup var files: ClassifierOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        //: ## The classifier and the test rows

        info("loading pre-trained model...")
        let db = try FeaturesFile(files.database)
        let classifier = try LogisticRegression.load(files.model, of: db)
        let i = db.testStart

        //: ## Predict and count

        info("predicting...")
        let predictions = try classifier.predictProba(db.features(rows: i..<db.labels.count))
        let (rank1, rank5) = rank5Accuracy(
            predictions: predictions, labels: db.labels[i...].map { classifier.classes.firstIndex(of: $0) ?? -1 })
        info("rank-1: \(percent(rank1))")
        info("rank-5: \(percent(rank5))")

        //: The result is added to the classifier's record.

        try ClassifierRecord.add(["rank1": rank1, "rank5": rank5], on: db, of: files.model)
    }
}

//: ## Results
//:
//: @table features
//:
//: ## Exercises
//:
//: 1. Animals has three classes. What is its rank-5 accuracy, and why does nobody report it?
//: 2. What are rank 1 and rank 5 on the drawn shapes? `swift run Chapter04RankAccuracy` prints them, once
//:    `swift run Chapter03ExtractFeatures` and `swift run Chapter03TrainModel` have written their files. What would
//:    guessing reach?
//: 3. The book reports 92.06 % and 99.41 % on the 340 test pictures of Flowers-17. How many pictures are right at rank
//:    1, how many at rank 5, and how many of the mistakes have the right class in the places 2 to 5?
//: 4. *Open.* A model that is sure and wrong is worse than one that is unsure and wrong. Which number would show it?
//:    Start from `Sources/ScikitLearn/Ranked.swift` and `swift run Chapter04RankAccuracy`.
//:
//: The answers are on [a page of their own](Answers.md#chapter-4-rank-1-and-rank-5-accuracy).
