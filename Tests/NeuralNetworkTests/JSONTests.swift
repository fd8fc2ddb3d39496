import NeuralNetwork
import Tensors
import Testing

@Suite struct JSONTests {
    /// Numbers survive writing and reading to the last bit, as a learning rate does in a model file.
    @Test func numbersKeepTheirLastBit() throws {
        let stream = RandomStream(seed: 5, purpose: .shuffling)
        let numbers: [JSON] = (0..<5000).map { index in
            let digits = Double(stream.uniform(2 * index)) + Double(stream.uniform(2 * index + 1)) / 0x1p24
            return .number((digits - 0.5) * [1e-9, 0.01, 1, 300, 1e12][index % 5])
        }
        let read = try JSON(parsing: JSON.array(numbers).text())
        #expect(read == .array(numbers))
    }

    @Test(arguments: [
        ("2.9855431042138605", 2.9855431042138605), ("-0.49759051736897686", -0.49759051736897686), ("1E-07", 1e-7),
        ("0.1000000000000000055511151231257827021181583404541015625", 0.1), ("-0", 0),
        ("123456789012345678", 123_456_789_012_345_678), ("5e-324", .leastNonzeroMagnitude),
        ("1797693134862315708145274237317e278", .greatestFiniteMagnitude),
    ])
    func numbersAreTheNearest(text: String, number: Double) throws {
        #expect(try JSON(parsing: text) == .number(number))
    }

    @Test(arguments: ["1e400", "-1e309", "NaN", "01", "1.", "{\"a\":}", "\"a", "nul", ""])
    func textThatIsNotJSONIsRefused(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }
}
