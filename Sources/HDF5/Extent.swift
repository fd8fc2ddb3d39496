import CHDF5

/// The shape that a file declares for a dataset or an attribute. Its number of elements does not overflow an `Int`.
struct Extent {
    /// Empty for a scalar.
    let shape: [Int]
    /// The number of elements.
    let count: Int
    /// Whether there is no value at all (h5py's `Empty`): the shape is [], the count 0.
    let isNull: Bool

    /// - Throws: `HDF5Error.tooLarge` if a dimension or the number of elements exceeds `Int.max`, `.library`.
    init(of space: hid_t, object: String, file: String) throws {
        let rank = Int(
            try HDF5Library.checked(H5Sget_simple_extent_ndims(space), "read the shape of \(object)", file: file))
        var sizes = [hsize_t](repeating: 0, count: rank)
        if rank > 0 {
            try HDF5Library.checked(
                H5Sget_simple_extent_dims(space, &sizes, nil), "read the shape of \(object)", file: file)
        }
        let shape = sizes.compactMap { Int(exactly: $0) }
        guard shape.count == rank, let count = Self.product(shape) else {
            throw HDF5Error.tooLarge(object: object, file: file, reason: "impossible shape \(sizes)")
        }
        isNull = H5Sget_simple_extent_type(space) == H5S_NULL
        self.shape = shape
        self.count = isNull ? 0 : count
    }

    /// The number of elements of a shape, or nil if it overflows.
    static func product(_ shape: some Sequence<Int>) -> Int? {
        var product = 1
        for size in shape {
            let (next, overflow) = product.multipliedReportingOverflow(by: size)
            if overflow { return nil }
            product = next
        }
        return product
    }
}
