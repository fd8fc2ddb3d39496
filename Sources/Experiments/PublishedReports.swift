/// A classification report in the book, as scikit-learn prints it.
public struct PublishedReport: Sendable {
    /// A class, or all of them.
    public struct Row: Sendable {
        public let name: String
        /// From 0 to 1.
        public let precision, recall, f1: Double
        /// Test images.
        public let support: Int

        fileprivate init(_ row: (name: String, precision: Double, recall: Double, f1: Double, support: Int)) {
            (name, precision, recall, f1, support) = row
        }
    }

    public let classes: [Row]
    /// Of all classes, each with the weight of its images.
    public let average: Row

    private init(
        _ classes: [(String, Double, Double, Double, Int)], average: (Double, Double, Double), of support: Int
    ) {
        self.classes = classes.map { Row($0) }
        self.average = Row(("average", average.0, average.1, average.2, support))
    }
}

extension PublishedReport {
    /// Chapter 2, without augmentation.
    public static let flowers17 = PublishedReport(
        [
            ("bluebell", 0.48, 0.67, 0.56, 18), ("buttercup", 0.67, 0.60, 0.63, 20),
            ("coltsfoot", 0.53, 0.40, 0.46, 20), ("cowslip", 0.35, 0.44, 0.39, 18),
            ("crocus", 0.62, 0.50, 0.56, 20), ("daffodil", 0.43, 0.33, 0.38, 27),
            ("daisy", 0.74, 0.85, 0.79, 20), ("dandelion", 0.61, 0.83, 0.70, 23),
            ("fritillary", 0.72, 0.82, 0.77, 22), ("iris", 0.80, 0.76, 0.78, 21),
            ("lilyvalley", 0.59, 0.67, 0.62, 15), ("pansy", 0.82, 0.74, 0.78, 19),
            ("snowdrop", 0.64, 0.39, 0.49, 23), ("sunflower", 0.95, 0.91, 0.93, 23),
            ("tigerlily", 0.88, 0.74, 0.80, 19), ("tulip", 0.18, 0.25, 0.21, 16),
            ("windflower", 0.67, 0.62, 0.65, 16),
        ], average: (0.64, 0.62, 0.62), of: 340)

    /// Chapter 2, with augmentation.
    public static let flowers17Augmented = PublishedReport(
        [
            ("bluebell", 0.67, 0.44, 0.53, 18), ("buttercup", 0.59, 0.80, 0.68, 20),
            ("coltsfoot", 0.56, 0.50, 0.53, 20), ("cowslip", 0.45, 0.50, 0.47, 18),
            ("crocus", 0.82, 0.45, 0.58, 20), ("daffodil", 0.67, 0.30, 0.41, 27),
            ("daisy", 1.00, 0.95, 0.97, 20), ("dandelion", 0.63, 0.96, 0.76, 23),
            ("fritillary", 0.94, 0.77, 0.85, 22), ("iris", 0.78, 0.86, 0.82, 21),
            ("lilyvalley", 0.44, 0.73, 0.55, 15), ("pansy", 1.00, 0.74, 0.85, 19),
            ("snowdrop", 0.54, 0.65, 0.59, 23), ("sunflower", 1.00, 0.96, 0.98, 23),
            ("tigerlily", 0.80, 0.84, 0.82, 19), ("tulip", 0.22, 0.25, 0.24, 16),
            ("windflower", 0.72, 0.81, 0.76, 16),
        ], average: (0.71, 0.68, 0.68), of: 340)

    /// Chapter 3, features of Animals.
    public static let animals = PublishedReport(
        [
            ("cats", 0.96, 0.98, 0.97, 252), ("dogs", 0.98, 0.95, 0.97, 253),
            ("panda", 0.98, 1.00, 0.99, 245),
        ], average: (0.98, 0.98, 0.98), of: 750)

    /// Chapter 3, features of CALTECH-101. The book prints seven of the 101 classes.
    public static let caltech101 = PublishedReport(
        [
            ("Faces", 1.00, 0.98, 0.99, 114), ("Faces_easy", 0.98, 1.00, 0.99, 104),
            ("Leopards", 1.00, 1.00, 1.00, 44), ("Motorbikes", 1.00, 1.00, 1.00, 197),
            ("windsor_chair", 0.92, 0.92, 0.92, 13), ("wrench", 0.88, 0.78, 0.82, 9),
            ("yin_yang", 1.00, 1.00, 1.00, 11),
        ], average: (0.96, 0.96, 0.96), of: 2170)

