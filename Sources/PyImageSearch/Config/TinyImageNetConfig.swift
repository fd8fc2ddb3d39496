/// Where the scripts for Tiny ImageNet find each other's files: the book's `tiny_imagenet_config`. Flags override it.
public struct TinyImageNetConfig: Sendable {
    /// The unpacked data set.
    public var images = "tiny-imagenet-200"
    /// The folder of the HDF5 files and their means.
    public var hdf5 = "output/hdf5"

    /// The default places.
    public init() {}

    /// The places with the HDF5 files in another folder.
    public init(hdf5: String) { self.hdf5 = hdf5 }

    /// The share of each class's training images that becomes the test set: 50 of 500.
    public let testShare = 0.1
    /// Height and width of the images, in pixels.
    public let side = 64

    /// The training images.
    public var trainHDF5: String { "\(hdf5)/train.hdf5" }
    /// The validation images.
    public var valHDF5: String { "\(hdf5)/val.hdf5" }
    /// The test images.
    public var testHDF5: String { "\(hdf5)/test.hdf5" }
    /// The means of the training images.
    public var datasetMean: String { "\(hdf5)/tiny-image-net-200-mean.json" }
}
