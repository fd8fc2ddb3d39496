import Imaging
import Runs
import Tensors

extension FuzzTarget {
    /// The images and weights beside a run's record.
    static let runSamples = FuzzTarget(
        name: "run-samples",
        starts: {
            try [
                bytes { path in
                    let images = ByteImages(shape: [2, 4, 4, 3], bytes: [UInt8](repeating: 100, count: 2 * 48))
                    try RunSamples(
                        firstLayerKernel: Tensor(repeating: 0.1, shape: [3, 3, 3, 4]),
                        mistakes: .init(images: images, truth: [0, 1], predicted: [1, 0], probability: [0.9, 0.8]),
                        batch: (images, [0, 1])
                    ).write(to: path)
                }
            ]
        },
        mutate: HDF5Metadata.mutate,
        read: { _, file in _ = try RunSamples(contentsOf: file) })
}
