import FixtureSupport
import Foundation
import Imaging
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

/// What is in a picture, and where a network sees it.
@Suite struct PictureClassifierTests {
    /// Maps of 3x4 positions and 2 channels, averaged, then classes.
    private func averaging(isDropped: Bool = false) throws -> Model {
        let inputs = Input(shape: [5, 6, 3])
        var x = Conv2D(2, kernelSize: (3, 3), activation: .relu, name: "conv")(inputs)
        x = GlobalAveragePooling2D()(x)
        if isDropped { x = Dropout(0.9)(x) }
        let model = try Model(inputs: inputs, outputs: Dense(3, activation: .softmax)(x), name: "averaging").on(.any)
        try model.setWeights([
            hashUniform("gradcam/kernel", shape: [3, 3, 3, 2], -0.4, 0.6),
            hashUniform("gradcam/bias", shape: [2], 0, 0.1),
            Tensor(shape: [2, 3], scalars: [1, 2, 0.5, 3, -0.5, 1]), Tensor(shape: [3], scalars: [0.5, 0, -0.5]),
        ])
        return model
    }

    // MARK: - Grad-CAM

    /// Where maps are averaged before a dense layer, the factor of a map is its weight: Grad-CAM is the class activation map of
    /// Zhou et al. (2016).
    @Test(arguments: 0..<3, [false, true])
    func afterAnAverageItIsTheClassActivationMap(label: Int, isDropped: Bool) throws {
        let model = try averaging(isDropped: isDropped), image = hashImages("gradcam/image", [1, 5, 6, 3])
        let gradCAM = try GradCAM(model)
        #expect(gradCAM.layer == "conv")
        let maps = Model(inputs: model.inputs, outputs: [try model.layer(named: "conv").output])
        try maps.move(to: TestBackend.any.backend)
        let activations = try maps.predict([image])[0].scalars
        let weights = [[1, 3], [2, -0.5], [0.5, 1]][label].map { Float($0) }
        let sums = (0..<12).map { max(0, weights[0] * activations[2 * $0] + weights[1] * activations[2 * $0 + 1]) }
        let largest = try #require(sums.max())
        #expect(largest > 0)
        let expected = Tensor(shape: [3, 4], scalars: sums.map { $0 / largest })
        let before = try model.weights()
        for _ in 0..<2 {  // The first answer changes nothing for the second.
            let found = try gradCAM(image.reshaped(to: [5, 6, 3]), label: label)
            let difference = Difference("map", found, expected, absolute: 1e-4)
            #expect(difference.isWithinTolerance, "\(difference)")
        }
        // The model stays as it is, and can be trained.
        #expect(try model.weights() == before)
        #expect(model.trainableParameterCount == model.parameterCount)
    }

    /// Of a network with normalizations, dropout and two dense layers, computed by TensorFlow 2.21's GradientTape.
    @Test(arguments: TestBackend.allCases)
    func ofADeeperHeadItIsTensorFlows(backend: TestBackend) throws {
        let inputs = Input(shape: [8, 8, 3])
        var x = Conv2D(4, kernelSize: (3, 3), padding: .same, activation: .relu, name: "first")(inputs)
        x = BatchNormalization()(x)
        x = Conv2D(5, kernelSize: (3, 3), activation: .relu, name: "maps")(x)
        x = MaxPooling2D((2, 2))(x)
        x = Dropout(0.5)(x)
        x = Flatten()(x)
        x = Dense(6, activation: .tanh)(x)
        x = BatchNormalization()(x)
        let model = try Model(inputs: inputs, outputs: Dense(3, activation: .softmax)(x)).on(backend)
        try model.setWeights(
            model.layers.flatMap { layer in
                layer.weights.map { weight in
                    let isVariance = weight.name.hasSuffix("variance") || weight.name.hasSuffix("gamma")
                    return hashUniform(
                        "gradcam/\(layer.name)/\(weight.name)", shape: weight.shape, isVariance ? 0.5 : -0.5,
                        isVariance ? 1.5 : 0.5)
                }
            })
        let found = try GradCAM(model)(
            hashImages("gradcam/deep", [1, 8, 8, 3]).reshaped(to: [8, 8, 3]), label: 1)
        let difference = Difference("map", found, Self.tensorFlow, absolute: 1e-4)
        #expect(difference.isWithinTolerance, "\(difference): \(found.scalars)")
    }

