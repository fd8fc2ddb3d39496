//: # Chapter 3: A linear classifier on features
//:
//: [The chapter before](Chapter03ExtractFeatures.md) has turned every picture into a row of numbers. If these features
//: are good, planes separate the classes. *Logistic regression* finds such planes. One of its settings matters: C, the
//: inverse of the penalty on the weights. With more features than pictures the classifier can always learn the pictures
//: by heart. The penalty keeps it from relying on few features. Only trials show which value is best.
//:
//: This chapter mirrors the book's `train_model.py`: try six values of C, each on three folds of the training rows; fit
//: the best to all of them; report on the rows that were kept back; save the classifier.
//:
//: > **What you need to know**: the file of [the chapter before](Chapter03ExtractFeatures.md).
//: >
//: > **How long it takes**: about a minute for the features of the drawn pictures on two cores; 31 seconds for those of
//: > Flowers-17 (a recorded search).
//: >
//: > **What you will have**: a linear classifier of the features, and the value of C that suits them.

import Chapter

@main
struct Chapter03TrainModel: ChapterCommand {
    static let configuration = CommandConfiguration(
        commandName: "Chapter03TrainModel",
        abstract: "Logistic regression on features, with a grid search over C (the book's train_model.py).",
        discussion: "Its input is the file that Chapter03ExtractFeatures writes.",
        version: PackageVersion.number)

    static let builder: String? = "Chapter03ExtractFeatures"

    @OptionGroup var files: ClassifierOptions

    @OptionGroup var search: GridSearchOptions
    @OptionGroup var lecture: LectureOptions

    func run() throws {
        //: ## The search
        //:
        //: The first three quarters of the file are for training. The file is shuffled, so this is a fair split. Each value
        //: of C is tried on three folds: fitted to two thirds of the training rows and scored on the last third, in turn.
        //: The test rows take no part in the choice. The six values span five powers of ten, because what matters is the
        //: order of magnitude.
        //:
        //: The best classifier, fitted to all training rows, is then evaluated on the rows that it has not seen. The
        //: original pickles it, and whoever loads a pickle runs whatever code is in it. Here it is an HDF5 file with
        //: scikit-learn's names: coefficients, intercepts, classes and settings.
        //:
        //: Chapter 10 searches in the same way, so the steps are in the library.
        //:
        //: @source Sources/Chapter/GridSearchOptions.swift GridSearchOptions.train

        try search.train(
            c: [0.1, 1, 10, 100, 1_000, 10_000], on: files.database, to: files.model, program: "Chapter03TrainModel")
    }
}

//: ## Results
//:
//: @table features
//:
//: The book takes the mean precision of the classes for the accuracy. The table compares accuracies: 92.06 % of the
//: book's test pictures of Flowers-17 were right, where its text says 93 %.
//:
//: Class by class, on Flowers-17:
//:
//: @table flowers17-features-classes
//:
//: On Animals:
//:
//: @table animals-features-classes
//:
//: On CALTECH-101, the seven classes that the book prints:
//:
//: @table caltech101-features-classes
//:
//: The book's test pictures are not ours, because its shuffle has no seed.
//:
//: ## What is different here, and why
//:
//: * In the book's time scikit-learn's default solver was liblinear, which fits one class against all others. Today it
//:   is lbfgs, which fits all classes together. Both are here. On Flowers-17 lbfgs has six more of 340 pictures right.
//:   For lbfgs the six values of C hardly differ there (90.0 to 90.4 % on the folds); liblinear falls from 90.8 to
//:   87.5 %.
//: * lbfgs stops after 100 iterations by default, which is too few for large C. Here it may take 1,000.
//: * VGG16 gives 25,088 features for a picture, and Flowers-17 has only 1,020 pictures to learn from. With the
//:   penalty, the best weights of a class are a sum of the pictures' features, each times a factor. So lbfgs works in the
//:   space that the pictures span: it goes the same steps with 1,020 numbers for a picture, at twice the speed of
//:   scikit-learn ([Benchmarks](../../Benchmarks/README.md#features-of-pictures)).
//:
//: ## Exercises
//:
//: (`Chapter03TrainModel` replaces no files. To repeat its commands, add `--overwrite`.)
//:
//: 1. Which values of C does the search try, and how much do their scores differ? `swift run Chapter03TrainModel`
//:    prints them.
//: 2. Compare the two solvers: `swift run Chapter03TrainModel --solver liblinear --model output/liblinear.hdf5`, or the
//:    table above for Flowers-17. Do they choose the same C, and do they get the same accuracy?
//: 3. How many fits does a search with six values and three folds take, and on how many of the 1,020 training rows of
//:    Flowers-17 is each of them?
//: 4. At which values of C is the penalty too strong? Does a penalty that is too weak lower the accuracy? Read the
//:    `grid` of the two records of Flowers-17, with
//:    [lbfgs](../classifiers/flowers17-1020-samples-vgg16-weights-of-imagenet-lbfgs.json) and
//:    [liblinear](../classifiers/flowers17-1020-samples-vgg16-weights-of-imagenet-liblinear.json).
//:
//: The answers are on [a page of their own](Answers.md#chapter-3-a-linear-classifier-on-features).
