import FixtureSupport
import Foundation
import HDF5
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

/// The networks whose weights others have trained: what fixtures do not have.
@Suite struct ApplicationsTests {
    /// The layers of the file that the package `keras_squeezenet` publishes, in its order.
    private static let squeezeNetLayers =
        ["input_1", "conv1", "relu_conv1", "pool1"] + fires(2, 3) + ["pool3"] + fires(4, 5) + ["pool5"]
        + fires(6, 7, 8, 9) + ["drop9", "conv10", "relu_conv10", "globalaveragepooling2d_1", "loss"]

    private static func fires(_ numbers: Int...) -> [String] {
        numbers.flatMap { number in
            [
                "squeeze1x1", "relu_squeeze1x1", "expand1x1", "expand3x3", "relu_expand1x1", "relu_expand3x3", "concat",
            ].map { "fire\(number)/\($0)" }
        }
    }

    @Test func squeezeNetHasTheLayersOfItsFile() throws {
        let network = SqueezeNet.build()
        #expect(network.layers.map(\.name) == Self.squeezeNetLayers)
        let shapes = [
            "conv1": [113, 113, 64], "pool1": [56, 56, 64], "fire3/concat": [56, 56, 128], "pool3": [27, 27, 128],
            "fire5/concat": [27, 27, 256], "pool5": [13, 13, 256], "fire7/concat": [13, 13, 384],
            "fire9/concat": [13, 13, 512], "conv10": [13, 13, 1000], "loss": [1000],
        ]
        for (name, shape) in shapes {
            #expect(try network.layer(named: name).outputShape.dimensions == shape, "\(name)")
        }
    }

    @Test(arguments: GlobalPooling.allCases)
    func withoutTheTop(pooling: GlobalPooling) {
        let networks = [
            (VGG16.build(includeTop: false, pooling: pooling), 14_714_688, 512, "global_"),
            (VGG19.build(includeTop: false, pooling: pooling), 20_024_384, 512, "global_"),
            (ResNet50.build(includeTop: false, pooling: pooling), 23_587_712, 2048, "\(pooling.rawValue)_pool"),
            (SqueezeNet.build(includeTop: false, pooling: pooling), 722_496, 512, "global_"),
        ]
        for (network, parameters, channels, name) in networks {
            #expect(network.parameterCount == parameters, "\(network.name)")
            #expect(network.outputs[0].shape == [channels])
            #expect(network.outputNames[0].hasPrefix(name), "\(network.outputNames)")
            let isMean = network.layers.last?.className == GlobalAveragePooling2D.className
            #expect(isMean == (pooling == .avg))
        }
        #expect(VGG19.build(includeTop: false).outputs[0].shape == [7, 7, 512])
        #expect(SqueezeNet.build(includeTop: false).outputs[0].shape == [13, 13, 512])
    }

    /// VGG19 has a convolution more in each of the last three blocks.
    @Test func vgg19IsNamedAsInKeras() {
        let names = (VGG19.build().layers.map(\.name))
        let blocks = zip(1...5, [2, 2, 4, 4, 4]).flatMap { block, count in
            (1...count).map { "block\(block)_conv\($0)" } + ["block\(block)_pool"]
        }
        #expect(names == ["input_layer"] + blocks + ["flatten", "fc1", "fc2", "predictions"])
    }

    /// The smallest images, and other numbers of channels and classes.
    @Test func otherSizes() {
        #expect(VGG16.build(width: 32, height: 64, includeTop: false).outputs[0].shape == [2, 1, 512])
        #expect(ResNet50.build(width: 33, height: 64, depth: 1, includeTop: false).outputs[0].shape == [2, 2, 2048])
        #expect(ResNet50.build(width: 32, height: 32, classes: 2).parameterCount == 23_591_810)
        #expect(SqueezeNet.build(width: 31, height: 31, includeTop: false).outputs[0].shape == [1, 1, 512])
        #expect(SqueezeNet.build(width: 64, height: 64, classes: 5).outputs[0].shape == [5])
    }

