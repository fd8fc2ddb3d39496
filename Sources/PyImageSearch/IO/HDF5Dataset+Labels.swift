import HDF5

extension HDF5Dataset {
    /// The labels of samples.
    ///
    /// - Throws: ``DatasetError`` naming one that is not a whole number; `HDF5Error` if they cannot be read.
    func readLabels(_ path: String) throws -> [Int] {
        let labels = try read(as: Int.self)
        // Reading floats as integers would turn 1.5 into class 1.
        let exact = try read(as: Double.self)
        if let index = labels.indices.first(where: { Double(labels[$0]) != exact[$0] }) {
            throw DatasetError(
                "\(path): label \(index), counted from 0, is \(exact[index]), which is not a whole number")
        }
        return labels
    }
}
