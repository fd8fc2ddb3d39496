import Foundation
import System

/// Files that are given for models and are not HDF5: what they are, and what to do with them.
enum ForeignFile {
    /// What the file or folder at `path` is, in words that go on from its name; `nil` where that is not known.
    static func description(_ path: String) -> String? {
        if FileSystem.isFolder(path) {
            let isSavedModel = ["saved_model.pb", "saved_model.pbtxt", "keras_metadata.pb"]
                .contains { FileSystem.exists("\(path)/\($0)") }
            return isSavedModel ? "is a SavedModel folder of TensorFlow; \(saveAsHDF5)" : nil
        }
        guard let file = try? FileBytes.open(path), let bytes = try? file.read(upToCount: 4096) else {
            return FileSystem.size(of: path) == 0 ? "is empty; copy or download it again" : nil
        }
        return bytes.isEmpty ? "is empty; copy or download it again" : description(of: Array(bytes))
    }

    private static let saveAsHDF5 = #"open the model with Keras and save it as HDF5: model.save("model.h5")"#

    /// - Parameter bytes: the file's first.
    static func description(of bytes: [UInt8]) -> String? {
        let text = String(decoding: bytes, as: Unicode.ASCII.self)
        func begins(_ magic: UInt8...) -> Bool { bytes.starts(with: magic) }
        func holds(_ magic: String, at place: Int) -> Bool { bytes.dropFirst(place).starts(with: magic.utf8) }

        let line = text.drop { $0.isWhitespace || !$0.isASCII }.prefix(200).lowercased()
        if text.hasPrefix("version https://git-lfs") {
            return "is a pointer of git-lfs, not the file itself: fetch it with git lfs pull"
        }
        if ["<!doctype", "<html", "<head", "<?xml", "<body", "<error"].contains(where: line.hasPrefix) {
            return "is a web page, not a model: download it again, from the link to the file itself"
        }
        if begins(0x50, 0x4b, 0x03, 0x04) || begins(0x50, 0x4b, 0x05, 0x06) { return zip(text) }
        if begins(0x1f, 0x8b) || begins(0x42, 0x5a, 0x68) || begins(0xfd, 0x37, 0x7a, 0x58, 0x5a)
            || begins(0x28, 0xb5, 0x2f, 0xfd) || begins(0x37, 0x7a, 0xbc, 0xaf)
        {
            return "is compressed; unpack it, and give the model file that is in it"
        }
        if holds("ustar", at: 257) { return "is a tar archive; unpack it, and give the model file that is in it" }
        if holds("TFL3", at: 4) {
            return "is a model of TensorFlow Lite, which is not read here; \(saveAsHDF5)"
        }
        if begins(0x93) && holds("NUMPY", at: 1) { return "is an array of NumPy, not a model" }
        if begins(0x80), bytes.count > 1, (2...5).contains(bytes[1]) {
            return "is a pickle of Python, a program, which is never executed here; save the model as HDF5 with Keras"
        }
        if bytes.count > 9, bytes[8] == UInt8(ascii: "{"), bytes[4..<8].allSatisfy({ $0 == 0 }) {
            return "is a file of safetensors, weights without a network, which is not read here"
        }
        // A message of Google's protocol buffers: its first field is a version, or a list that names operations.
        if begins(0x08), text.contains("onnx") || text.contains("pytorch") || text.contains("tf2onnx") {
            return "is a model of ONNX, which is not read here; give the Keras model as HDF5"
        }
        if begins(0x08), bytes.count > 2, bytes[1] < 0x20, bytes[2] == 0x12 || bytes[2] == 0x1a {
            return "is a protocol buffer, as SavedModel and ONNX are; \(saveAsHDF5)"
        }
        if text.hasPrefix("model_checkpoint_path") || text.contains("_CHECKPOINTABLE_OBJECT_GRAPH") {
            return "is of a checkpoint of TensorFlow; load it into the model with Keras and save that as HDF5"
        }
        if line.hasPrefix("{") {
            return "is JSON, a network's description at most, without weights; \(saveAsHDF5)"
        }
        if begins(0xff, 0xd8, 0xff) || begins(0x89, 0x50, 0x4e, 0x47) { return "is a picture, not a model" }
        return nil
    }

    /// - Parameter text: how the archive begins; the names of its first entries are in it.
    private static func zip(_ text: String) -> String {
        if ["config.json", "metadata.json", "model.weights.h5"].contains(where: text.contains) {
            return "is a .keras archive of Keras 3, which is not read here; \(saveAsHDF5)"
        }
        if text.contains(".npy") { return "is an archive of NumPy's arrays (.npz), not a model" }
        if text.contains("data.pkl") {
            return "is a file of PyTorch, which is not read here; give a Keras model as HDF5"
        }
        return "is a zip archive; unpack it, and give the model file that is in it"
    }
}

extension Model {
    /// The endings of other formats' files, and what these are.
    private static let otherFormats = [
        (".keras", "Keras 3's archives"), (".weights.h5", "Keras 3's files of weights"), (".onnx", "ONNX"),
        (".tflite", "TensorFlow Lite"), (".pb", "TensorFlow"), (".ckpt", "TensorFlow"), (".pt", "PyTorch"),
        (".pth", "PyTorch"), (".safetensors", "safetensors"), (".npy", "NumPy"), (".npz", "NumPy"),
        (".pkl", "Python's pickle"), (".pickle", "Python's pickle"), (".json", "JSON"), (".zip", "archives"),
        (".tar", "archives"), (".gz", "archives"),
    ]

    /// Refuses the name of another format for a model, which ``save(_:keeping:)`` writes as HDF5: whoever opens the file
    /// would take it for what it is called.
    ///
    /// - Throws: ``ModelFileError`` naming the ending, and what to call the file instead.
    public static func checkFileName(_ path: String) throws {
        let name = path.lowercased()
        guard let (ending, format) = otherFormats.first(where: { name.hasSuffix($0.0) }) else { return }
        throw ModelFileError(
            "\(path): \(ending) is an ending of \(format), but models are written as HDF5; call it "
                + "\(path.dropLast(ending.count)).hdf5 or .h5")
    }
}
