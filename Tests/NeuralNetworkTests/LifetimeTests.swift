import ComputeGraph
import FixtureSupport
import Testing
@testable import NeuralNetwork

@Suite struct LifetimeTests {
    /// Plans of every kind of layer, for training and for inference: their memory is freed with the model.
    @Test(arguments: TestBackend.allCases)
    func aModelFreesItsMemory(backend: TestBackend) throws {
        weak var parameters: (any ParameterStorage)?
        do {
            let model = try everyLayer().on(backend)
            model.compile(loss: .meanSquaredError, optimizer: SGD(learningRate: 0.01, momentum: 0.9))
            _ = try step(model, 0)
            _ = try model.predict(hashImages("lifetime", [4, 12, 12, 3]))
            parameters = try model.parameters()
            #expect(parameters != nil)
        }
        #expect(parameters == nil)
    }
}
