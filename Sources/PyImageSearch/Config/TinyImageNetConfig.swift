/// Where the scripts for Tiny ImageNet find each other's files: the book's `tiny_imagenet_config`. Flags override it.
public struct TinyImageNetConfig: Sendable {
    /// The unpacked data set, as it comes.
    public var images = "tiny-imagenet-200"
    /// The folder of the HDF5 files, which keep their means beside them.
    public var hdf5 = "output/hdf5"

    public init() {}

    /// The places with the HDF5 files in another folder.
    public init(hdf5: String) { self.hdf5 = hdf5 }

    /// Of the images of each class the share that is taken from the training set to test on: 50 of 500.
    public let testShare = 0.1
    /// The size of the images, in pixels.
    public let side = 64

    public var trainHDF5: String { "\(hdf5)/train.hdf5" }
    public var valHDF5: String { "\(hdf5)/val.hdf5" }
    public var testHDF5: String { "\(hdf5)/test.hdf5" }
    public var datasetMean: String { "\(hdf5)/tiny-image-net-200-mean.json" }
}
