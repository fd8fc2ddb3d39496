import NeuralNetwork
import Testing
@testable import PyImageSearch

/// The unit that all networks consist of.
@Suite struct ConvUnitTests {
    private func layers(_ unit: ConvUnit, name: String? = nil) -> [PlacedLayer] {
        let input = Input(shape: [9, 9, 3])
        let output = unit(input, 5, (3, 1), strides: (2, 2), padding: .valid, name: name)
        return Array(Model(inputs: input, outputs: output).layers.dropFirst())
    }

    @Test(arguments: [
        (ConvUnit.Order.conv, ["a_conv"]), (.convReLU, ["a_conv", "a_act"]),
        (.convBNReLU, ["a_conv", "a_bn", "a_act"]), (.convReLUBN, ["a_conv", "a_act", "a_bn"]),
        (.bnReLUConv, ["a_bn", "a_act", "a_conv"]),
    ])
    func orders(order: ConvUnit.Order, names: [String]) {
        let layers = layers(ConvUnit(order: order), name: "a")
        #expect(layers.map(\.name) == names)
        #expect(layers.allSatisfy { $0.modules.map(\.name) == ["a"] && $0.modules[0].kind == .convolution })
        #expect(layers.last?.outputShape == [4, 5, 5])
        // The ReLU is in every order, once.
        let functions = layers.map { $0.layer.config["function"] ?? $0.layer.config["activation"] }
        #expect(functions.filter { $0 == "relu" }.count == 1)
    }

    @Test func withoutANameTheModelNumbersTheLayers() {
        let names = layers(ConvUnit(order: .bnReLUConv)).map(\.name)
        #expect(names == ["batch_normalization", "activation", "conv2d"])
    }

    @Test func settingsReachTheLayers() throws {
        let unit = ConvUnit(
            activation: .elu(alpha: 1), kernelInitializer: .heNormal, biasInitializer: .constant(0.2),
            kernelRegularizer: L2(0.5), epsilon: 2e-5, momentum: 0.9,
            suffixes: .init(convolution: "", normalization: "/n", activation: "/a"))
        let layers = layers(unit, name: "x")
        #expect(layers.map(\.name) == ["x", "x/n", "x/a"])
        #expect(layers[0].weights.map(\.initializer) == [.heNormal, .constant(0.2)])
        #expect(layers[0].weights.map { $0.regularizer?.l2 ?? 0 } == [0.5, 0])
        let normalization = try #require(layers[1].layer as? BatchNormalization)
        #expect(normalization.epsilon == 2e-5 && normalization.momentum == 0.9)
        #expect((layers[2].layer as? Activation)?.function == .elu(alpha: 1))
        #expect(self.layers(ConvUnit(useBias: false))[0].weights.map(\.name) == ["kernel"])
    }
}
