import FixtureSupport
@testable import ScikitLearn
import Tensors
import Testing

private func tensor(_ rows: [[Float]]) -> Tensor {
    Tensor(shape: [rows.count, rows.first?.count ?? 0], scalars: Array(rows.joined()))
}

@Test(.enabled(if: FixtureFile.metrics.exists)) func ranksMatchTheFixture() throws {
    let cases = try MetricsFixture.load().ranked
    #expect(!cases.isEmpty)
    for ranked in cases {
        for (row, order) in zip(ranked.predictions, ranked.order) {
            #expect(classesByScore(row[...]) == order, "\(ranked.name)")
        }
        let (rank1, rank5) = rank5Accuracy(predictions: tensor(ranked.predictions), labels: ranked.labels)
        #expect(abs(rank1 - ranked.rank1) <= 1e-9, "\(ranked.name)")
        #expect(abs(rank5 - ranked.rank5) <= 1e-9, "\(ranked.name)")
    }
}

@Test func labelsWithoutARowAreWrong() {
    let predictions = tensor([[0.1, 0.9], [0.8, 0.2]])
    #expect(rank5Accuracy(predictions: predictions, labels: [1, 0]) == (1, 1))
    #expect(rank5Accuracy(predictions: predictions, labels: [1, 0, 0, 0]) == (0.5, 0.5))
    #expect(rank5Accuracy(predictions: predictions, labels: [1]) == (1, 1))
    #expect(rank5Accuracy(predictions: predictions, labels: [0, 7]) == (0, 0.5))
    #expect(rank5Accuracy(predictions: predictions, labels: []) == (0, 0))
    #expect(rank5Accuracy(predictions: Tensor(shape: [2, 0]), labels: [0, 0]) == (0, 0))
}

@Test func nanIsAboveEverything() {
    #expect(classesByScore([1, .nan, .infinity, .nan, -1]) == [3, 1, 2, 0, 4])
}
