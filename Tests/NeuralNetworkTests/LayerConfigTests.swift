import ComputeGraph
import FixtureSupport
import Tensors
import Testing
@testable import NeuralNetwork

/// Layers' configurations: what is written is read again, and what Keras writes is read or refused.
@Suite struct LayerConfigTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let layer: any Layer
        var inputs: [Shape] = [[8, 6, 4]]
        var testDescription: String { "\(type(of: layer).className) \(layer.config)" }
    }

    /// Every layer with settings that are not Keras's defaults.
    static let cases: [Case] = [
        Case(
            layer: Conv2D(
                6, kernelSize: (3, 2), padding: .same, dilationRate: (2, 3), groups: 2,
                activation: .leakyReLU(negativeSlope: 0.1), kernelInitializer: .orthogonal(gain: 2),
                kernelRegularizer: L1(0.25), biasRegularizer: L1L2(l1: 0.5, l2: 0.125), activityRegularizer: L2(0.5))),
        Case(
            layer: DepthwiseConv2D(
                kernelSize: (3, 2), strides: (2, 2), depthMultiplier: 3, activation: .relu6, useBias: false,
                depthwiseInitializer: .heUniform, depthwiseRegularizer: L2(0.5))),
        Case(
            layer: SeparableConv2D(
                5, kernelSize: (3, 3), padding: .same, depthMultiplier: 2, dilationRate: (2, 2),
                activation: .elu(alpha: 0.5), depthwiseInitializer: .lecunNormal,
                pointwiseInitializer: .randomNormal(mean: 0.5, stddev: 0.25), depthwiseRegularizer: L1(0.5),
                pointwiseRegularizer: L2(0.25), biasRegularizer: L2(0.125))),
        Case(
            layer: Dense(
                3, activation: .hardSilu, kernelInitializer: .truncatedNormal(mean: 0, stddev: 0.5),
                biasInitializer: .randomUniform(minval: -0.5, maxval: 1), biasRegularizer: L1(0.5))),
        Case(
            layer: BatchNormalization(
                momentum: 0.5, epsilon: 0.25, center: false, gammaInitializer: .constant(0.5),
                movingVarianceInitializer: .zeros, gammaRegularizer: L2(0.5))),
        Case(layer: Normalization(.init(mean: [1, 2, 3, 4], variance: [1, 4, 9, 16]))),
        Case(layer: Normalization(.init(mean: [0.5], variance: [0.25]), invert: true)),
        Case(layer: Normalization(invert: true)),
        Case(layer: Rescaling(scale: [0.5, 0.25, 1, 2], offset: [-1])),
        Case(layer: LocalResponseNormalization(depthRadius: 3)),
        Case(layer: Activation(.logSoftmax)), Case(layer: Activation(.leakyReLU(negativeSlope: 0.2))),
        Case(layer: Activation(.rectifier(maxValue: 4, negativeSlope: 0.5, threshold: 1))),
        Case(layer: ReLU()), Case(layer: ReLU(maxValue: 4, negativeSlope: 0.5, threshold: 1)),
        Case(layer: LeakyReLU(negativeSlope: 0.125)), Case(layer: ELU(alpha: 0.5)), Case(layer: Softmax()),
        Case(
            layer: PReLU(alphaInitializer: .constant(0.25), alphaRegularizer: L2(0.5), sharedAxes: [1, 2])),
        Case(layer: MaxPooling2D((3, 2), strides: (1, 2), padding: .same)),
        Case(layer: AveragePooling2D((3, 2), strides: (1, 2), padding: .same)),
        Case(layer: GlobalAveragePooling2D(keepdims: true)), Case(layer: GlobalMaxPooling2D(keepdims: true)),
        Case(layer: Concatenate(), inputs: [[2, 3], [2, 4]]), Case(layer: Add(), inputs: [[2], [2], [2]]),
        Case(layer: Average(), inputs: [[2], [2], [2]]), Case(layer: Subtract(), inputs: [[2], [2]]),
        Case(layer: Multiply(), inputs: [[2, 3, 4], [1, 1, 4]]), Case(layer: Maximum(), inputs: [[2], [2]]),
        Case(layer: Minimum(), inputs: [[2], [2]]), Case(layer: CustomScaleLayer(scale: 0.25), inputs: [[2], [2]]),
        Case(layer: ZeroPadding2D(top: 1, bottom: 2, left: 3, right: 0)),
        Case(layer: Cropping2D(top: 1, bottom: 2, left: 3, right: 0)),
        Case(layer: UpSampling2D((2, 3), interpolation: .bilinear)), Case(layer: Dropout(0.25)),
        Case(layer: Flatten()), Case(layer: Reshape([2, -1, 4])),
    ]

    @Test(arguments: cases) func whatIsWrittenIsReadAgain(_ c: Case) throws {
        let read = try LayerRegistry.layer(
            LayerConfig(className: type(of: c.layer).className, entries: c.layer.config))
        #expect(type(of: read) == type(of: c.layer))
        #expect(read.config == c.layer.config)
        let operations = try c.layer.operations(for: c.inputs)
        #expect(try read.operations(for: c.inputs) == operations)
        #expect(read.weights.map(\.name) == c.layer.weights.map(\.name))
        #expect(read.weights.map(\.initializer) == c.layer.weights.map(\.initializer))
        #expect(read.weights.map(\.regularizer) == c.layer.weights.map(\.regularizer))
        #expect(read.activityRegularizer == c.layer.activityRegularizer)
    }

    private func read(_ className: String, _ entries: [String: JSON]) throws -> any Layer {
        try LayerRegistry.layer(LayerConfig(className: className, entries: entries))
    }

    private func activation(_ config: JSON) throws -> ActivationFunction? {
        (try read("Activation", ["activation": config]) as? Activation)?.function
    }

    /// Keras serializes a layer that is used as a function as a class with its config.
    @Test func anActivationMayBeALayer() throws {
        // As Keras 3.15 and tf_keras 2.21 write it.
        let leaky: JSON = [
            "module": "keras.layers", "class_name": "LeakyReLU",
            "config": [
                "name": "leaky_re_lu", "trainable": true, "negative_slope": 0.25,
                "dtype": ["module": "keras", "class_name": "DTypePolicy", "config": ["name": "float32"]],
            ], "registered_name": nil,
        ]
        #expect(try activation(leaky) == .leakyReLU(negativeSlope: 0.25))
        let alpha: JSON = ["class_name": "LeakyReLU", "config": ["name": "x", "alpha": 0.25]]
        #expect(try activation(alpha) == .leakyReLU(negativeSlope: 0.25))
        #expect(try activation(["class_name": "ReLU", "config": ["max_value": 6]]) == .relu6)
        #expect(try activation(["class_name": "ELU", "config": ["alpha": 0.5]]) == .elu(alpha: 0.5))
        #expect(try activation(["class_name": "Softmax", "config": ["axis": -1]]) == .softmax)
        // A layer with weights is no function, and unknown settings are not passed over.
        for refused: JSON in [
            ["class_name": "PReLU", "config": [:]], ["class_name": "Dense", "config": ["units": 1]],
            ["class_name": "LeakyReLU", "config": ["slope": 0.5]], "sin",
        ] {
            #expect(throws: LayerError.self) { try activation(refused) }
        }
    }

    @Test func namesStandForKerasSettings() throws {
        let names: [(String, ActivationFunction)] = [
            ("leaky_relu", .leakyReLU(negativeSlope: 0.2)), ("relu6", .relu6), ("silu", .silu), ("swish", .silu),
            ("gelu", .gelu(approximate: false)), ("hard_swish", .hardSilu), ("celu", .celu(alpha: 1)),
            ("log_softmax", .logSoftmax), ("hard_sigmoid", .hardSigmoid(slope: 1 / 6)),
        ]
        for (name, function) in names { #expect(try activation(.string(name)) == function) }
        let keras2 = LayerConfig(
            className: "Activation", entries: ["activation": "hard_sigmoid"], hardSigmoidSlope: 0.2)
        #expect((try LayerRegistry.layer(keras2) as? Activation)?.function == .hardSigmoid(slope: 0.2))
    }

    /// Both generations' defaults where they write more than the layer follows.
    @Test func settingsThatMeanNothingAreKnown() throws {
        let separable: [String: JSON] = [
            "filters": 2, "kernel_size": [3, 3], "groups": 1,
            "kernel_initializer": ["class_name": "GlorotUniform", "config": ["seed": nil]],
        ]
        #expect(try read("SeparableConv2D", separable).weights.count == 3)
        #expect(try read("DepthwiseConv2D", ["kernel_size": [3, 3], "groups": 3]).weights.count == 2)
        let normalization: [String: JSON] = [
            "synchronized": false, "renorm": false, "renorm_clipping": nil, "renorm_momentum": 0.99,
        ]
        #expect(try read("BatchNormalization", normalization).weights.count == 4)
    }

    static let refused: [(className: String, entries: [String: JSON], says: String)] = [
        (
            "Conv2D",
            [
                "filters": 2, "kernel_size": 1,
                "activation": ["class_name": "Softmax", "config": ["name": "rows", "axis": 1]],
            ], "activation \"Softmax\" is not known here, or its settings"
        ),
        (
            "Conv2D", ["filters": 2, "kernel_size": [3, 3], "kernel_constraint": ["class_name": "MaxNorm"]],
            "constraint"
        ),
        ("Conv2D", ["filters": 2, "kernel_size": [3, 3], "lora_rank": 4], "lora_rank"),
        ("Conv2D", ["filters": 2, "kernel_size": [3, 3], "data_format": "channels_first"], "data format"),
        (
            "Dense", ["units": 2, "kernel_regularizer": ["class_name": "OrthogonalRegularizer", "config": [:]]],
            "OrthogonalRegularizer"
        ),
        ("Dense", ["units": 2, "bias_regularizer": ["class_name": "L1", "config": ["l1": "x"]]], "must be a number"),
        ("Dense", ["units": 2, "kernel_regularizer": ["class_name": "L1L2", "config": ["l1": -1]]], "L1 penalty"),
        (
            "Dense", ["units": 2, "kernel_initializer": ["class_name": "RandomNormal", "config": ["stddev": -1]]],
            "RandomNormal"
        ),
        ("BatchNormalization", ["renorm": true], "renorm"),
        ("BatchNormalization", ["beta_constraint": ["class_name": "UnitNorm", "config": [:]]], "constraint"),
        ("ReLU", ["max_value": -1], "max_value"), ("ReLU", ["activity_regularizer": ["class_name": "L2"]], "not known"),
        ("Normalization", ["axis": [], "mean": nil, "variance": nil], "axis=None"),
        ("Normalization", ["axis": -1, "mean": [1, 2]], "not both"),
        ("Rescaling", ["offset": 1], "\"scale\" is missing"), ("Rescaling", ["scale": "x"], "a number or a list"),
        ("UpSampling2D", ["interpolation": "bicubic"], "bicubic"),
        ("Reshape", ["target_shape": [0.5]], "whole numbers"),
        ("Reshape", [:], "whole numbers"), ("PReLU", ["shared_axes": "x"], "whole numbers"),
        ("PReLU", ["shared_axes": [1.5]], "whole numbers"),
        ("Cropping2D", ["cropping": [1, 2, 3]], "pair of pairs"), ("CustomScaleLayer", [:], "\"scale\" is missing"),
    ]

    @Test(arguments: refused.indices) func whatIsNotFollowedIsRefused(_ index: Int) {
        let (className, entries, says) = Self.refused[index]
        let error = #expect(throws: LayerError.self) { try read(className, entries) }
        #expect(error?.description.contains(says) == true, "\(error?.description ?? "")")
    }

    /// Keras has no way to write these functions with these settings.
    @Test(arguments: [ActivationFunction.gelu(approximate: true), .celu(alpha: 0.5)])
    func aFunctionWithoutWordsIsNotSaved(_ function: ActivationFunction) throws {
        let input = Input(shape: [4])
        let model = try Model(inputs: input, outputs: Dense(2, activation: function)(input)).on(.any)
        let error = #expect(throws: ModelFileError.self) { try model.save(temporaryPath()) }
        #expect(error?.description.contains("no words") == true)
    }
}
