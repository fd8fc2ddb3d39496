import ArgumentParser
import CommandLine
import Foundation
import PyImageSearch
import Runs
import ScikitLearn
import System

/// How a linear classifier of features is found: the flags of the programs that do it, and what such programs share.
public struct GridSearchOptions: ParsableArguments {
    @Option(
        name: .shortAndLong, parsing: .unconditional,
        help: "Threads, each with a fit of its own; -1 is one for each processor.", allowing: .from(1, to: 1024, or: -1)
    )
    public var jobs = -1

    @Option(help: "lbfgs, scikit-learn's default today, or liblinear, which was the default in the book's time.")
    public var solver = LogisticRegression.Solver.lbfgs

    @Option(help: "The most iterations of a fit.", allowing: .atLeast(1))
    public var maxIterations = 1_000

    @Flag(help: FlagHelp.overwrite)
    public var overwrite = false

    public init() {}

    /// Tries values of C on three folds of the first three quarters of the features, fits the best to all of these, reports on
    /// the last quarter, and writes the classifier and its record.
    ///
    /// - Parameters:
    ///   - candidates: the values of C.
    ///   - database: the file of the features.
    ///   - model: the file of the classifier.
    ///   - program: the name of the program, for the record.
    /// - Returns: the accuracy on the last quarter, 0 to 1.
    /// - Throws: an error that names the file that is missing, cannot be used or may not be replaced.
    @discardableResult
    public func train(c candidates: [Double], on database: String, to model: String, program: String) throws -> Double {
        let record = ClassifierRecord.path(of: model)
        try HDF5DatasetWriter.checkFree(model, overwrite: overwrite)
        try OutputFiles.claim([model, record], reading: [database], in: Path.folder(of: model))

        let db = try FeaturesFile(database)
        let i = db.testStart
        let trainX = try db.features(rows: 0..<i), trainY = Array(db.labels[..<i])
        let testX = try db.features(rows: i..<db.labels.count), testY = Array(db.labels[i...])

        info("tuning hyperparameters...")
        let start = ContinuousClock.now
        var search = GridSearchCV(
            LogisticRegression(solver: solver, maxIterations: maxIterations), c: candidates,
            cv: StratifiedKFold(nSplits: 3),
            jobs: jobs == -1 ? ProcessInfo.processInfo.activeProcessorCount : jobs)
        try search.fit(trainX, trainY, of: db)
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        for result in search.results {
            info("C \(digits(result.c)): \(percent(result.meanTestScore)), ± \(percent(result.stdTestScore))")
        }
        info("best hyperparameters: C \(digits(search.bestC ?? 0))")

        info("evaluating...")
        let predictions = try search.predict(testX)
        let test = try RunRecord.TestResult(predictions: predictions, truth: testY, classNames: db.classNames)
        Terminal.show(test.classificationReport ?? "")

        info("saving model...")
        guard var classifier = search.bestEstimator else { throw LogisticRegressionError.notFitted }
        classifier.classNames = classifier.classes.map { db.classNames[$0] }
        try classifier.save(model)
        try ClassifierRecord(
            chapter: program, features: db, trainingSamples: i, search: search, seconds: seconds, test: test
        ).write(to: record)
        info("classifier in \(model), record in \(record)")
        return test.metrics["accuracy"] ?? 0
    }
}

extension LogisticRegression.Solver: ExpressibleByArgument {}
