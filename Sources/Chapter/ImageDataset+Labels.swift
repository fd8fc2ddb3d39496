import PyImageSearch
import ScikitLearn
import Tensors

extension ImageDataset {
    /// The labels as rows with a 1 in the column of the class, `[images, classes]`. A class without images has its
    /// column too.
    ///
    /// - Throws: `LabelError` if a label is not among ``classNames``.
    public func oneHotLabels() throws -> (train: Tensor, test: Tensor) {
        var binarizer = LabelBinarizer<Int>()
        try binarizer.fit(Array(classNames.indices))
        func columns(_ labels: [Int]) throws -> Tensor {
            let rows = try binarizer.transform(labels)
            // Of two classes the binarizer makes one column, and a softmax has two.
            guard classNames.count == 2 else { return rows }
            return Tensor(shape: [labels.count, 2], scalars: rows.scalars.flatMap { [1 - $0, $0] })
        }
        return try (columns(trainLabels), columns(testLabels))
    }
}
