import FixtureSupport
@testable import ScikitLearn
import Tensors
import Testing

private func rows(_ tensor: Tensor) -> [[Float]] {
    (0..<tensor.shape[0]).map { tensor[rows: $0..<$0 + 1].scalars }
}

private func check<Label>(_ encoding: MetricsFixture.LabelEncoding<Label>, _ name: String) throws {
    var binarizer = LabelBinarizer<Label>()
    let binary = try binarizer.fitTransform(encoding.labels)
    #expect(rows(binary) == encoding.binarizer, "\(name)")
    if let classes = encoding.binarizerClasses ?? encoding.classes { #expect(binarizer.classes == classes, "\(name)") }
    #expect(try binarizer.inverseTransform(binary) == encoding.labels, "\(name)")
    if let unseen = encoding.transformUnseen {
        #expect(try rows(binarizer.transform(unseen.input)) == unseen.output, "\(name)")
    }

    var encoder = LabelEncoder<Label>()
    let numbers = try encoder.fitTransform(encoding.labels)
    if let expected = encoding.encoder { #expect(numbers == expected, "\(name)") }
    if let classes = encoding.encoderClasses ?? encoding.classes { #expect(encoder.classes == classes, "\(name)") }
    #expect(try encoder.inverseTransform(numbers) == encoding.labels, "\(name)")
}

@Test(.enabled(if: FixtureFile.metrics.exists)) func encodingsMatchScikitLearn() throws {
    let encodings = try MetricsFixture.load().encodings
    #expect(!encodings.isEmpty)
    for (name, encoding) in encodings {
        switch encoding {
        case .integers(let integers): try check(integers, name)
        case .strings(let strings): try check(strings, name)
        }
    }
}

@Test func stringsAreOrderedByCodePoint() throws {
    // A ligature, an astral character, and an é in both spellings, which are equal strings in Swift.
    let labels = ["\u{1F600}", "\u{FB01}", "\u{E9}", "e\u{301}", "f", "Z", "\u{212B}"]
    var encoder = LabelEncoder<String>()
    #expect(try encoder.fitTransform(labels) == [6, 5, 3, 1, 2, 0, 4])
    #expect(encoder.classes.count == 7)
    #expect(
        encoder.classes.map { Array($0.unicodeScalars) }
            == [5, 3, 4, 2, 6, 1, 0].map { Array(labels[$0].unicodeScalars) })
    #expect(throws: LabelError.unseen(label: "\u{C5}")) { try encoder.transform(["\u{C5}"]) }
}

@Test func oneClassHasAColumnOfZeros() throws {
    var binarizer = LabelBinarizer<Int>()
    let binary = try binarizer.fitTransform([7, 7])
    #expect(binary == Tensor(shape: [2, 1]))
    #expect(try binarizer.inverseTransform(binary) == [7, 7])
}

@Test func predictionsAreDecodedToo() throws {
    var three = LabelBinarizer<String>(), two = LabelBinarizer<String>()
    try three.fit(["c", "a", "b"])
    #expect(
        try three.inverseTransform(Tensor(shape: [3, 3], scalars: [0.1, 0.2, 0.7, 0.4, 0.4, 0.2, 0, 0, 0]))
            == ["c", "a", "a"])
    try two.fit(["dog", "cat"])
    #expect(try two.inverseTransform(Tensor(shape: [3, 1], scalars: [0.2, 0.5, 0.6])) == ["cat", "cat", "dog"])
    // A network's two columns.
    #expect(try two.inverseTransform(Tensor(shape: [2, 2], scalars: [0.2, 0.8, 0.6, 0.4])) == ["dog", "cat"])
    #expect(try two.transform(["cow", "dog"]) == Tensor(shape: [2, 1], scalars: [0, 1]))
}

@Test func misuseThrows() throws {
    var binarizer = LabelBinarizer<String>(), encoder = LabelEncoder<String>()
    #expect(throws: LabelError.notFitted) { try binarizer.transform(["a"]) }
    #expect(throws: LabelError.notFitted) { try binarizer.inverseTransform(Tensor(shape: [1, 1])) }
    #expect(throws: LabelError.notFitted) { try encoder.transform(["a"]) }
    #expect(throws: LabelError.notFitted) { try encoder.inverseTransform([0]) }
    #expect(throws: LabelError.noLabels) { try binarizer.fit([]) }
    try binarizer.fit(["a", "b", "c"])
    encoder.fit(["a", "b", "c"])
    #expect(throws: LabelError.wrongShape("(1, 2)", columns: 3)) {
        try binarizer.inverseTransform(Tensor(shape: [1, 2]))
    }
    #expect(throws: LabelError.unseen(label: "d")) { try encoder.transform(["a", "d"]) }
    #expect(throws: LabelError.noSuchClass(number: 3, classes: 3)) { try encoder.inverseTransform([0, 3]) }
    #expect(throws: LabelError.noSuchClass(number: -1, classes: 3)) { try encoder.inverseTransform([-1]) }
}
