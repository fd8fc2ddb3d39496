/// The documents that the package follows.
public enum Source: Sendable, Equatable {
    /// The practitioner's book on deep learning for computer vision.
    case book(chapter: Int)
    /// The README of "GoogLeNet from scratch".
    case readme
    /// The tutorial on Inception v1.
    case tutorial
    /// The walk through the book's chapter 11.
    case walkThrough
    /// The network's own: for Inception v1 Szegedy et al., "Going deeper with convolutions", 2015.
    case paper
    /// The package itself.
    case ours

    /// The name in the report's tables.
    public var title: String {
        switch self {
        case .book: "book"
        case .readme: "README"
        case .tutorial: "tutorial"
        case .walkThrough: "walk-through"
        case .paper: "paper"
        case .ours: "ours"
        }
    }
}

/// A number that a document reports of an experiment.
public struct Published: Sendable, Equatable {
    public let source: Source
    /// As in run records: `val_acc` after the last epoch, `rank1` and `rank5` of the test set.
    public let metric: String
    public let percent: Double

    public init(_ source: Source, _ metric: String, _ percent: Double) {
        self.source = source
        self.metric = metric
        self.percent = percent
    }
}
