import System
import Tensors

/// Splits samples at random into training and test samples, with the same share of every class in both: scikit-learn's
/// `train_test_split(..., stratify=labels)`, with counted random numbers in place of NumPy's. For scikit-learn's very
/// indices see ``trainTestSplit(_:testSize:randomState:stratify:)``.
///
/// - Parameter testShare: the fraction of each class in the test set, rounded; from 0 to 1.
/// - Returns: indices into `labels`, each set in random order.
public func trainTestSplit(labels: [Int], testShare: Double, seed: UInt64) -> (train: [Int], test: [Int]) {
    guard (0...1).contains(testShare) else { stop("the test share must be from 0 to 1, not \(testShare)") }
    var left: [Int: Int] = [:]
    for label in labels { left[label, default: 0] += 1 }
    left = left.mapValues { Int((Double($0) * testShare).rounded()) }

    // In random order, the first samples of each class are the test samples.
    var train: [Int] = [], test: [Int] = []
    for index in RandomStream(seed: seed, purpose: .shuffling).permutation(labels.count) {
        if let count = left[labels[index]], count > 0 {
            left[labels[index]] = count - 1
            test.append(index)
        } else {
            train.append(index)
        }
    }
    // The rest begins with the classes that were complete first, so it is shuffled again.
    func shuffled(_ indices: [Int], _ half: Int) -> [Int] {
        RandomStream(seed: seed, purpose: .shuffling, index: half).permutation(indices.count).map { indices[$0] }
    }
    return (shuffled(train, 1), shuffled(test, 2))
}

/// How many samples are for testing: scikit-learn's `test_size`, which is a share if it has a decimal point.
public enum TestSize: Sendable, Equatable, CustomStringConvertible, ExpressibleByFloatLiteral,
    ExpressibleByIntegerLiteral
{
    /// A share of the samples, above 0 and below 1; the number is rounded up.
    case share(Double)
    /// A number of samples.
    case count(Int)

    /// `0.25` is a share.
    public init(floatLiteral share: Double) { self = .share(share) }
    /// `2500` is a number of samples.
    public init(integerLiteral count: Int) { self = .count(count) }

    /// The number alone.
    public var description: String {
        switch self {
        case .share(let share): "\(share)"
        case .count(let count): "\(count)"
        }
    }

    /// - Throws: ``SplitError`` unless there are samples left for training.
    func count(of samples: Int) throws(SplitError) -> Int {
        let test: Int
        switch self {
        case .share(let share):
            guard share > 0, share < 1, samples > 0 else { throw .invalidTestSize(self, samples: samples) }
            test = Int((share * Double(samples)).rounded(.up))
        case .count(let count):
            guard count > 0, count < samples else { throw .invalidTestSize(self, samples: samples) }
            test = count
        }
        guard test < samples else { throw .noTrainingSamples(samples: samples, test: test) }
        return test
    }
}

/// Splits samples at random into training and test samples: the very indices of scikit-learn's
/// `train_test_split(..., test_size=testSize, random_state=randomState, stratify=labels)`.
///
/// - Parameters:
///   - samples: the number of samples.
///   - testSize: a share as in `0.25`, rounded up, or a number of samples as in `2500`.
///   - randomState: NumPy's seed; the book's is 42.
///   - labels: the class of each sample, if both parts are to have the same share of every class.
/// - Returns: indices from 0 on and below `samples`, each part in random order.
/// - Throws: ``SplitError`` for a test size that leaves a part empty, for labels of another number, and, with labels, for
///   a class of a single sample or a part with fewer samples than classes.
public func trainTestSplit(
    _ samples: Int, testSize: TestSize, randomState: UInt32, stratify labels: [Int]? = nil
) throws(SplitError) -> (train: [Int], test: [Int]) {
    let testCount = try testSize.count(of: samples)
    var random = RandomState(seed: randomState)
    guard let labels else {
        let order = random.permutation(samples)
        return (Array(order[testCount...]), Array(order[..<testCount]))
    }

    guard labels.count == samples else { throw .differentLengths(samples: samples, labels: labels.count) }
    let classes = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }
    if let single = classes.first(where: { $0.value.count < 2 }) { throw .singleSample(label: single.key) }
    for (part, count) in [("training", samples - testCount), ("test", testCount)] where count < classes.count {
        throw .fewerSamplesThanClasses(part: part, samples: count, classes: classes.count)
    }
    let counts = classes.map(\.value.count)
    let trainCounts = random.approximateMode(of: counts, draws: samples - testCount)
    let testCounts = random.approximateMode(of: zip(counts, trainCounts).map { $0 - $1 }, draws: testCount)
    var train: [Int] = [], test: [Int] = []
    for (place, indices) in classes.map(\.value).enumerated() {
        let order = random.permutation(indices)
        train += order.prefix(trainCounts[place])
        test += order.dropFirst(trainCounts[place]).prefix(testCounts[place])
    }
    let shuffledTrain = random.permutation(train)
    return (shuffledTrain, random.permutation(test))
}

extension RandomState {
    /// How many of `draws` samples each class gets, so that all shares are kept as well as whole numbers can: rounded
    /// down, and one more for the classes with the largest remainders. Chance decides among equal remainders. The result
    /// depends on the last bit of the quotients, so they are computed in scikit-learn's order.
    mutating func approximateMode(of counts: [Int], draws: Int) -> [Int] {
        let total = Double(counts.reduce(0, +))
        let exact = counts.map { Double($0) / total * Double(draws) }
        var chosen = exact.map { Int($0) }
        let remainders = exact.map { $0 - $0.rounded(.down) }
        var missing = draws - chosen.reduce(0, +)
        for remainder in Set(remainders).sorted(by: >) where missing > 0 {
            let equals = remainders.indices.filter { remainders[$0] == remainder }
            let raised = choice(equals, size: min(equals.count, missing))
            for place in raised { chosen[place] += 1 }
            missing -= raised.count
        }
        return chosen
    }
}
