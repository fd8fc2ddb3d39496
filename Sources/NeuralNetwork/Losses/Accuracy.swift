import Tensors

/// Keras's "accuracy". With one unit: output and target are on the same side of the threshold. With several units: the
/// largest output is where the largest target is; the first one wins a tie.
enum Accuracy {
    /// Number of samples whose prediction is right.
    ///
    /// - Parameter threshold: the decision threshold of a single unit: 0.5 for probabilities, 0 for logits.
    static func correct(_ output: Tensor, target: Tensor, threshold: Float = 0.5) -> Double {
        let units = output.shape.dimensions.last ?? 1
        let rows = output.count / max(units, 1)
        let rowsPerSample = rows / max(output.shape[0], 1)
        var correct = 0
        output.scalars.withUnsafeBufferPointer { y in
            target.scalars.withUnsafeBufferPointer { t in
                for row in 0..<rows {
                    if units == 1 {
                        if (y[row] > threshold) == (t[row] > 0.5) { correct += 1 }
                    } else {
                        let range = row * units..<(row + 1) * units
                        if y[range].argmax() == t[range].argmax() { correct += 1 }
                    }
                }
            }
        }
        return Double(correct) / Double(rowsPerSample)
    }
}
