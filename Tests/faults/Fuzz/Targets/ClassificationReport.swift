import Imaging
import PyImageSearch
import Runs
import ScikitLearn
import Tensors

extension FuzzTarget {
    /// All evaluations of predictions, with any labels, names and probabilities.
    ///
    /// An input is two numbers of classes, a number of decimals, then alternately eight bytes for a label and four for
    /// a probability.
    static let classificationReport = FuzzTarget(
        name: "classification-report",
        starts: {
            [[3, 3, 2], [2, 2, 4], [1, 1, 0], [200, 200, 2]].map { head in
                head
                    + (0..<40).flatMap { index -> [UInt8] in
                        let label = [UInt8(index) % head[0], 0, 0, 0, 0, 0, 0, 0]
                        let probability = Float(index % 7) / 7
                        return label + (0..<4).map { UInt8(truncatingIfNeeded: probability.bitPattern >> ($0 * 8)) }
                    }
            }
        },
        read: { input, _ in
            var bytes = input[...]
            func number(_ size: Int) -> UInt64 {
                let taken = bytes.prefix(size)
                bytes = bytes.dropFirst(size)
                return taken.reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            let (classes, columns, digits) = (Int(number(1)), Int(number(1)), Int(Int8(truncatingIfNeeded: number(1))))
            var labels: [Int] = [], scores: [Float] = []
            while !bytes.isEmpty {
                labels.append(Int(truncatingIfNeeded: number(8)))
                scores.append(Float(bitPattern: UInt32(number(4))))
            }
            let names = (0..<classes).map { "class \($0)\u{301}" }
            let rows = columns == 0 ? 0 : scores.count / columns
            let probabilities = Tensor(
                shape: [rows, max(columns, 1)], scalars: Array(scores.prefix(rows * max(columns, 1))))
            let predictions = argmax(probabilities)
            let (rank1, rank5) = rank5Accuracy(predictions: probabilities, labels: labels)
            if !((0...1).contains(rank1) && (rank1...1).contains(rank5)) {
                fatalError("\(rank1), \(rank5) are no shares")
            }

            var encoder = LabelEncoder<Int>()
            let numbers = try encoder.fitTransform(labels)
            let decoded = try encoder.inverseTransform(numbers)
            if decoded != labels { fatalError("labels change when they are encoded") }
            // The calls below may each be refused for other reasons.
            let ends: [Result<Void, any Error>] = [
                Result {
                    _ = try ScikitLearn.classificationReport(
                        truth: labels, predictions: numbers, targetNames: names, digits: digits)
                },
                Result {
                    _ = try ScikitLearn.classificationReport(
                        truth: labels, predictions: labels.reversed(), targetNames: names,
                        labels: Array(labels.prefix(classes)), digits: digits)
                },
                Result { _ = try confusionMatrix(truth: labels, predictions: numbers, classes: classes) },
                Result {
                    _ = try ScikitLearn.classificationReport(
                        truth: Array(labels.prefix(rows)), predictions: predictions, targetNames: names)
                },
                Result { _ = try encoder.inverseTransform(labels) },
            ]
            var binarizer = LabelBinarizer<Int>()
            try binarizer.fit(Array(labels.prefix(100)))
            _ = try binarizer.inverseTransform(binarizer.transform(labels))
            _ = RunSamples.Mistakes.mostConfident(
                5, probabilities, truth: Array(labels.prefix(rows)),
                images: ByteImages(shape: [rows, 1, 1, 3], bytes: [UInt8](repeating: 0, count: 3 * rows)))
            if !ends.contains(where: { if case .success = $0 { true } else { false } }) { try ends[0].get() }
        })
}
