import FixtureSupport
import Foundation
import Tensors
import Testing
@testable import NeuralNetwork

/// Small models in every format that Keras writes: nested, shared, frozen in part, with a scaled residual.
@Suite struct KerasFilesFixtureTests {
    /// A file, and the side file of its model.
    struct Case: Sendable, CustomTestStringConvertible {
        let fixture: KerasFixture
        let file: String
        var path: String { "\(fixture.folder)/\(file)" }
        var testDescription: String { file }

        /// Whole models in the older format.
        var isWholeModel: Bool {
            (file.hasSuffix(".h5") || file.hasSuffix(".hdf5")) && !file.hasSuffix(".weights.h5")
        }

        static func all() throws -> [Case] {
            try FixtureFile.kerasFiles.sideFiles().flatMap { fixture in
                let files = try fixture.open().setting("files").strings
                guard !files.isEmpty else { throw FixtureError(description: "\(fixture) is of no files") }
                return files.map { Case(fixture: fixture, file: $0) }
            }
        }

        static func wholeModels(refused: Bool) throws -> [Case] {
            try all().filter { try $0.isWholeModel && $0.isRefused == refused }
        }

        /// Files of weights in the newer format.
        static func weights() throws -> [Case] { try all().filter { $0.file.hasSuffix(".weights.h5") } }

        private var isRefused: Bool { get throws { try fixture.open().config["refuse"]?.integer == 1 } }
    }

    @Test(arguments: try Case.wholeModels(refused: false), TestBackend.allCases)
    func predictionsAreKeras(_ file: Case, on backend: TestBackend) throws {
        let io = try file.fixture.open()
        var warnings: [String] = []
        let model = try Model.load(file.path, on: backend) { warnings.append($0) }
        #expect(warnings == [])
        #expect(model.parameterCount == io.config["total_params"]?.integer)
        #expect(model.trainableParameterCount == io.config["trainable_params"]?.integer)

        let inputs = try #require(try io.setting("n_inputs").integer), outputs = try io.setting("n_outputs").integer
        let x = try (0..<inputs).map { number in
            try inputs == 1 ? io.images("input_key") : io.images("input_key\(number)", "input_shape\(number)")
        }
        let predictions = try model.predict(x)
        #expect(predictions.count == outputs)
        for (number, prediction) in predictions.enumerated() {
            let name = predictions.count == 1 ? "prediction" : "prediction\(number)"
            let difference = Difference(name, prediction, try io.tensor(name), absolute: 1e-5)
            #expect(difference.isWithinTolerance, "\(file.file): \(difference)")
        }
        let names = try io.setting("output_names").strings
        if !names.isEmpty { #expect(model.outputNames == names) }
    }

    /// Each weight has its layer's name, is of the shape, trainable or frozen, and begins as Keras's.
    @Test(arguments: try Case.wholeModels(refused: false))
    func weightsAreThoseOfTheirLayers(_ file: Case) throws {
        let io = try file.fixture.open(), model = try Model.load(file.path)
        let paths = try io.setting("weight_paths").strings, parameters = model.graph.parameters
        // The layer's own name: writers differ in the models around it, and in the names of depthwise kernels.
        #expect(parameters.map { layer($0.name) } == paths.map { layer($0) })
        let shapes = try io.setting("weight_shapes").strings.map {
            Shape($0.split(separator: "x").compactMap { Int($0) })
        }
        #expect(parameters.map(\.shape) == shapes)
        #expect(
            parameters.map(\.isTrainable) == (try io.setting("weight_trainable").array?.map { $0 == true || $0 == 1 }))
        let weights = try model.weights()
        let sums = try io.tensor("weight_sums"), first = try io.tensor("weight_first")
        for (index, weight) in weights.enumerated() {
            #expect(abs(weight.scalars[0] - first.scalars[index]) <= 1e-6, "\(paths[index])")
            let sum = weight.scalars.reduce(0.0) { $0 + Double($1) }
            #expect(abs(sum - Double(sums.scalars[index])) <= 1e-5 * max(1, abs(sum)), "\(paths[index])")
        }
    }

    private func layer(_ path: String) -> String { path.split(separator: "/").dropLast().last.map(String.init) ?? path }

    /// Saved by us and opened again, frozen parts included.
    @Test(arguments: try Case.wholeModels(refused: false))
    func ourFilesOfThemAreTheSame(_ file: Case) throws {
        let path = temporaryPath()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let model = try Model.load(file.path)
        try model.save(path)
        let again = try Model.load(path)
        #expect(again.config == model.config)
        #expect(try again.weightsByName() == model.weightsByName())
        #expect(again.graph.parameters.map(\.isTrainable) == model.graph.parameters.map(\.isTrainable))
    }

