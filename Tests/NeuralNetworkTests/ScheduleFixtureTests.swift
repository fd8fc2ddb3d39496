import ComputeGraph
import FixtureSupport
import HostMemory
import Tensors
import Testing
@testable import NeuralNetwork

/// Every schedule of schedules.json, epoch by epoch.
@Test(arguments: try FixtureFile.schedules.list("schedules"))
func schedule(fixture: JSON) throws {
    let name = fixture["name"]?.string ?? "?"
    let parameters = fixture["parameters"]
    func number(_ key: String) throws -> Double { try #require(parameters?[key]?.number, "\(name): \(key)") }
    let values = (fixture["values"]?.array ?? []).compactMap(\.number)
    #expect(!values.isEmpty, "\(name)")
    let rate: (Int) throws -> Double
    switch fixture["kind"]?.string {
    case "polynomial":
        let schedule = PolynomialDecay(
            initialLearningRate: try number("base"), decaySteps: Int(try number("max_epochs")),
            power: try number("power"))
        rate = schedule.learningRate(at:)
    case "step_table":
        let rows = try #require(parameters?["table_last_epoch_1based_and_lr"]?.array)
        let schedule = StepTable(
            rows.compactMap { row in
                guard let through = row.array?[0].integer, let rate = row.array?[1].number else { return nil }
                return (through, rate)
            })
        rate = schedule.learningRate(at:)
    case "exponential_step":
        let schedule = ExponentialStaircase(
            initial: try number("initial"), drop: try number("drop"), every: Int(try number("epochs_drop")))
        rate = schedule.learningRate(at:)
    case "per_update":
        let optimizer = SGD(learningRate: try number("initial"), decay: try number("decay"))
        let updates = Int(try number("updates_per_epoch"))
        // A gradient of -1 moves a weight by the rate.
        var graph = Graph()
        let w = graph.add(Graph.Parameter(name: "w", shape: [1]))
        let storage = HostParameters(graph)
        rate = { epoch in
            storage.setWeight(w, to: Tensor(shape: [1], scalars: [0]))
            storage.setGradient(w, to: [-1])
            storage.update(optimizer.rule(iteration: epoch * updates), addingPenalties: false)
            return Double(storage.weight(w).scalars[0])
        }
    default:
        Issue.record("\(name): a schedule of kind \(fixture["kind"]?.string ?? "?") is not known here")
        return
    }
    // The time decay is the optimizer's, in 32 bits.
    let tolerance = fixture["kind"]?.string == "per_update" ? 1e-7 : 1e-12
    for (epoch, value) in values.enumerated() {
        let rate = try rate(epoch)
        #expect(abs(rate - value) <= tolerance * abs(value), "\(name), epoch \(epoch): \(rate), not \(value)")
    }
}

@Test func warmupRisesToThePeakAndFallsToZero() {
    let schedule = WarmupLinearDecay(peak: 0.4, warmup: 4, duration: 12)
    let rates = (0..<13).map { schedule.learningRate(at: $0) }
    let expected = [0.1, 0.2, 0.3, 0.4, 0.4, 0.35, 0.3, 0.25, 0.2, 0.15, 0.1, 0.05, 0]
    for (rate, value) in zip(rates, expected) { #expect(abs(rate - value) < 1e-12) }
}

/// Goyal et al.: a batch of 8 times as many samples begins at an eighth of its rate, and has all of it after 5 epochs.
@Test func aGradualWarmupRisesToItsSchedule() {
    let schedule = GradualWarmup(
        StepTable([(through: 30, rate: 0.8), (through: 60, rate: 0.08)]), warmup: 5, from: 1.0 / 8)
    let rates = (0..<6).map(schedule.learningRate)
    for (rate, expected) in zip(rates, [0.1, 0.24, 0.38, 0.52, 0.66, 0.8]) { #expect(abs(rate - expected) < 1e-12) }
    #expect(schedule.learningRate(at: 29) == 0.8 && schedule.learningRate(at: 30) == 0.08)
}
