import NeuralNetwork
import Synchronization
import System

/// The files that a program will write.
public enum OutputFiles {
    /// By the places that they lock.
    private static let locks = Mutex<[[UInt8]: OutputLock]>([:])

    /// Checks, before hours of work, that each of these files can be written, and locks `folder` and the checkpoint
    /// against other programs until this one ends. Unfinished files of earlier runs are removed.
    ///
    /// - Parameters:
    ///   - files: to be written.
    ///   - inputs: which the program reads, so that none of the files may take their place.
    ///   - checkpoint: to be written too.
    ///   - folder: of the files.
    /// - Throws: `FileError` naming the file, or the place and the process that holds it.
    public static func claim(
        _ files: [String], reading inputs: [String] = [], checkpoint: String? = nil, in folder: String
    ) throws {
        let checkpoints = checkpoint.map { [$0, ModelCheckpoint.previousPath($0)] } ?? []
        let files = files + checkpoints
        for file in files { try WholeFile.checkWritable(file) }
        let places = files.map { Path.resolved($0).pathBytes }
        if let twice = zip(files, places).first(where: { _, place in places.count { $0 == place } > 1 }) {
            throw FileError("\(twice.0) would be written twice, with different contents; choose other names")
        }
        if let input = inputs.first(where: { places.contains(Path.resolved($0).pathBytes) }) {
            throw FileError("\(input) is read, and would be overwritten; choose another name for the output")
        }
        try WholeFile.makeFolder(folder)
        for place in [folder, checkpoint].compactMap({ $0 }) {
            // A program of several runs may claim a place for each.
            let key = Array(Path.resolved(place).pathBytes)
            try locks.withLock { if $0[key] == nil { $0[key] = try OutputLock(place) } }
        }
        for folder in Set(files.map(Path.folder(of:)) + [folder]) {
            for abandoned in WholeFile.removeAbandoned(in: folder) {
                info("removed \(abandoned), which an interrupted run left unfinished")
            }
        }
    }

    /// Unlocks all places that were claimed.
    public static func release() { locks.withLock { $0 = [:] } }
}
