import Testing
@testable import MPICommunicator

/// Each process of a machine gets processors of its own, as many as it has threads.
@Suite struct ProcessorBindingTests {
    @Test func processorsAreDividedEvenly() {
        let all = Array(0..<8)
        let bindings = (0..<2).map { ProcessorBinding(threads: nil, own: [$0], available: all, place: $0, of: 2) }
        #expect(bindings.map(\.threads) == [4, 4])
        #expect(bindings.map(\.processors) == [[0, 1, 2, 3], [4, 5, 6, 7]])
    }

    @Test func fewerThreadsTakeFewerProcessors() {
        let binding = ProcessorBinding(threads: 2, own: Array(0..<8), available: Array(0..<8), place: 1, of: 3)
        #expect(binding.threads == 2 && binding.processors == [2, 3])
    }

    @Test func aGoodChoiceOfTheLauncherStays() {
        let binding = ProcessorBinding(threads: nil, own: [5], available: [4, 5], place: 0, of: 2)
        #expect(binding.threads == 1 && binding.processors == nil)
    }

    /// The system then shares the processors.
    @Test func tooManyProcessesShareProcessors() {
        let binding = ProcessorBinding(threads: nil, own: [0, 1], available: [0, 1], place: 3, of: 4)
        #expect(binding.threads == 1 && binding.processors == nil)
        // One core is too few for two threads.
        #expect(ProcessorBinding(threads: 2, own: [0], available: [0, 1], place: 0, of: 2).processors == [0, 1])
    }

    @Test func onlyTheLaunchersProcessorsAreTaken() {
        let binding = ProcessorBinding(threads: nil, own: [3, 5], available: [3, 5, 9, 11], place: 1, of: 4)
        #expect(binding.processors == [5])
    }

    @Test func processorsThatNobodyKnowsAreNotBound() {
        let binding = ProcessorBinding(threads: nil, own: [], available: [], place: 0, of: 1)
        #expect(binding.threads == 1 && binding.processors == nil)
    }
}
