import Tensors
import Testing

@Suite struct RowsTests {
    @Test func tensorsBecomeRows() {
        let rows = [Tensor(shape: [2], scalars: [1, 2]), Tensor(shape: [2], scalars: [3, 4])]
        #expect(Tensor(rows: rows) == Tensor(shape: [2, 2], scalars: [1, 2, 3, 4]))
        #expect(Tensor(rows: []).rowCount == 0)
    }

    @Test func theFirstOfEqualsIsTheLargest() {
        #expect([1, 3, 3, 2].argmax() == 1 && [Float]().argmax() == 0 && [1, 2, 9, 8][2...].argmax() == 0)
        #expect([Float.nan, 1, 2].argmax() == 0 && [1, .nan, 2].argmax() == 2)
    }
}