    private static let tensorFlow = Tensor(
        shape: [6, 6],
        scalars: [
            0.2175498, 0.2629015, 0.2678428, 0.2815237, 0.2930591, 0.1821278, 0.2484345, 0.2520176, 0.2520176,
            0.2522203,
            0.2459034, 0.7853245, 0.2605507, 0.2520176, 0.2520176, 0.2530605, 0.2462047, 1.0, 0.2434768, 0.2520176,
            0.2520176, 0.252095, 0.2496825, 0.7677989, 0.2437228, 0.2520176, 0.2520176, 0.2516053, 0.251141, 0.6964582,
            0.2160009, 0.2580398, 0.2399465, 0.2530237, 0.2061559, 0.2417519,
        ])

    /// The softmax may be an activation, a layer or within a nested model, and the head may have penalties on its outputs: what is
    /// explained is the same logit.
    @Test func theEndOfTheNetworkChangesNothing() throws {
        let image = hashImages("gradcam/image", [1, 5, 6, 3]).reshaped(to: [5, 6, 3])
        let model = try averaging()
        // Both channels count, and no probability is close to 1.
        var weights = try model.weights()
        weights[0] = hashUniform("gradcam/small", shape: [3, 3, 3, 2], 0, 0.002)
        try model.setWeights(weights)
        let expected = try GradCAM(model)(image, label: 1)
        #expect(try GradCAM(model)(image, label: 0) != expected)
        func end(_ kind: Int) throws -> Model {
            let inputs = Input(shape: [5, 6, 3])
            let maps = Conv2D(2, kernelSize: (3, 3), activation: .relu, name: "conv")(inputs)
            let x = GlobalAveragePooling2D()(maps)
            let outputs: KerasTensor
            switch kind {
            case 0: outputs = Activation(.softmax)(Dense(3)(x))
            case 1: outputs = Softmax()(Dense(3)(x))
            case 2:
                outputs = Dense(3, activation: .softmax)(
                    Dense(2, kernelInitializer: .ones, activityRegularizer: L2(0.5), name: "same")(x))
            default:
                let entry = Input(shape: [2])
                outputs = try Model(inputs: entry, outputs: Softmax()(Dense(3)(entry)), name: "head").call([x])[0]
            }
            let other = try Model(inputs: inputs, outputs: outputs).on(.any)
            var weights = weights
            if kind == 2 {
                let identity = [Tensor(shape: [2, 2], scalars: [1, 0, 0, 1]), Tensor(shape: [2], scalars: [0, 0])]
                weights.insert(contentsOf: identity, at: 2)
            }
            try other.setWeights(weights)
            return other
        }
        for kind in 0..<4 {
            let difference = Difference("map", try GradCAM(end(kind))(image, label: 1), expected, absolute: 1e-4)
            #expect(difference.isWithinTolerance, "\(kind): \(difference)")
            #expect(try end(kind).outputActivation == .softmax)
        }
    }

    @Test func aNetworkWithoutMapsIsRefused() throws {
        let inputs = Input(shape: [4, 4, 3])
        let dense = try Model(inputs: inputs, outputs: Dense(2, activation: .softmax)(Flatten()(inputs))).on(.any)
        #expect(throws: ModelFileError.self) { try GradCAM(dense) }
        #expect(throws: LayerError.self) { try GradCAM(averaging(), layer: "nope") }
        #expect(throws: ModelFileError.self) { try GradCAM(averaging(), layer: "dense") }
    }

    @Test func logitsAreBeforeTheSoftmax() throws {
        let model = try averaging(), logits = try model.withoutOutputActivation()
        let x = hashImages("gradcam/image", [2, 5, 6, 3])
        let probabilities = try model.predict(x), found = try logits.predict(x)
        for row in 0..<2 {
            let powers = found[rows: row..<row + 1].scalars.map { exp($0) }
            for label in 0..<3 {
                #expect(abs(powers[label] / powers.reduce(0, +) - probabilities.scalars[3 * row + label]) < 1e-6)
            }
        }
        #expect(try logits.weights() == model.weights() && logits.layers.map(\.name) == model.layers.map(\.name))
    }

