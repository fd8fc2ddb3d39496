import Foundation
import System

/// Recognizes files that are given as models and are not HDF5, and says what to do.
enum ForeignFile {
    /// What the file or folder at `path` is, as words that follow its name in a message; `nil` if unknown.
    static func description(_ path: String) -> String? {
        if FileSystem.isFolder(path) {
            let isSavedModel = ["saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"]
                .contains { FileSystem.exists("\(path)/\($0)") }
            return isSavedModel ? "is a TensorFlow SavedModel folder; \(saveAsHDF5)" : nil
        }
        guard let file = try? FileBytes.open(path), let bytes = try? file.read(upToCount: 4096) else {
            return FileSystem.size(of: path) == 0 ? "is empty; copy or download it again" : nil
        }
        return bytes.isEmpty ? "is empty; copy or download it again" : description(of: Array(bytes))
    }

    private static let saveAsHDF5 = #"open the model with Keras and save it as HDF5: model.save("model.h5")"#

    /// - Parameter bytes: the beginning of the file.
    static func description(of bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: Unicode.ASCII.self)
        func begins(_ magic: UInt8...) -> Bool { bytes.starts(with: magic) }
        func holds(_ magic: String, at place: Int) -> Bool { bytes.dropFirst(place).starts(with: magic.utf8) }

        let line = text.drop { $0.isWhitespace || !$0.isASCII }.prefix(200).lowercased()
        if text.hasPrefix("version https://git-lfs") {
            return "is a git-lfs pointer, not the file itself: fetch it with git lfs pull"
        }
        if ["<!doctype", "<html", "<head", "<?xml", "<body", "<error"].contains(where: line.hasPrefix) {
            return "is a web page, not a model: download it again, from the link to the file itself"
        }
        if begins(0x50, 0x4b, 0x03, 0x04) || begins(0x50, 0x4b, 0x05, 0x06) { return zip(text) }
        if begins(0x1f, 0x8b) || begins(0x42, 0x5a, 0x68) || begins(0xfd, 0x37, 0x7a, 0x58, 0x5a)
            || begins(0x28, 0xb5, 0x2f, 0xfd) || begins(0x37, 0x7a, 0xbc, 0xaf)
        {
            return "is compressed; unpack it, and give the model file from it"
        }
        if holds("ustar", at: 257) { return "is a tar archive; unpack it, and give the model file from it" }
        if holds("TFL3", at: 4) {
            return "is a TensorFlow Lite model, which is not read here; \(saveAsHDF5)"
        }
        if begins(0x93) && holds("NUMPY", at: 1) { return "is a NumPy array, not a model" }
        if begins(0x80), bytes.count > 1, (2...5).contains(bytes[1]) {
            return "is a Python pickle, a program, which is never executed here; save the model as HDF5 with Keras"
        }
        if bytes.count > 9, bytes[8] == UInt8(ascii: "{"), bytes[4..<8].allSatisfy({ $0 == 0 }) {
            return "is a safetensors file, weights without a network, which is not read here"
        }
        // A protocol buffer whose first field is a version, or a list that names operations.
        if begins(0x08), text.contains("onnx") || text.contains("pytorch") || text.contains("tf2onnx") {
            return "is an ONNX model, which is not read here; give the Keras model as HDF5"
        }
        if begins(0x08), bytes.count > 2, bytes[1] < 0x20, bytes[2] == 0x12 || bytes[2] == 0x1a {
            return "is a protocol buffer, like SavedModel and ONNX files; \(saveAsHDF5)"
        }
        if text.hasPrefix("model_checkpoint_path") || text.contains("_CHECKPOINTABLE_OBJECT_GRAPH") {
            return "is part of a TensorFlow checkpoint; load it into the model with Keras and save that as HDF5"
        }
        if line.hasPrefix("{") {
            return "is JSON, at most a network without its weights; \(saveAsHDF5)"
        }
        if begins(0xff, 0xd8, 0xff) || begins(0x89, 0x50, 0x4e, 0x47) { return "is a picture, not a model" }
        return nil
    }

    /// - Parameter text: the beginning of the archive, with the names of its first entries.
    private static func zip(_ text: String) -> String {
        if ["config.json", "metadata.json", "model.weights.h5"].contains(where: text.contains) {
            return "is a Keras 3 archive (.keras), which is not read here; \(saveAsHDF5)"
        }
        if text.contains(".npy") { return "is an archive of NumPy arrays (.npz), not a model" }
        if text.contains("data.pkl") {
            return "is a PyTorch file, which is not read here; give a Keras model as HDF5"
        }
        return "is a zip archive; unpack it, and give the model file from it"
    }
}

extension Model {
    /// Suffixes of other formats' files, and the formats.
    private static let otherFormats = [
        (".keras", "Keras 3's archives"), (".weights.h5", "Keras 3's files of weights"), (".onnx", "ONNX"),
        (".tflite", "TensorFlow Lite"), (".pb", "TensorFlow"), (".ckpt", "TensorFlow"), (".pt", "PyTorch"),
        (".pth", "PyTorch"), (".safetensors", "safetensors"), (".npy", "NumPy"), (".npz", "NumPy"),
        (".pkl", "Python's pickle"), (".pickle", "Python's pickle"), (".json", "JSON"), (".zip", "archives"),
        (".tar", "archives"), (".gz", "archives"),
    ]

    /// Refuses a file name of another format: models are written as HDF5, and a misleading name would cause errors
    /// later.
    ///
    /// - Parameter path: a path to save a model to.
    /// - Throws: ``ModelFileError`` naming the suffix and a better name.
    public static func checkFileName(_ path: String) throws {
        let name = path.lowercased()
        guard let (ending, format) = otherFormats.first(where: { name.hasSuffix($0.0) }) else { return }
        throw ModelFileError(
            "\(path): \(ending) is a suffix of \(format), but models are written as HDF5; call it "
                + "\(path.dropLast(ending.count)).hdf5 or .h5")
    }
}
