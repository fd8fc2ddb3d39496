import Tensors
import Testing

@Suite struct NormalizationTests {
    @Test func channelsAreBroughtToMeanZeroAndDeviationOne() {
        var images = Tensor(shape: [2, 1, 2, 3], scalars: [1, 10, 5, 3, 20, 6, 5, 30, 7, 7, 40, 8])
        let (mean, deviation) = images.channelStatistics()
        #expect(mean == [4, 25, 6.5])
        #expect(abs(deviation[0] - 2.236068) < 1e-6 && abs(deviation[1] - 11.18034) < 1e-5)
        images.normalizeChannels(mean: mean, deviation: deviation)
        let (newMean, newDeviation) = images.channelStatistics()
        #expect(newMean.allSatisfy { abs($0) < 1e-6 } && newDeviation.allSatisfy { abs($0 - 1) < 1e-6 })
    }
}
