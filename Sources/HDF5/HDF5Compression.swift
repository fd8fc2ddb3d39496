/// How the blocks of a dataset are compressed.
public enum HDF5Compression: Sendable, Equatable {
    /// Deflate, which every reader of HDF5 has. The level goes from 0 to 9, where 9 takes the longest; h5py's default is 4.
    case gzip(level: Int = 4)
}
