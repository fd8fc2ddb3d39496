import FixtureSupport
import Foundation
import HDF5
import PyImageSearch
import Testing

/// Data sets that h5py has written (`Tests/Fixtures/h5py_images`), as people make them who do not use this package.
@Suite struct H5pyFilesTests {
    private func path(_ name: String) -> String { Fixtures.own("h5py_images/\(name).hdf5") }

    /// In the file's order and in another one; the last block has one image of three.
    @Test(arguments: ["gzip_chunks", "gzip_shuffle_float64", "big_endian"], [false, true])
    func filesAreRead(name: String, shuffle: Bool) throws {
        let generator = try HDF5DatasetGenerator(path(name), batchSize: 4, shuffle: shuffle)
        #expect(generator.labels == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1] && generator.classNames == nil)
        var seen: [Int] = []
        try generator.forEachBatch { batch in
            let rows = batch.rows ?? []
            let expected = rows.flatMap { row in (0..<192).map { Float(((row * 192 + $0) * 37 + 11) % 256) } }
            #expect(batch.inputs[0].scalars == expected)
            seen += rows
        }
        #expect(seen.sorted() == Array(0..<10) && (seen == Array(0..<10)) != shuffle)
    }

    @Test(arguments: [
        ("no_labels", "labels"), ("lzf", "deflate, shuffle or fletcher32"), ("grey", "3 channels"),
    ])
    func othersAreRefusedInOneLine(name: String, words: String) throws {
        let error = #expect(throws: (any Error).self) {
            try HDF5DatasetGenerator(
                path(name), batchSize: 4, preprocessors: [MeanPreprocessor(red: 1, green: 2, blue: 3)])
        }
        let message = "\(try #require(error))"
        #expect(message.contains(path(name)) && message.contains(words) && !message.contains("\n"), "\(message)")
    }
}
