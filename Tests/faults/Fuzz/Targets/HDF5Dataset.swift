import FixtureSupport
import PyImageSearch

extension FuzzTarget {
    /// Data sets, as training reads them.
    static let hdf5Dataset = FuzzTarget(
        name: "hdf5-dataset",
        starts: {
            try [
                bytes { path in
                    let writer = try HDF5DatasetWriter(dims: [10, 6, 5, 3], outputPath: path)
                    try writer.storeClassLabels(["ant", "bee", "cow"])
                    try writer.add((0..<900).map { UInt8($0 % 251) }, labels: (0..<10).map { $0 % 3 })
                    try writer.close()
                }
            ]
        },
        mutate: HDF5Metadata.mutate,
        read: { _, file in
            for shuffle in [false, true] {
                let generator = try HDF5DatasetGenerator(file, batchSize: 4, shuffle: shuffle)
                for step in 0..<min(generator.stepsPerEpoch, 3) { _ = try generator.batch(epoch: 0, step: step) }
            }
        })
}
