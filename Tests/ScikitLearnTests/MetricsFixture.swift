import FixtureSupport
import Foundation
@testable import ScikitLearn

/// The cases of metrics.json, as scikit-learn and NumPy computed them.
struct MetricsFixture: Decodable {
    struct Report: Decodable {
        struct Scores: Decodable {
            var precision: Double
            var recall: Double
            var f1: Double
            var support: Double

            enum CodingKeys: String, CodingKey {
                case precision, recall, support
                case f1 = "f1-score"
            }
        }

        /// A row of the report is either scores or a single number.
        enum Row: Decodable {
            case scores(Scores)
            case number(Double)

            init(from decoder: any Decoder) throws {
                if let number = try? decoder.singleValueContainer().decode(Double.self) {
                    self = .number(number)
                } else {
                    self = .scores(try Scores(from: decoder))
                }
            }
        }

        var name: String
        var targetNames: [String]
        var truth: [Int]
        var predictions: [Int]
        var text: String
        var textDigits4: String
        var rows: [String: Row]
        var confusionMatrix: [[Int]]

        enum CodingKeys: String, CodingKey {
            case name, text
            case targetNames = "target_names"
            case truth = "y_true"
            case predictions = "y_pred"
            case textDigits4 = "text_digits4"
            case rows = "dict"
            case confusionMatrix = "confusion_matrix"
        }
    }

    struct Ranked: Decodable {
        var name: String
        var predictions: [[Float]]
        var labels: [Int]
        var order: [[Int]]
        var rank1: Double
        var rank5: Double
    }

    enum Encoding: Decodable {
        case strings(LabelEncoding<String>)
        case integers(LabelEncoding<Int>)

        init(from decoder: any Decoder) throws {
            if let integers = try? LabelEncoding<Int>(from: decoder) {
                self = .integers(integers)
            } else {
                self = .strings(try LabelEncoding<String>(from: decoder))
            }
        }
    }

    struct LabelEncoding<Label: Decodable & Comparable & Hashable>: Decodable {
        struct Unseen: Decodable {
            var input: [Label]
            var output: [[Float]]
        }

        var labels: [Label]
        var binarizer: [[Float]]
        var encoder: [Int]?
        var classes: [Label]?
        var binarizerClasses: [Label]?
        var encoderClasses: [Label]?
        var transformUnseen: Unseen?

        enum CodingKeys: String, CodingKey {
            case labels, binarizer, encoder, classes
            case binarizerClasses = "binarizer_classes"
            case encoderClasses = "encoder_classes"
            case transformUnseen = "transform_unseen"
        }
    }

    var reports: [Report]
    var ranked: [Ranked]
    /// By name: all keys of the file that begin with `label_encoding`.
    var encodings: [String: Encoding] = [:]

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        let file = try decoder.container(keyedBy: Key.self)
        reports = try file.decode([Report].self, forKey: Key(stringValue: "classification_reports"))
        ranked = try file.decode([Ranked].self, forKey: Key(stringValue: "ranked"))
        for key in file.allKeys where key.stringValue.hasPrefix("label_encoding") {
            encodings[key.stringValue] = try file.decode(Encoding.self, forKey: key)
        }
    }

    static func load() throws -> MetricsFixture {
        try JSONDecoder().decode(
            MetricsFixture.self, from: Data(contentsOf: URL(fileURLWithPath: FixtureFile.metrics.path)))
    }
}
