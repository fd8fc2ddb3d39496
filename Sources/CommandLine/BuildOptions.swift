import ArgumentParser
import Foundation
import PyImageSearch
import Runs

/// How a program builds the HDF5 files of a data set: the same flags in every one.
public struct BuildOptions: ParsableArguments {
    @Option(help: "Threads that decode.", allowing: .threads)
    public var jobs = ProcessInfo.processInfo.activeProcessorCount

    @Option(help: FlagHelp.seed())
    public var seed: UInt64 = 42

    @Flag(help: FlagHelp.overwrite)
    public var overwrite = false

    @Flag(help: FlagHelp.skipUnreadable)
    public var skipUnreadable = false

    public init() {}

    /// Makes sure, before the work, that the files may be written, and that no other program writes into `folder` until
    /// this one ends.
    ///
    /// - Throws: `HDF5DatasetError` if files are there that may not be replaced; `FileError` if one cannot be written.
    public func claim(_ files: [String], in folder: String) throws {
        try HDF5DatasetWriter.checkFree(files, overwrite: overwrite)
        try OutputFiles.claim(files, in: folder)
    }
}
