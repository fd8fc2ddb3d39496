import Tensors
import Testing

@Suite struct RowsTests {
    /// A constant channel, which a few images may have, becomes zeros: there is no division by its deviation of 0.
    @Test func aConstantChannelBecomesZero() {
        var images = Tensor(shape: [2, 1, 2, 2], scalars: [7, 0, 7, 2, 7, 4, 7, 6])
        let (mean, deviation) = images.channelStatistics()
        #expect(mean == [7, 3] && deviation[0] == 0)
        images.normalizeChannels(mean: mean, deviation: deviation)
        #expect(images.scalars.indices.allSatisfy { $0 % 2 == 1 || images.scalars[$0] == 0 })
        #expect(abs(images.scalars[1] + images.scalars[7]) < 1e-6 && abs(images.scalars[7] - 1.3416407) < 1e-6)
    }

    /// Keras adds 1e-6 to the deviation of a channel.
    @Test func aTinyDeviationGetsAnEpsilon() {
        var images = Tensor(shape: [2, 1], scalars: [-1e-6, 1e-6])
        images.normalizeChannels(mean: [0], deviation: [1e-6])
        #expect(abs(images.scalars[0] + 0.5) < 1e-6 && abs(images.scalars[1] - 0.5) < 1e-6)
    }

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
