import CHDF5

/// The shape a file declares for a dataset or an attribute, with a product that is known not to overflow.
struct Extent {
    /// Empty for a scalar.
    let shape: [Int]
    /// Number of elements.
    let count: Int
    /// No value at all (what h5py calls Empty): shape [], but no element.
    let isNull: Bool

    /// - Throws: `HDF5Error.tooLarge` when the dimensions or their product exceed what an Int holds.
    init(of space: hid_t, object: String, file: String) throws {
        let rank = Int(
            try HDF5Library.checked(H5Sget_simple_extent_ndims(space), "ask for the shape of \(object)", file: file))
        var sizes = [hsize_t](repeating: 0, count: rank)
        if rank > 0 {
            try HDF5Library.checked(
                H5Sget_simple_extent_dims(space, &sizes, nil), "ask for the shape of \(object)", file: file)
        }
        let shape = sizes.compactMap { Int(exactly: $0) }
        guard shape.count == rank, let count = Self.product(shape) else {
            throw HDF5Error.tooLarge(object: object, file: file, reason: "impossible shape \(sizes)")
        }
        isNull = H5Sget_simple_extent_type(space) == H5S_NULL
        self.shape = shape
        self.count = isNull ? 0 : count
    }

    /// The number of elements of a shape; nil when it overflows.
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
