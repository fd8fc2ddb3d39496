import FixtureSupport
import Foundation
import NeuralNetwork
import System
import Testing

/// The names of a model's classes are kept in its file.
@Suite struct ClassNamesTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).hdf5").path

    private func network() throws -> Model {
        let input = Input(shape: [4])
        return try Model(inputs: input, outputs: Dense(3, activation: .softmax)(input)).on(.any)
    }

    @Test(arguments: [true, false])
    func areSaved(isCompiled: Bool) throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try network()
        if isCompiled { model.compile(loss: .categoricalCrossentropy, optimizer: SGD(learningRate: 0.1)) }
        try model.save(path)
        #expect(try Model.load(path).classNames == nil)
        try model.setClassNames(["ant", "bee", "ærøskøbing"], from: "a data set")
        try model.save(path)
        let loaded = try Model.load(path)
        #expect(loaded.classNames == ["ant", "bee", "ærøskøbing"])
        #expect((loaded.compilation != nil) == isCompiled)
        // A data set without names changes nothing; one with other names is refused.
        try loaded.setClassNames(nil, from: "the book's file")
        #expect(loaded.classNames?.count == 3)
        #expect {
            try loaded.setClassNames(["ant", "cow", "ærøskøbing"], from: "cows.hdf5")
        } throws: {
            "\($0)".contains("\(path) and cows.hdf5 have different classes: class 1 is \"bee\"")
        }
    }

    /// A model is only tested on the classes that it was trained on, as far as they are known.
    @Test func othersAreRefused() throws {
        func refusal(of model: Model, _ classes: Int, _ names: [String]?) -> String? {
            do { try model.check("m.hdf5", tellsApart: classes, named: names, of: "test.hdf5") } catch {
                return "\(error)"
            }
            return nil
        }
        let unnamed = try network(), named = try network()
        try named.setClassNames(["ant", "bee", "cow"], from: "a data set")
        for model in [unnamed, named] {
            #expect(refusal(of: model, 3, ["ant", "bee", "cow"]) == nil)
            // Labels need not show all classes.
            #expect(refusal(of: model, 2, nil) == nil)
            #expect(
                refusal(of: model, 2, ["ant", "bee"])?.contains("m.hdf5 tells 3 classes apart, not 2 as in test.hdf5")
                    == true)
            #expect(refusal(of: model, 4, nil)?.contains("not 4") == true)
        }
        let others = ["ant", "bee", "dog"]
        #expect(refusal(of: unnamed, 3, others) == nil)
        #expect(refusal(of: named, 3, others)?.contains("class 2 is \"cow\" in the first and \"dog\"") == true)
        // Older files have a checksum instead of the names.
        unnamed.state.settings = ["class_names": .string(md5(ofNames: ["ant", "bee", "cow"]))]
        #expect(refusal(of: unnamed, 3, ["ant", "bee", "cow"]) == nil)
        #expect(refusal(of: unnamed, 3, others)?.contains("trained on other classes than those of test.hdf5") == true)
        let input = Input(shape: [4, 4, 3])
        let image = Model(inputs: input, outputs: Conv2D(2, kernelSize: (1, 1))(input))
        #expect(refusal(of: image, 2, nil)?.contains("not a list of probabilities") == true)
    }

    /// More than fit into an attribute.
    @Test func anyNumberOfClassNamesIsKept() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let names = (0..<21_841).map { "n\($0)" }
        let model = try network()
        try model.setClassNames(names, from: "ImageNet")
        try model.save(path)
        #expect(try Model.load(path).classNames == names)
    }
}
