import NeuralNetwork
import Testing

/// The multiplications and the depth of networks that are small enough to be counted by hand.
@Suite struct CostTests {
    private func conv(_ filters: Int, _ size: Int, strides: Int = 1, groups: Int = 1) -> Conv2D {
        Conv2D(filters, kernelSize: (size, size), strides: (strides, strides), padding: .same, groups: groups)
    }

    @Test func kernelsMultiplyAtEveryPosition() {
        let input = Input(shape: [8, 6, 4])
        func cost(_ layers: any Layer...) -> Int {
            Model(inputs: input, outputs: layers.reduce(input) { $1($0) }).multiplicationCount
        }
        #expect(cost(conv(5, 3)) == 8 * 6 * 3 * 3 * 4 * 5)
        #expect(cost(conv(5, 3, strides: 2)) == 4 * 3 * 3 * 3 * 4 * 5)
        #expect(cost(conv(6, 1, groups: 2)) == 8 * 6 * 2 * 6)
        #expect(cost(Conv2D(5, kernelSize: (1, 7), padding: .same)) == 8 * 6 * 7 * 4 * 5)
        #expect(cost(Conv2D(5, kernelSize: (3, 3))) == 6 * 4 * 3 * 3 * 4 * 5)
        #expect(cost(DepthwiseConv2D(kernelSize: (3, 3), padding: .same, depthMultiplier: 2)) == 8 * 6 * 3 * 3 * 8)
        #expect(cost(SeparableConv2D(5, kernelSize: (3, 3), padding: .same)) == 8 * 6 * (3 * 3 * 4 + 4 * 5))
        #expect(cost(Flatten(), Dense(7)) == 8 * 6 * 4 * 7)
        #expect(cost(BatchNormalization(), PReLU(), MaxPooling2D((2, 2)), Flatten()) == 0)
    }

    @Test func everyCallCounts() {
        let input = Input(shape: [4, 4, 3])
        let shared = conv(3, 3)
        let once = Model(inputs: input, outputs: shared(input), name: "inner")
        let twice = Model(inputs: input, outputs: shared(shared(input)))
        #expect(once.multiplicationCount == 4 * 4 * 3 * 3 * 3 * 3)
        #expect(twice.multiplicationCount == 2 * once.multiplicationCount && twice.depth == 2)
        let outer = Model(inputs: input, outputs: once(once(input)))
        #expect(outer.multiplicationCount == twice.multiplicationCount && outer.depth == 2)
    }

    @Test func theLongestWayIsTheDepth() {
        let input = Input(shape: [4, 4, 3])
        let branch = Activation(.relu)(conv(3, 3)(BatchNormalization()(conv(2, 1)(input))))
        let sum = Add()([branch, input])
        #expect(Model(inputs: input, outputs: sum).depth == 2)
        let mixed = Concatenate()([conv(4, 1)(sum), MaxPooling2D((2, 2), strides: (1, 1), padding: .same)(sum)])
        #expect(Model(inputs: input, outputs: Dense(5)(Flatten()(mixed))).depth == 4)
        #expect(Model(inputs: [input], outputs: [sum, conv(1, 1)(input)]).depth == 2)
        #expect(Model(inputs: input, outputs: Flatten()(input)).depth == 0)
    }
}
