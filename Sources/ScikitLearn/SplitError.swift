/// Why samples cannot be split.
public enum SplitError: Error, Equatable, CustomStringConvertible {
    /// Labels are needed for every sample, or for none.
    case differentLengths(samples: Int, labels: Int)
    /// A share that is not between 0 and 1, or a number of test samples that is not below the number of samples.
    case invalidTestSize(TestSize, samples: Int)
    /// All samples would be test samples.
    case noTrainingSamples(samples: Int, test: Int)
    /// A class with a single sample cannot be in both parts.
    case singleSample(label: Int)
    /// A part with fewer samples than there are classes cannot have some of each.
    case fewerSamplesThanClasses(part: String, samples: Int, classes: Int)
    /// Cross-validation needs two folds or more.
    case invalidFolds(Int)
    /// Every class has fewer samples than there are folds.
    case fewerSamplesThanFolds(folds: Int, largestClass: Int)

    /// One line that says what is wrong and what to do.
    public var description: String {
        switch self {
        case .differentLengths(let samples, let labels):
            "\(samples) samples, but \(labels) labels: give every sample one label"
        case .invalidTestSize(let size, let samples):
            "\(samples) samples cannot be split with a test size of \(size): "
                + "give a share between 0 and 1, or a number of samples from 1 to \(max(samples - 1, 1))"
        case .noTrainingSamples(let samples, let test):
            "\(test) test samples leave none of the \(samples) samples for training: choose a smaller test size"
        case .singleSample(let label):
            "Class \(label) has a single sample and cannot be in both parts: add samples, leave the class out, or do "
                + "not stratify"
        case .fewerSamplesThanClasses(let part, let samples, let classes):
            "A \(part) part of \(samples) samples cannot have some of each of the \(classes) classes: "
                + "choose another test size"
        case .invalidFolds(let folds): "Samples cannot be split into \(folds) folds: choose 2 or more"
        case .fewerSamplesThanFolds(let folds, let largestClass):
            "No class has a sample for each of the \(folds) folds: "
                + (largestClass > 1 ? "choose \(largestClass) folds at most, or add samples" : "add samples")
        }
    }
}
