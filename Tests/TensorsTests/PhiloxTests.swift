import Tensors
import Testing

/// The known answers in the tests of Random123, the authors' implementation.
@Test(arguments: [
    (
        SIMD4<UInt32>(repeating: 0), SIMD2<UInt32>(repeating: 0),
        SIMD4<UInt32>(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8)
    ),
    (
        SIMD4<UInt32>(repeating: .max), SIMD2<UInt32>(repeating: .max),
        SIMD4<UInt32>(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd)
    ),
    (
        SIMD4<UInt32>(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344), SIMD2<UInt32>(0xa409_3822, 0x299f_31d0),
        SIMD4<UInt32>(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1)
    ),
])
func philoxGivesTheKnownAnswers(counter: SIMD4<UInt32>, key: SIMD2<UInt32>, expected: SIMD4<UInt32>) {
    #expect(Philox.block(key: key, counter: counter) == expected)
}

@Test func purposesNeverShareNumbers() {
    let a = RandomStream(seed: 1, purpose: .dropout), b = RandomStream(seed: 1, purpose: .shuffling)
    #expect((0..<64).allSatisfy { a.word($0) != b.word($0) })
}

/// The high half of a product: as many words for each place, but for one.
@Test func placesAreEquallyLikely() {
    let random = RandomStream(seed: 5, purpose: .preprocessing)
    for count in [1, 2, 3, 1000] {
        for element in 0..<100 {
            #expect(random.place(element, among: count) == Int((UInt64(random.word(element)) * UInt64(count)) >> 32))
        }
    }
    let counts = (0..<3000).reduce(into: [0, 0, 0]) { $0[random.place($1, among: 3)] += 1 }
    #expect(counts.allSatisfy { (900..<1100).contains($0) })
}

@Test func permutationHoldsEveryIndexOnce() {
    let order = RandomStream(seed: 7, purpose: .shuffling, epoch: 3).permutation(1000)
    #expect(order.sorted() == Array(0..<1000))
    #expect(order != Array(0..<1000))
}
