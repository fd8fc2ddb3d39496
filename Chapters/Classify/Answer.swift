import Chapter
import Foundation

/// What the program says of a picture.
struct Answer: Encodable {
    let file: String
    /// The classes, the most probable one first.
    var predictions: [PictureClassifier.Guess] = []
    /// Why the picture could not be read, in place of predictions.
    var error: String?

    private enum Keys: String, CodingKey { case file, predictions, error }
    private enum PredictionKeys: String, CodingKey { case name = "class", label = "index", probability }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Keys.self)
        try container.encode(file, forKey: .file)
        if let error { return try container.encode(error, forKey: .error) }
        var list = container.nestedUnkeyedContainer(forKey: .predictions)
        for guess in predictions {
            var prediction = list.nestedContainer(keyedBy: PredictionKeys.self)
            try prediction.encode(guess.name, forKey: .name)
            try prediction.encode(guess.label, forKey: .label)
            try prediction.encode(guess.probability, forKey: .probability)
        }
    }

    /// A list of answers.
    static func json(_ answers: [Answer]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(answers), as: UTF8.self)
    }
}