    @Test(arguments: try Case.wholeModels(refused: true))
    func whatLooksAlikeIsRefused(_ file: Case) throws {
        #expect { try Model.load(file.path) } throws: { error in
            let message = "\(error)"
            return message.hasPrefix(file.path) && message.contains("Lambda") && !message.contains("\n")
        }
    }

    /// Keras 3's archives are not read here; its files of weights have no network. Each is named.
    @Test(arguments: try Case.all().filter { !$0.isWholeModel })
    func otherFormatsAreNamed(_ file: Case) throws {
        let format = file.file.hasSuffix(".keras") ? "(.keras)" : "(.weights.h5)"
        #expect { try Model.load(file.path) } throws: { error in
            let message = "\(error)"
            return message.hasPrefix(file.path) && message.contains(format) && !message.contains("\n")
        }
    }

    /// The model of a file of weights, from the whole file beside it, with other weights.
    private func blankModel(_ file: Case, renamed: Bool = false, on backend: TestBackend = .any) throws -> Model {
        let name = file.file.dropLast(".weights.h5".count)
        let whole = try #require(
            ["hdf5", "h5"].map { "\(file.fixture.folder)/\(name).\($0)" }
                .first { FileManager.default.fileExists(atPath: $0) })
        var config = try Model.load(whole) { _ in }.config
        if renamed {
            // As values, not as keys.
            var text = try config.text()
            for name in try Set(Model.load(whole) { _ in }.network.paths().flatMap(\.path)) {
                text.replace(try Regex("\"\(name)\"(?!\\s*:)"), with: "\"new_\(name)\"")
            }
            config = try JSON(parsing: text)
        }
        return try Model(config: config).on(backend)
    }

    /// Models whose whole file is here too.
    private static func loadable() throws -> [Case] {
        try Case.weights().filter { file in
            let name = file.file.dropLast(".weights.h5".count)
            return ["hdf5", "h5"].contains {
                FileManager.default.fileExists(atPath: "\(file.fixture.folder)/\(name).\($0)")
            }
        }
    }

    /// By names where Keras 3 wrote them, and by places within the classes, as in Keras.
    @Test(arguments: try loadable(), [false, true])
    func filesOfWeightsPredictAsKeras(_ file: Case, renamed: Bool) throws {
        let io = try file.fixture.open(), model = try blankModel(file, renamed: renamed)
        try model.loadWeights(file.path)
        let prediction = try model.predict(io.images("input_key"))
        let difference = Difference("prediction", prediction, try io.tensor("prediction"), absolute: 1e-5)
        #expect(difference.isWithinTolerance, "\(file.file): \(difference)")
    }

    /// What does not fit is named, and nothing is changed.
    @Test func filesOfOtherWeightsAreNamed() throws {
        let path = try #require(try Case.weights().first { $0.file == "partly_frozen.weights.h5" }).path
        func message(_ layers: [any Layer], byName: Bool = false) throws -> String {
            let model = try Sequential([8, 8, 3], layers).on(.any)
            let before = try model.weights()
            do { try model.loadWeights(path, byName: byName) } catch {
                #expect(try model.weights() == before)
                return "\(error)"
            }
            return "loaded"
        }
        let shape = try message([Conv2D(5, kernelSize: (1, 1))])
        #expect(
            shape.contains("layer \"outer_conv1\" is (1, 1, 3, 4)") && shape.contains("conv2d/kernel is (1, 1, 3, 5)"))
        let count = try message([Conv2D(4, kernelSize: (1, 1), useBias: false)])
        #expect(count.contains("layer \"outer_conv1\" has 2 weights") && count.contains("\"conv2d\" (Conv2D) has 1"))
        let more = try message([Conv2D(4, kernelSize: (1, 1))])
        #expect(more.contains("has weights for 5 layers") && more.contains("has 1 with weights: no place for"))
        let fewer = try message([Flatten(), Dense(3), Dense(3, name: "second")])
        #expect(fewer.contains("dense/kernel is (192, 3)"))
        let absent = try message([SeparableConv2D(4, kernelSize: (3, 3), name: "absent")])
        #expect(absent.contains("no weights for a layer named \"absent\""))
        #expect(try message([Conv2D(4, kernelSize: (1, 1), name: "outer_conv1")], byName: true) == "loaded")
        let unnamed = try message([Conv2D(4, kernelSize: (1, 1))], byName: true)
        #expect(unnamed.contains("no weights for a layer named \"conv2d\""))
        for text in [shape, count, more, fewer, absent, unnamed] {
            #expect(text.hasPrefix(path) && !text.contains("\n"), "\(text)")
        }
    }

    /// Three more steps from the file's state, where a file that we read has one. Losses of random numbers differ.
    @Test(
        arguments: try Case.wholeModels(refused: false).filter {
            let io = try $0.fixture.open()
            return (io.contains("continued_losses") || io.contains("losses")) && io.config["random_losses"] != 1
        }, TestBackend.allCases)
    func trainingContinues(_ file: Case, on backend: TestBackend) throws {
        let io = try file.fixture.open()
        let model = try Model.load(file.path, on: backend).withoutDropout()
        let losses = try io.tensor(io.contains("losses") ? "losses" : "continued_losses")
        let batch = try #require(try io.setting("batch").integer)
        let shape = try io.shape("input_shape").sample.batched(batch), classes = model.outputs[0].shape.count
        let steps = try io.config["steps"] ?? io.setting("continued_steps")
        for (number, step) in (steps.array ?? []).compactMap(\.integer).enumerated() {
            let key = (try io.setting("train_input_key").string ?? "").replacing("<step>", with: "\(step)")
            let targets = oneHot((0..<batch).map { (3 * $0 + step) % classes }, classes: classes)
            let loss = try model.trainOnBatch(Batch(inputs: [hashImages(key, shape)], targets: [targets]))
            let expected = Double(losses.scalars[number])
            #expect(abs(loss - expected) <= 1e-5 * max(1, expected), "step \(step): \(loss), not \(expected)")
        }
        for (name, weight) in try model.weightsByName() {
            let dataset = "after_" + name.split(separator: "/").suffix(2).joined(separator: "_")
            let difference = Difference(dataset, weight, try io.tensor(dataset), absolute: 5e-6)
            #expect(difference.isWithinTolerance, "\(difference)")
        }
    }
}
