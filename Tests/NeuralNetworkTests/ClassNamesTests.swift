import Foundation
import NeuralNetwork
import Testing

/// What a model's outputs stand for goes with it into its file.
@Suite struct ClassNamesTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).hdf5").path

    private func network() -> Model {
        let input = Input(shape: [4])
        return Model(inputs: input, outputs: Dense(3, activation: .softmax)(input))
    }

    @Test(arguments: [true, false])
    func areSaved(isCompiled: Bool) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = network()
        if isCompiled { model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1)) }
        try model.save(path)
        #expect(try Model.load(path).classNames == nil)
        try model.setClassNames(["ant", "bee", "ærøskøbing"], from: "a data set")
        try model.save(path)
        let loaded = try Model.load(path)
        #expect(loaded.classNames == ["ant", "bee", "ærøskøbing"])
        #expect((loaded.compilation != nil) == isCompiled)
        // A data set without names changes nothing, one with others is refused.
        try loaded.setClassNames(nil, from: "the book's file")
        #expect(loaded.classNames?.count == 3)
        #expect {
            try loaded.setClassNames(["ant", "cow", "ærøskøbing"], from: "cows.hdf5")
        } throws: {
            "\($0)".contains("\(path) and cows.hdf5 have different classes: class 1 is \"bee\"")
        }
    }

    /// More than fit into an attribute.
    @Test func areAsManyAsThereAre() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let names = (0..<21_841).map { "n\($0)" }
        let model = network()
        try model.setClassNames(names, from: "ImageNet")
        try model.save(path)
        #expect(try Model.load(path).classNames == names)
    }
}