    /// A single output speaks for its class, and its negative for the other.
    @Test func aSingleOutputHasTwoClasses() throws {
        let inputs = Input(shape: [5, 6, 3])
        let x = GlobalAveragePooling2D()(Conv2D(2, kernelSize: (3, 3), activation: .relu, name: "conv")(inputs))
        let model = try Model(inputs: inputs, outputs: Dense(1, activation: .sigmoid)(x)).on(.any)
        try model.setWeights([
            hashUniform("gradcam/kernel", shape: [3, 3, 3, 2], -0.4, 0.6),
            hashUniform("gradcam/bias", shape: [2], 0, 0.1),
            Tensor(shape: [2, 1], scalars: [1, -1]), Tensor(shape: [1], scalars: [0]),
        ])
        let image = hashImages("gradcam/image", [1, 5, 6, 3]).reshaped(to: [5, 6, 3])
        let gradCAM = try GradCAM(model)
        let maps = try (0...1).map { try gradCAM(image, label: $0).scalars }
        // Where one class gains, the other one does not.
        #expect(maps.contains { $0.contains(1) })
        #expect(zip(maps[0], maps[1]).allSatisfy { $0 == 0 || $1 == 0 })
        #expect(throws: TrainingError.self) { try gradCAM(image, label: 2) }
        #expect(throws: TrainingError.self) { try GradCAM(averaging())(image, label: 3) }
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let classifier = try PictureClassifier(
            contentsOf: saved(model, in: folder), backend: TestBackend.any.backend
        ) { _ in }
        let both = try classifier.probabilities(of: [classifier.preparation(crops: 1)(picture)])[0]
        #expect(both.count == 2 && abs(both[0] + both[1] - 1) < 1e-6 && classifier.classNames.count == 2)
    }

    // MARK: - Classifying

    private func saved(_ model: Model, in folder: TemporaryFolder) throws -> String {
        let path = "\(folder.path)/model.hdf5"
        try model.save(path)
        return path
    }

    private let picture = Image(height: 5, width: 6, pixels: (0..<90).map { UInt8($0 * 53 % 256) })

