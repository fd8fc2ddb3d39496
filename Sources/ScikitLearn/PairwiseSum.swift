/// The sum of `values` in NumPy's order of additions.
///
/// A mean of class scores is often halfway between two printed numbers, 0.745 for example, and the last bit of the sum
/// decides which one is printed. Only the same order of additions gives the same bit: eight running sums over blocks of
/// up to 128 numbers, and longer arrays cut in halves.
func pairwiseSum(_ values: [Double]) -> Double { pairwiseSum(values[...]) }

private func pairwiseSum(_ values: ArraySlice<Double>) -> Double {
    let lanes = 8, longestBlock = 128
    guard values.count >= lanes else { return values.reduce(0, +) }
    guard values.count <= longestBlock else {
        let half = values.count / 2 / lanes * lanes
        return pairwiseSum(values.prefix(half)) + pairwiseSum(values.dropFirst(half))
    }
    var sums = Array(values.prefix(lanes))
    let whole = values.count / lanes * lanes
    for offset in lanes..<whole { sums[offset % lanes] += values[values.startIndex + offset] }
    let total = ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]))
    return values.dropFirst(whole).reduce(total, +)
}
