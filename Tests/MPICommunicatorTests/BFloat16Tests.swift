import CProcesses
import Testing

/// The numbers in which gradients may travel: the upper halves of floats, rounded to the nearest, ties to even.
@Suite struct BFloat16Tests {
    private func rounded(_ values: [Float]) -> [Float] {
        var halves = [UInt16](repeating: 0, count: values.count), floats = values
        processes_to_bfloat16(values, &halves, Int32(values.count))
        processes_from_bfloat16(halves, &floats, Int32(values.count))
        return floats
    }

    @Test func numbersAreRoundedToTheNearest() {
        // Neighbors of 1 are 1 + 2^-7 and 1 - 2^-8.
        #expect(rounded([1, 1.001, 1.005, -1.005]) == [1, 1, 1.0078125, -1.0078125])
        // Halfway: to the even one.
        #expect(rounded([1 + 0x1p-8, 1 + 0x3p-8]) == [1, 1 + 0x2p-7])
        #expect(rounded([0, 3.1415927, 1e-30, 0x1.fffffep127]) == [0, 3.140625, 0x1.44p-100, .infinity])
    }

    @Test func whatIsNotFiniteStays() {
        let results = rounded([.infinity, -.infinity, .nan, Float(bitPattern: 0x7F80_0001)])
        #expect(results[0] == .infinity && results[1] == -.infinity && results[2].isNaN && results[3].isNaN)
    }
}
