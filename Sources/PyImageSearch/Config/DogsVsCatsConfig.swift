/// Where the scripts for Dogs vs. Cats find each other's files: the book's `dogs_vs_cats_config`. Flags override it.
public struct DogsVsCatsConfig: Sendable {
    /// The folder of the HDF5 files and their means.
    public var hdf5 = "output/dogs_vs_cats"

    /// The default places.
    public init() {}

    /// The places with the HDF5 files in another folder.
    public init(hdf5: String) { self.hdf5 = hdf5 }

    /// The share of the pictures that becomes the validation set, and as many again the test set: 2,500 of 25,000.
    public let heldOutShare = 0.1
    /// Pictures that are drawn where there are no photographs: so many that training lasts two minutes.
    public let drawnPictures = 400
    /// Their two kinds of shapes, places in ``Shapes10/classNames``: kinds that the small network of
    /// ``PretrainedNetwork/init(trainedOnDrawings:drawings:backend:verbose:)`` has never seen.
    public let drawnKinds = 8..<10
    /// Height and width of the stored images, in pixels.
    public let storedSide = 256
    /// Height and width of what the network sees, in pixels.
    public let side = 227

    /// The training images.
    public var trainHDF5: String { "\(hdf5)/train.hdf5" }
    /// The validation images.
    public var valHDF5: String { "\(hdf5)/val.hdf5" }
    /// The test images.
    public var testHDF5: String { "\(hdf5)/test.hdf5" }
    /// The means of the training images.
    public var datasetMean: String { "\(hdf5)/dogs_vs_cats_mean.json" }
}
