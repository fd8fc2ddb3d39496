import Files
import Foundation
import Synchronization

/// The files that a program will write.
public enum OutputFiles {
    private static let locks = Mutex<[OutputLock]>([])

    /// Makes sure, before hours of work, that each of these can be written, and that nobody else writes into `folder`, or
    /// the same checkpoint; until the program ends, nobody will. What an earlier run has left unfinished is removed.
    ///
    /// - Throws: `FileError` naming the file, or the place and who holds it.
    public static func claim(_ files: [String], checkpoint: String? = nil, in folder: String) throws {
        let files = files + [checkpoint].compactMap { $0 }
        for file in files { try WholeFile.checkWritable(file) }
        try WholeFile.makeFolder(folder)
        for place in [folder, checkpoint].compactMap({ $0 }) {
            let lock = try OutputLock(place)
            locks.withLock { $0.append(lock) }
        }
        for file in files {
            for abandoned in WholeFile.removeAbandoned(besides: file) {
                info("removed \(abandoned), which a run that was interrupted left unfinished")
            }
        }
    }

    static func release() { locks.withLock { $0 = [] } }
}