    /// Chapter 3, features of Flowers-17.
    public static let flowers17Features = PublishedReport(
        [
            ("bluebell", 1.00, 1.00, 1.00, 25), ("buttercup", 0.90, 0.78, 0.84, 23),
            ("coltsfoot", 1.00, 1.00, 1.00, 20), ("cowslip", 0.67, 0.95, 0.78, 19),
            ("crocus", 0.94, 1.00, 0.97, 16), ("daffodil", 0.94, 0.77, 0.85, 22),
            ("daisy", 1.00, 0.95, 0.97, 20), ("dandelion", 1.00, 1.00, 1.00, 18),
            ("fritillary", 1.00, 0.96, 0.98, 23), ("iris", 1.00, 0.94, 0.97, 16),
            ("lilyvalley", 0.73, 0.94, 0.82, 17), ("pansy", 0.95, 1.00, 0.98, 20),
            ("snowdrop", 0.95, 0.72, 0.82, 29), ("sunflower", 0.96, 1.00, 0.98, 24),
            ("tigerlily", 1.00, 1.00, 1.00, 12), ("tulip", 0.76, 0.84, 0.80, 19),
            ("windflower", 1.00, 0.94, 0.97, 17),
        ], average: (0.93, 0.92, 0.92), of: 340)

    /// Chapter 5, after the first stage.
    public static let warmUp = PublishedReport(
        [
            ("bluebell", 0.75, 1.00, 0.86, 18), ("buttercup", 0.94, 0.85, 0.89, 20),
            ("coltsfoot", 0.94, 0.85, 0.89, 20), ("cowslip", 0.70, 0.78, 0.74, 18),
            ("crocus", 1.00, 0.80, 0.89, 20), ("daffodil", 0.87, 0.96, 0.91, 27),
            ("daisy", 0.90, 0.95, 0.93, 20), ("dandelion", 0.96, 0.96, 0.96, 23),
            ("fritillary", 1.00, 0.86, 0.93, 22), ("iris", 1.00, 0.95, 0.98, 21),
            ("lilyvalley", 0.93, 0.93, 0.93, 15), ("pansy", 0.83, 1.00, 0.90, 19),
            ("snowdrop", 0.88, 0.96, 0.92, 23), ("sunflower", 1.00, 0.96, 0.98, 23),
            ("tigerlily", 0.90, 1.00, 0.95, 19), ("tulip", 0.86, 0.38, 0.52, 16),
            ("windflower", 0.83, 0.94, 0.88, 16),
        ], average: (0.90, 0.90, 0.89), of: 340)

    /// Chapter 5, after the second stage.
    public static let fineTuning = PublishedReport(
        [
            ("bluebell", 0.94, 0.94, 0.94, 18), ("buttercup", 0.95, 1.00, 0.98, 20),
            ("coltsfoot", 1.00, 0.90, 0.95, 20), ("cowslip", 0.85, 0.94, 0.89, 18),
            ("crocus", 0.90, 0.90, 0.90, 20), ("daffodil", 1.00, 0.78, 0.88, 27),
            ("daisy", 1.00, 0.95, 0.97, 20), ("dandelion", 0.96, 1.00, 0.98, 23),
            ("fritillary", 1.00, 0.95, 0.98, 22), ("iris", 1.00, 0.95, 0.98, 21),
            ("lilyvalley", 1.00, 0.93, 0.97, 15), ("pansy", 1.00, 1.00, 1.00, 19),
            ("snowdrop", 0.92, 0.96, 0.94, 23), ("sunflower", 0.96, 1.00, 0.98, 23),
            ("tigerlily", 0.90, 1.00, 0.95, 19), ("tulip", 0.70, 0.88, 0.78, 16),
            ("windflower", 0.94, 0.94, 0.94, 16),
        ], average: (0.95, 0.94, 0.94), of: 340)

    /// Chapter 10, features of Dogs vs. Cats.
    public static let dogsVsCats = PublishedReport(
        [
            ("cat", 0.99, 0.98, 0.99, 3160), ("dog", 0.98, 0.99, 0.99, 3090),
        ], average: (0.99, 0.99, 0.99), of: 6250)
}
