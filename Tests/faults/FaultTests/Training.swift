import Foundation
import ProgramSupport

/// A short training for fault injection, on a drawn Tiny ImageNet of 54 images, in its own folder.
struct Training {
    let folder: String
    static let epochs = 3

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        _ = try TinyImageNetTree("\(folder)/tree")
        let built = try Command.run("build_tiny_imagenet", build("hdf5"), in: folder)
        guard built.status == 0 else { throw Failed(errors: built.errors) }
    }

    struct Failed: Error { let errors: String }

    func remove() { try? FileManager.default.removeItem(atPath: folder) }

    func build(_ output: String) -> [String] { ["--data", "\(folder)/tree", "--output", "\(folder)/\(output)"] }

    /// The arguments of a training program that keep its files in the run's own folder.
    func arguments(_ program: String, _ more: [String] = []) -> [String] {
        // The smallest network that `train` offers; `train_decay` has only one.
        let experiment = program == "train" ? ["--experiment", "book-1"] : []
        return ["--data", "\(folder)/hdf5", "--batch-size", "8", "--epochs", "\(Self.epochs)", "--seed", "3"]
            + experiment
            + more
    }

    func train(_ more: String...) -> [String] { arguments("train", more) }
    func decay(_ more: String...) -> [String] { arguments("train_decay", more) }

    func make(_ name: String) throws -> String {
        let path = "\(folder)/\(name)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}

/// The contents of a file; empty if there is none.
func contents(_ path: String) -> Data { FileManager.default.contents(atPath: path) ?? Data() }

func names(in folder: String) -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).sorted()
}