    /// A model with names and steps needs nothing; of several views the mean counts.
    @Test func aModelKnowsWhatItTakes() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let model = try averaging()
        try model.setClassNames(["ant", "bee", "cat"], from: "the test")
        model.setPictureInput(PictureInput([.aspectAware(width: 6, height: 5)], conversion: .symmetric))
        let path = try saved(model, in: folder)
        var notes: [String] = []
        let classifier = try PictureClassifier(contentsOf: path, backend: TestBackend.any.backend) { notes.append($0) }
        #expect(notes.isEmpty)
        let prepared = try classifier.preparation(crops: 1)(picture)
        let probabilities = try classifier.probabilities(of: [prepared, prepared])
        let x = Tensor(shape: [1, 5, 6, 3], scalars: picture.pixels.map { Float($0) / 127.5 - 1 })
        let expected = try model.predict(x).scalars
        #expect(probabilities == [expected, expected])
        let order = expected.indices.sorted { expected[$0] > expected[$1] }
        let best = classifier.best(2, of: expected)
        #expect(best.map(\.label) == Array(order.prefix(2)))
        #expect(best.map(\.name) == order.prefix(2).map { ["ant", "bee", "cat"][$0] })
        #expect(best.map(\.probability) == order.prefix(2).map { expected[$0] })
        // Ties: the highest index first.
        #expect(classifier.best(3, of: [0.25, 0.5, 0.25]).map(\.label) == [1, 2, 0])
        #expect(throws: ModelFileError.self) { try classifier.preparation(crops: 10) }  // Not a square.
        // A flag is stronger than the file.
        let divided = try PictureClassifier(
            contentsOf: path, normalization: .unit, backend: TestBackend.any.backend
        ) { notes.append($0) }
        #expect(notes.isEmpty && divided.input.conversion == .unit && divided.input.steps == classifier.input.steps)
    }

    /// What a file does not say is assumed, and said.
    @Test func whatIsMissingIsAssumedAloud() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = try saved(averaging(), in: folder)
        var notes: [String] = []
        let classifier = try PictureClassifier(contentsOf: path, backend: TestBackend.any.backend) { notes.append($0) }
        #expect(notes.count == 2 && notes[0].contains("divided by 255") && notes[1].contains("numbered from 0"))
        #expect(classifier.classNames == ["class 0", "class 1", "class 2"])
        #expect(classifier.input == PictureInput([.cover(width: 6, height: 5)], conversion: .unit))
    }

    /// Keras's examples begin with a layer that scales pixels.
    @Test func aNetworkThatScalesItsInputTakesPlainPixels() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let inputs = Input(shape: [5, 6, 3])
        let x = Dense(2, activation: .softmax)(GlobalAveragePooling2D()(Rescaling(scale: 1.0 / 255)(inputs)))
        var notes: [String] = []
        let classifier = try PictureClassifier(
            contentsOf: saved(Model(inputs: inputs, outputs: x).on(.any), in: folder), backend: TestBackend.any.backend
        ) { notes.append($0) }
        #expect(classifier.input.conversion == .plain && !notes.contains { $0.contains("divided by 255") })
    }

    /// A network of `keras.applications` has ImageNet's classes and its own normalization, and heads are left out.
    @Test func networksOfKerasAreKnownByTheirNames() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let network = try SqueezeNet.build(width: 48, height: 48).on(.any)
        var notes: [String] = []
        let classifier = try PictureClassifier(
            contentsOf: saved(network, in: folder), backend: TestBackend.any.backend
        ) { notes.append($0) }
        #expect(notes.count == 2 && notes[0].contains("SqueezeNet") && notes[1].contains("as those of ImageNet"))
        #expect(classifier.classNames[207] == "golden retriever" && classifier.classNames.count == 1000)
        #expect(classifier.input.conversion == .reversed(means: [103.939, 116.779, 123.68], divisor: 1))
        #expect(try classifier.preparation(crops: 10)(picture).count == 10)
        #expect(try classifier.preparation(crops: 144)(picture).count == 144)
        let views = try classifier.preparation(crops: 10)(picture)
        let each = try classifier.probabilities(of: views.map { [$0] })
        let mean = try classifier.probabilities(of: [views])[0]
        for label in [0, 207, 999] {
            #expect(abs(mean[label] - each.map { $0[label] }.reduce(0, +) / 10) < 1e-6)
        }
        let heads = try InceptionV1.build(width: 80, height: 80, depth: 3, classes: 4).on(.any)
        let main = try PictureClassifier(
            contentsOf: saved(heads, in: folder), backend: TestBackend.any.backend
        ) { _ in }
        #expect(main.model.outputNames == ["output"])
        #expect(main.model.parameterCount < heads.parameterCount)
    }

    @Test func otherModelsAreRefused() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        func dense(_ units: Int, _ activation: ActivationFunction) -> (KerasTensor) -> KerasTensor {
            { Dense(units, activation: activation)(Flatten()($0)) }
        }
        let cases: [(Shape, (KerasTensor) -> KerasTensor)] = [
            ([4], { Dense(2, activation: .softmax)($0) }), ([4, 4, 1], dense(2, .softmax)),
            ([4, 4, 3], { Conv2D(2, kernelSize: (3, 3))($0) }), ([4, 4, 3], dense(2, .linear)),
            ([4, 4, 3], dense(3, .sigmoid)),
        ]
        for (shape, layers) in cases {
            let inputs = Input(shape: shape)
            let x = layers(inputs)
            let path = try saved(Model(inputs: inputs, outputs: x).on(.any), in: folder)
            #expect(throws: ModelFileError.self) {
                try PictureClassifier(contentsOf: path, backend: TestBackend.any.backend) { _ in }
            }
        }
    }

    /// Networks are known by their models' names, and a file that is not the published one is used, aloud.
    @Test func otherWeightsThanThePublishedAreNamed() throws {
        for name in PretrainedNetwork.Name.allCases { #expect(name.build(top: true).name == name.kerasName) }
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = try saved(SqueezeNet.build().on(.any), in: folder)
        var notes: [String] = []
        let classifier = try PictureClassifier(
            .squeezenet, weights: path, backend: TestBackend.any.backend
        ) { notes.append($0) }
        #expect(notes.count == 1 && notes[0].contains("does not have the checksum"), "\(notes)")
        #expect(classifier.classNames.count == 1000)
        #expect(throws: ModelFileError.self) {
            try PictureClassifier(.vgg16, weights: path, backend: TestBackend.any.backend) { _ in }
        }
    }

    @Test func theThousandClassesAreKerass() {
        let classes = ImageNetClasses.all
        #expect(classes.count == 1000 && classes.map(\.wordNetID) == classes.map(\.wordNetID).sorted())
        #expect(classes[0].wordNetID == "n01440764" && classes[0].name == "tench")
        #expect(classes[281].name == "tabby" && classes[999].name == "toilet tissue")
        #expect(Set(classes.map(\.wordNetID)).count == 1000)
        #expect(ImageNetClasses.names(for: ["n02123045", "cat"]) == ["tabby", "cat"])
    }
}
