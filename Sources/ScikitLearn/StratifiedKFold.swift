import System

/// Splits samples into folds with the same share of every class in each, for cross-validation: scikit-learn's
/// `StratifiedKFold`, with its very folds.
public struct StratifiedKFold: Sendable {
    /// The number of folds.
    public let nSplits: Int
    /// The seed of NumPy's generator that shuffles each class; `nil` if nothing is shuffled.
    public let randomState: UInt32?

    /// - Parameters:
    ///   - nSplits: the number of folds, from 2 on; the book's is 3.
    ///   - randomState: a seed makes it scikit-learn's `shuffle=True, random_state=seed`. By default nothing is shuffled,
    ///     and the first samples of each class are in the first fold.
    public init(nSplits: Int = 5, randomState: UInt32? = nil) {
        self.nSplits = nSplits
        self.randomState = randomState
    }

    /// The fold, from 0 on, in which each sample is tested.
    ///
    /// - Parameters:
    ///   - labels: the class of each sample.
    ///   - warn: receives a line if a class has fewer samples than there are folds, and so is missing in some.
    /// - Throws: ``SplitError`` for fewer than two folds, or if every class has fewer samples than there are folds.
    public func testFolds(_ labels: [Int], warn: (String) -> Void = System.warn) throws(SplitError) -> [Int] {
        guard nSplits >= 2 else { throw .invalidFolds(nSplits) }
        // Classes are numbered in the order in which they first appear.
        var numbers: [Int: Int] = [:]
        let encoded = labels.map { label in
            let number = numbers[label] ?? numbers.count
            numbers[label] = number
            return number
        }
        var counts = [Int](repeating: 0, count: numbers.count)
        for number in encoded { counts[number] += 1 }
        let largest = counts.max() ?? 0
        guard nSplits <= largest else { throw .fewerSamplesThanFolds(folds: nSplits, largestClass: largest) }
        if let smallest = counts.min(), smallest < nSplits {
            warn(
                "the smallest class has \(smallest == 1 ? "one sample" : "\(smallest) samples"), fewer than the "
                    + "\(nSplits) folds: some folds test without it")
        }

        // Every `nSplits`-th of the sorted labels says how many samples of each class a fold gets, so that folds differ in
        // size by one at most.
        var allocations = [[Int]](repeating: [Int](repeating: 0, count: nSplits), count: counts.count)
        for (place, number) in encoded.sorted().enumerated() { allocations[number][place % nSplits] += 1 }
        var random = randomState.map(RandomState.init(seed:))
        var waiting = allocations.map { allocation in
            var folds = allocation.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
            random?.shuffle(&folds)
            return folds[...]
        }
        return encoded.map { number in waiting[number].removeFirst() }
    }

    /// The training and test samples of each fold, as ascending indices into `labels`.
    ///
    /// - Throws: as ``testFolds(_:warn:)``.
    public func split(
        _ labels: [Int], warn: (String) -> Void = System.warn
    ) throws(SplitError) -> [(train: [Int], test: [Int])] {
        let folds = try testFolds(labels, warn: warn)
        return (0..<nSplits).map { fold in
            (folds.indices.filter { folds[$0] != fold }, folds.indices.filter { folds[$0] == fold })
        }
    }
}
