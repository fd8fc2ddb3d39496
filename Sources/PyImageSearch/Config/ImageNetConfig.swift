/// Where the programs for ImageNet find each other's files. Flags override it.
public struct ImageNetConfig: Sendable {
    /// The unpacked data set: `train`, `val` and the list of the validation images' classes.
    public var images = "ILSVRC2012"
    /// The folder of the HDF5 files and their means.
    public var hdf5 = "output/imagenet"

    /// The default places.
    public init() {}

    /// The places with the HDF5 files in another folder.
    public init(hdf5: String) { self.hdf5 = hdf5 }

    /// Height and width of the images in the HDF5 files, in pixels.
    public let storedSide = 256

    /// The training images.
    public var trainHDF5: String { "\(hdf5)/train.hdf5" }
    /// The validation images.
    public var valHDF5: String { "\(hdf5)/val.hdf5" }
    /// The means of the training images.
    public var datasetMean: String { "\(hdf5)/imagenet-mean.json" }
}
