import ArgumentParser
import PyImageSearch
import System

/// The folder of the data set that the programs for Tiny ImageNet read.
public struct TinyImageNetOptions: ParsableArguments {
    @Option(
        help: FlagHelp.data(
            "the HDF5 files and the means that Chapter11BuildTinyImageNet wrote", default: TinyImageNetConfig().hdf5),
        transform: Path.argument)
    var data = TinyImageNetConfig().hdf5

    public init() {}

    public var config: TinyImageNetConfig { TinyImageNetConfig(hdf5: data) }
}