    /// The head takes whatever a body ends in.
    @Test(arguments: [nil, GlobalPooling.avg])
    func aHeadOnAnyBody(pooling: GlobalPooling?) throws {
        let body = SqueezeNet.build(width: 64, height: 64, includeTop: false, pooling: pooling)
        let model = Model(inputs: body.inputs, outputs: [FCHeadNet.build(body, classes: 4, units: 8)])
        let features = body.outputs[0].shape.count
        #expect(model.parameterCount == 722_496 + (features + 1) * 8 + 9 * 4)
        body.setTrainable(false)
        #expect(model.trainableParameterCount == (features + 1) * 8 + 9 * 4)
        try model.move(to: TestBackend.any.backend)
        let probabilities = try model.predict(hashImages("applications/head", [2, 64, 64, 3]))
        #expect(probabilities.shape == [2, 4])
    }

    // MARK: - Weights

    /// A network without its top takes its weights from a file of the whole, by name; of others it is said what does not
    /// fit.
    @Test func weightsOfOtherNetworksAreNamed() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = "\(folder.path)/squeezenet.hdf5"
        func squeezeNet(classes: Int = 10, includeTop: Bool = true) throws -> Model {
            let model = SqueezeNet.build(width: 64, height: 64, classes: classes, includeTop: includeTop)
            try model.move(to: TestBackend.any.backend)
            return model
        }
        let network = try squeezeNet()
        try network.save(path)
        let body = try squeezeNet(includeTop: false)
        try body.loadWeights(path, byName: true)
        let x = hashImages("applications/weights", [2, 64, 64, 3])
        #expect(try body.predict(x) == network.outputs(ofLayers: ["fire9/concat"], for: x)[0])

        func message(_ model: Model, byName: Bool = false) throws -> String {
            let before = try model.weights()
            do { try model.loadWeights(path, byName: byName) } catch {
                #expect(try model.weights() == before)
                return "\(error)"
            }
            return "loaded"
        }
        let top = try message(body)
        #expect(top.contains("26 layers") && top.contains("25") && top.contains("no place for \"conv10\""), "\(top)")
        let classes = try message(squeezeNet(classes: 5))
        #expect(
            classes.contains("conv10") && classes.contains("(1, 1, 512, 10)") && classes.contains("(1, 1, 512, 5)"),
            "\(classes)")
        let other = VGG16.build(width: 32, height: 32, includeTop: false)
        try other.move(to: TestBackend.any.backend)
        let vgg = try message(other)
        #expect(vgg.contains("fire2/squeeze1x1") && vgg.contains("block1_conv2"), "\(vgg)")
        #expect(vgg.contains("(1, 1, 64, 16)") && vgg.contains("(3, 3, 64, 64)"), "\(vgg)")
        let named = try message(other, byName: true)
        #expect(named.contains("no weights for a layer named \"block1_conv1\""), "\(named)")
        for text in [top, classes, vgg, named] { #expect(text.hasPrefix(path) && !text.contains("\n")) }
    }

    /// Half a file, as a broken download leaves it.
    @Test func halfAFileIsOneLine() throws {
        let folder = try TemporaryFolder()
        defer { withExtendedLifetime(folder) {} }
        let path = "\(folder.path)/half.h5"
        let network = ShallowNet.build(width: 8, height: 8, depth: 3, classes: 3)
        try network.move(to: TestBackend.any.backend)
        try network.save(path)
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
        #expect {
            try network.loadWeights(path)
        } throws: { error in
            let message = "\(error)"
            return message.hasPrefix(path) && message.contains("\(bytes.count / 2) of its \(bytes.count) bytes")
                && message.contains("again") && !message.contains("\n")
        }
    }

    // MARK: - Preprocessing

    /// Keras's `preprocess_input` of mode `caffe`: blue first, minus the means.
    @Test func imagesAreAsCaffeHadThem() throws {
        let image = Tensor(shape: [1, 2, 3], scalars: [255, 0, 10, 1, 2, 3])
        let result = try ImageNetPreprocessor().preprocess(image)
        #expect(result.shape == image.shape)
        let expected: [Float] = [-93.939, -116.779, 131.32, -100.939, -114.779, -122.68]
        #expect(zip(result.scalars, expected).allSatisfy { abs($0 - $1) < 1e-4 }, "\(result.scalars)")
        #expect(throws: PreprocessingError.differentChannels(expected: 3, [1, 1, 1])) {
            try ImageNetPreprocessor().preprocess(Tensor(shape: [1, 1, 1]))
        }
        #expect(throws: PreprocessingError.notAnImage([3])) {
            try ImageNetPreprocessor().preprocess(Tensor(shape: [3]))
        }
    }
}
