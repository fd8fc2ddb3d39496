import ArgumentParser
import PyImageSearch
import System

/// Where the programs for Tiny ImageNet find the data set that was built.
public struct TinyImageNetOptions: ParsableArguments {
    @Option(
        help: FlagHelp.data(
            "the HDF5 files and the means that Chapter11BuildTinyImageNet wrote", default: TinyImageNetConfig().hdf5),
        transform: Path.argument)
    var data = TinyImageNetConfig().hdf5

    public init() {}

    public var config: TinyImageNetConfig { TinyImageNetConfig(hdf5: data) }
}
