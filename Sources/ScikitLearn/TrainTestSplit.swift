import System
import Tensors

/// Splits samples at random into training and test samples, with the same share of every class in both: scikit-learn's
/// `train_test_split(..., stratify=labels)`.
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
