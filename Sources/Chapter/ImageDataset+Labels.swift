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
        return try (binarizer.transform(trainLabels), binarizer.transform(testLabels))
    }
}
