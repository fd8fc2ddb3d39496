import ArgumentParser
import Foundation
import HDF5
import PyImageSearch
import Runs

/// How a program builds the HDF5 files of a data set: the same flags in every one.
public struct BuildOptions: ParsableArguments {
    @Option(help: "Threads that decode.", allowing: .threads)
    public var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: FlagHelp.seed())
    public var seed: UInt64 = 42

    @Option(help: "How the pixels are compressed: gzip, which h5py reads too (default: not at all).")
    public var compression: Compression?

    @Option(
        help: """
            Images in a block of the file, which is read as a whole (default: all images in one piece; with --compression \
            each in a block of its own).
            """,
        allowing: .atLeast(1))
    public var chunkRows: Int?

    @Flag(help: FlagHelp.overwrite)
    public var overwrite = false

    @Flag(help: FlagHelp.skipUnreadable)
    public var skipUnreadable = false

    public init() {}

    public enum Compression: String, CaseIterable, ExpressibleByArgument, Sendable {
        case gzip

        public var filter: HDF5Compression { .gzip() }
    }

    /// A builder that stores images as these flags say.
    ///
    /// - Parameters:
    ///   - side: height and width of all images, in pixels.
    ///   - classNames: by label.
    ///   - source: the folder of the images, for messages.
    ///   - type: how pixels are stored.
    public func builder(
        side: Int, classNames: [String], source: String, type: PixelType = .uint8
    ) -> HDF5DatasetBuilder {
        HDF5DatasetBuilder(
            side: side, classNames: classNames, source: source, elementType: type.elementType, chunkRows: chunkRows,
            compression: compression?.filter, jobs: jobs, skipsUnreadable: skipUnreadable, overwrites: overwrite)
    }

    /// Makes sure, before the work, that the files may be written, and that no other program writes into `folder` until
    /// this one ends.
    ///
    /// - Throws: `HDF5DatasetError` if files are there that may not be replaced; `FileError` if one cannot be written.
    public func claim(_ files: [String], in folder: String) throws {
        try HDF5DatasetWriter.checkFree(files, overwrite: overwrite)
        try OutputFiles.claim(files, in: folder)
    }
}
