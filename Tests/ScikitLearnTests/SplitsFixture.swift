import COpenSSL
import FixtureSupport
import Foundation

/// The cases of splits.json, as NumPy and scikit-learn computed them.
struct SplitsFixture: Decodable {
    struct Generator: Decodable {
        struct Choice: Decodable {
            var n: Int
            var size: Int
            var result: [Int]
        }

        var seed: UInt32
        var raw: [UInt32]
        var permutations: [String: [Int]]
        var shuffledTwice: [String: [[Int]]]
        var randint: [String: [Int]]
        var choices: [Choice]

        enum CodingKeys: String, CodingKey {
            case seed, permutations, randint
            case raw = "raw_uint32"
            case shuffledTwice = "shuffled_twice"
            case choices = "choice_without_replacement"
        }
    }

    struct Split: Decodable {
        var name: String
        /// The split whose training part this one splits.
        var of: String?
        var n: Int
        var testSize: Double
        var randomState: UInt32
        var stratify: String?
        var classes: Int?
        var labels: [Int]?
        var train: [Int]?
        var test: [Int]?
        var trainHead: [Int]?
        var testHead: [Int]?
        var trainHash: String?
        var testHash: String?

        enum CodingKeys: String, CodingKey {
            case name, of, n, stratify, classes, labels, train, test
            case testSize = "test_size"
            case randomState = "random_state"
            case trainHead = "train_head"
            case testHead = "test_head"
            case trainHash = "train_sha256"
            case testHash = "test_sha256"
        }

        /// The class of each sample of a stratified split.
        var stratifyLabels: [Int]? {
            switch (stratify, classes) {
            case ("sorted", .some(let classes)): (0..<n).map { $0 * classes / n }
            case ("interleaved", .some(let classes)): (0..<n).map { $0 % classes }
            default: labels
            }
        }
    }

    struct Folds: Decodable {
        var labels: [Int]
        var nSplits: Int
        var testFold: [Int]

        enum CodingKeys: String, CodingKey {
            case labels
            case nSplits = "n_splits"
            case testFold = "test_fold"
        }
    }

    struct Patches: Decodable {
        var image: [Int]
        var patch: [Int]
        var randomState: UInt32?
        var rows: [Int]
        var columns: [Int]

        enum CodingKeys: String, CodingKey {
            case image, patch, rows, columns
            case randomState = "random_state"
        }
    }

    struct Accuracy: Decodable {
        var n: Int
        var classes: Int
        var score: Double
        var correct: Int
        var truth: [Int]?
        var predictions: [Int]?

        enum CodingKeys: String, CodingKey {
            case n, classes, score, correct
            case truth = "true"
            case predictions = "pred"
        }
    }

    var generators: [Generator]
    var splits: [Split]
    var folds: [Folds]
    var patches: [Patches]
    var accuracies: [Accuracy]

    enum CodingKeys: String, CodingKey {
        case generators = "mt19937"
        case splits = "train_test_split"
        case folds = "stratified_kfold"
        case patches = "extract_patches"
        case accuracies = "accuracy_score"
    }

    static func load() throws -> SplitsFixture {
        try JSONDecoder().decode(
            SplitsFixture.self, from: Data(contentsOf: URL(fileURLWithPath: FixtureFile.splits.path)))
    }
}

/// The SHA-256 of indices as little-endian 32-bit integers, in hexadecimal digits.
func sha256(_ indices: [Int]) -> String {
    let bytes = indices.flatMap { index in (0..<4).map { UInt8(truncatingIfNeeded: index >> (8 * $0)) } }
    var digest = [UInt8](repeating: 0, count: 32), size: UInt32 = 0
    EVP_Digest(bytes, bytes.count, &digest, &size, EVP_sha256(), nil)
    return digest.map { String(format: "%02x", $0) }.joined()
}
