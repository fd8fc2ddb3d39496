import Tensors
import Testing

@Suite struct RowsTests {
    @Test func tensorsBecomeRows() {
        let rows = [Tensor(shape: [2], scalars: [1, 2]), Tensor(shape: [2], scalars: [3, 4])]
        #expect(Tensor(rows: rows) == Tensor(shape: [2, 2], scalars: [1, 2, 3, 4]))
        #expect(Tensor(rows: []).rowCount == 0)
    }

    @Test func rowsAreGatheredInTheOrderOfTheirIndices() {
        let rows = Tensor(shape: [3, 2], scalars: [1, 2, 3, 4, 5, 6])
        #expect(rows.gathered(rows: [2, 0, 1]) == Tensor(shape: [3, 2], scalars: [5, 6, 1, 2, 3, 4]))
        #expect(rows.gathered(rows: [1, 1, 1]) == Tensor(shape: [3, 2], scalars: [3, 4, 3, 4, 3, 4]))
        #expect(rows.gathered(rows: 0..<3) == rows)
        #expect(rows.gathered(rows: [1]) == Tensor(shape: [1, 2], scalars: [3, 4]))
    }

    @Test func theFirstOfEqualsIsTheLargest() {
        #expect([1, 3, 3, 2].argmax() == 1 && [Float]().argmax() == 0 && [1, 2, 9, 8][2...].argmax() == 0)
        // As np.argmax.
        #expect([Float.nan, 1, .nan].argmax() == 0 && [1, .nan, 2].argmax() == 1 && [3, 1, Float.nan].argmax() == 2)
    }
}
