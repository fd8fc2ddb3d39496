/// Where the programs for ImageNet find each other's files. Flags override it.
public struct ImageNetConfig: Sendable {
    /// The unpacked data set: `train`, `val` and the list of the validation images' classes.
    public var images = "ILSVRC2012"
    /// The folder of the HDF5 files, which keep their means beside them.
    public var hdf5 = "output/imagenet"

    public init() {}

    /// The places with the HDF5 files in another folder.
    public init(hdf5: String) { self.hdf5 = hdf5 }

    /// Height and width of the images in the HDF5 files, in pixels.
    public let storedSide = 256
    /// Height and width of what the network sees.
    public let side = 224

    public var trainHDF5: String { "\(hdf5)/train.hdf5" }
    public var valHDF5: String { "\(hdf5)/val.hdf5" }
    public var datasetMean: String { "\(hdf5)/imagenet-mean.json" }
}
