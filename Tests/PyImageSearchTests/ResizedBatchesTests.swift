import FixtureSupport
import Imaging
import NeuralNetwork
import PyImageSearch
import Tensors
import Testing

@Suite struct ResizedBatchesTests {
    private let images = ByteImages(
        shape: [5, 4, 4, 3], bytes: [UInt8](rounding: hashUniform("resized", 5 * 4 * 4 * 3, 0, 255)[...]))
    private let labels = Tensor(shape: [5, 1], scalars: [0, 1, 2, 3, 4])

    private func batches(shuffle: Bool) throws -> ResizedBatches {
        try ResizedBatches(
            images: images, targets: [labels, labels], width: 9, height: 7, batchSize: 2, shuffle: shuffle, seed: 3)
    }

    /// Every image equals the image resized alone, in bytes, and divided by 255. The last batch is shorter.
    @Test func imagesAreResizedBatchByBatch() throws {
        let batches = try batches(shuffle: false)
        #expect(batches.stepsPerEpoch == 3)
        for step in 0..<3 {
            let batch = try batches.batch(epoch: 0, step: step)
            #expect(batch.inputs[0].shape == [step == 2 ? 1 : 2, 7, 9, 3])
            for row in 0..<batch.count {
                let image = images.image(2 * step + row).resized(width: 9, height: 7, interpolation: .linear)
                #expect(batch.inputs[0][rows: row..<row + 1].scalars == image.pixels.map { Float($0) / 255 })
            }
        }
    }

    /// Each output's targets follow the images, in a new order every epoch, which depends on the seed.
    @Test func everyEpochHasEverySampleOnceWithAllItsTargets() throws {
        let batches = try batches(shuffle: true), straight = try self.batches(shuffle: false)
        var orders: [[Float]] = []
        for epoch in 0..<3 {
            var order: [Float] = []
            for step in 0..<3 {
                let batch = try batches.batch(epoch: epoch, step: step)
                #expect(batch.targets.count == 2 && batch.targets[0] == batch.targets[1])
                for (row, label) in batch.targets[0].scalars.enumerated() {
                    let number = Int(label)
                    let expected = try straight.batch(epoch: 0, step: number / 2).inputs[0]
                    #expect(
                        batch.inputs[0][rows: row..<row + 1] == expected[rows: number % 2..<number % 2 + 1])
                    order.append(label)
                }
            }
            #expect(order.sorted() == [0, 1, 2, 3, 4])
            orders.append(order)
        }
        #expect(Set(orders).count > 1)
        #expect(
            try batches.batch(epoch: 1, step: 0).inputs == self.batches(shuffle: true).batch(epoch: 1, step: 0).inputs)
    }
}
