import ArgumentParser
import Experiments
import PyImageSearch
import System

/// The folder of the data set that the programs for Dogs vs. Cats read.
public struct DogsVsCatsOptions: ParsableArguments {
    @Option(
        help: FlagHelp.data(
            "the HDF5 files and the means that Chapter09BuildDogsVsCats wrote", default: DogsVsCatsConfig().hdf5),
        transform: Path.argument)
    var data = DogsVsCatsConfig().hdf5

    public init() {}

    public var config: DogsVsCatsConfig { DogsVsCatsConfig(hdf5: data) }

    /// The experiment as it is run on the data set that was built.
    ///
    /// - Throws: `NotBuiltError` or `DatasetError` if the means, which name the classes, cannot be read.
    public func experiment(_ experiment: Experiment) throws -> Experiment {
        let classNames = try ChannelMeans(contentsOf: config.datasetMean).classNames ?? DogsVsCats.classNames
        if classNames == DogsVsCats.classNames { return experiment }
        guard classNames.allSatisfy(Shapes10.classNames.contains) else { return experiment.on(.pictures) }
        var onShapes = experiment.on(.shapes)
        experiment.adaptToShapes10(&onShapes)
        return onShapes
    }
}
