import CommandLine
import PyImageSearch
import Runs

extension DogsVsCatsOptions {
    /// What subtracts the means of the training set.
    ///
    /// - Throws: `NotBuiltError` or `DatasetError` if the means cannot be read.
    public var meanPreprocessor: MeanPreprocessor {
        get throws { try ChannelMeans(contentsOf: config.datasetMean).preprocessor }
    }

    /// What images go through if the network is not trained on them: they are scaled to its size, lose the means, and become
    /// arrays.
    ///
    /// - Throws: as ``meanPreprocessor``.
    public var preprocessors: [any Preprocessor] {
        get throws {
            [
                SimplePreprocessor(width: config.side, height: config.side), try meanPreprocessor,
                ImageToArrayPreprocessor(),
            ]
        }
    }
}
