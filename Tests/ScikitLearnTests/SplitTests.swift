import FixtureSupport
import ScikitLearn
import Testing

@Suite struct SplitTests {
    private func size(_ number: Double) -> TestSize { number < 1 ? .share(number) : .count(Int(number)) }

    @Test(.enabled(if: FixtureFile.splits.exists)) func everySplitHasScikitLearnsIndices() throws {
        let splits = try SplitsFixture.load().splits
        #expect(!splits.isEmpty)
        var before: (split: SplitsFixture.Split, train: [Int])?
        for expected in splits {
            var (train, test): ([Int], [Int])
            if expected.of != nil {
                // The training part of the split before is split once more, in its order.
                let whole = try #require(before), labels = try #require(whole.split.stratifyLabels)
                (train, test) = try trainTestSplit(
                    expected.n, testSize: size(expected.testSize), randomState: expected.randomState,
                    stratify: whole.train.map { labels[$0] })
                (train, test) = (train.map { whole.train[$0] }, test.map { whole.train[$0] })
            } else {
                (train, test) = try trainTestSplit(
                    expected.n, testSize: size(expected.testSize), randomState: expected.randomState,
                    stratify: expected.stratifyLabels)
            }
            before = (expected, train)
            if let indices = expected.train { #expect(train == indices, "\(expected.name)") }
            if let indices = expected.test { #expect(test == indices, "\(expected.name)") }
            if let head = expected.trainHead { #expect(Array(train.prefix(head.count)) == head, "\(expected.name)") }
            if let head = expected.testHead { #expect(Array(test.prefix(head.count)) == head, "\(expected.name)") }
            if let hash = expected.trainHash { #expect(sha256(train) == hash, "\(expected.name)") }
            if let hash = expected.testHash { #expect(sha256(test) == hash, "\(expected.name)") }
        }
    }

    @Test(.enabled(if: FixtureFile.splits.exists)) func everyFoldIsScikitLearns() throws {
        let cases = try SplitsFixture.load().folds
        #expect(!cases.isEmpty)
        for expected in cases {
            let folds = StratifiedKFold(nSplits: expected.nSplits)
            #expect(try folds.testFolds(expected.labels) == expected.testFold)
            for (fold, parts) in try folds.split(expected.labels).enumerated() {
                #expect(parts.test.allSatisfy { expected.testFold[$0] == fold })
                #expect((parts.train + parts.test).sorted() == Array(expected.labels.indices))
            }
        }
    }

    /// scikit-learn 1.9.1's folds with `shuffle=True`.
    @Test func shuffledFoldsAreScikitLearns() throws {
        let labels = [2, 1, 0, 2, 1, 2, 2, 3, 2, 0, 2, 0, 0, 1, 0, 2, 1, 2, 2, 3, 2, 0, 3]
        func folds(_ count: Int, _ seed: UInt32) throws -> [Int] {
            try StratifiedKFold(nSplits: count, randomState: seed).testFolds(labels) { _ in }
        }
        #expect(try folds(3, 42) == [2, 1, 0, 0, 0, 1, 0, 2, 2, 0, 0, 2, 1, 2, 2, 2, 1, 1, 0, 1, 1, 1, 0])
        #expect(try folds(5, 0) == [1, 1, 3, 4, 3, 2, 4, 1, 0, 4, 3, 1, 2, 2, 4, 3, 0, 1, 0, 0, 2, 0, 2])
        #expect(try folds(2, 1) == [0, 1, 1, 1, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 1, 1, 0, 1, 0, 1])
    }

    @Test func aClassMayLackInSomeFolds() throws {
        var warnings: [String] = []
        let folds = try StratifiedKFold(nSplits: 3).testFolds([0, 0, 0, 5]) { warnings.append($0) }
        #expect(folds.sorted() == [0, 0, 1, 2])
        #expect(
            warnings == [
                "the smallest class has one sample, fewer than the 3 folds: some folds test without it"
            ])
    }

    @Test func splitsThatCannotBeThrow() {
        func error(_ samples: Int, _ size: TestSize, _ labels: [Int]? = nil) -> SplitError? {
            do throws(SplitError) {
                _ = try trainTestSplit(samples, testSize: size, randomState: 1, stratify: labels)
                return nil
            } catch { return error }
        }
        for size: TestSize in [0, 10, 11, -1, 0.0, 1.0, -0.5, .share(.infinity)] {
            #expect(error(10, size) == .invalidTestSize(size, samples: 10))
        }
        #expect(error(10, .share(.nan))?.description.contains("a test size of nan") == true)
        #expect(error(0, 0.5) == .invalidTestSize(0.5, samples: 0))
        #expect(error(1, 0.5) == .noTrainingSamples(samples: 1, test: 1))
        #expect(error(4, 0.5, [0, 1]) == .differentLengths(samples: 4, labels: 2))
        #expect(error(4, 2, [0, 0, 0, 1]) == .singleSample(label: 1))
        #expect(
            error(6, 2, [0, 0, 1, 1, 2, 2]) == .fewerSamplesThanClasses(part: "test", samples: 2, classes: 3))
        #expect(
            error(6, 4, [0, 0, 1, 1, 2, 2]) == .fewerSamplesThanClasses(part: "training", samples: 2, classes: 3))
    }

    @Test func foldsThatCannotBeThrow() {
        #expect(throws: SplitError.invalidFolds(1)) { try StratifiedKFold(nSplits: 1).testFolds([0, 1]) }
        #expect(throws: SplitError.invalidFolds(.min)) { try StratifiedKFold(nSplits: .min).split([0, 1]) }
        #expect(throws: SplitError.fewerSamplesThanFolds(folds: 3, largestClass: 2)) {
            try StratifiedKFold(nSplits: 3).testFolds([0, 1, 0, 1])
        }
        #expect(throws: SplitError.fewerSamplesThanFolds(folds: 5, largestClass: 0)) {
            try StratifiedKFold().testFolds([])
        }
    }

    @Test func errorsAreOneLine() {
        let errors: [SplitError] = [
            .differentLengths(samples: 1, labels: 2), .invalidTestSize(0.5, samples: 0),
            .noTrainingSamples(samples: 1, test: 1), .singleSample(label: 1),
            .fewerSamplesThanClasses(part: "test", samples: 2, classes: 3), .invalidFolds(1),
            .fewerSamplesThanFolds(folds: 3, largestClass: 2),
        ]
        for error in errors { #expect(!error.description.isEmpty && !error.description.contains("\n")) }
        #expect(
            SplitError.invalidTestSize(0.0, samples: 10).description
                == "10 samples cannot be split with a test size of 0.0: "
                + "give a share between 0 and 1, or a number of samples from 1 to 9")
    }
}
