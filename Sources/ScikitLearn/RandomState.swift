/// NumPy's legacy generator, `numpy.random.RandomState`: the Mersenne Twister MT19937, whose numbers scikit-learn draws
/// its splits from. The same seed gives NumPy's numbers, bit by bit.
///
/// Source: M. Matsumoto and T. Nishimura, "Mersenne Twister", ACM TOMACS 8(1), 1998. Everything else here that is random
/// is counted, not drawn (`RandomStream`); this generator is for results that must equal scikit-learn's.
public struct RandomState: Sendable {
    private static let size = 624, shift = 397

    private var words: [UInt32]
    private var position = RandomState.size

    /// NumPy's `RandomState(seed)`.
    public init(seed: UInt32) { words = Self.words(seed: seed) }

    /// NumPy's `RandomState([...])`, the twister's `init_by_array`.
    ///
    /// - Parameter seeds: at least one number; none counts as a single 0.
    public init(seeds: [UInt32]) {
        let seeds = seeds.isEmpty ? [0] : seeds
        words = Self.words(seed: 19_650_218)
        var place = 1, seed = 0
        func advance(_ words: inout [UInt32]) {
            place += 1
            guard place == Self.size else { return }
            words[0] = words[Self.size - 1]
            place = 1
        }
        func mixed(_ factor: UInt32, _ words: [UInt32]) -> UInt32 {
            words[place] ^ (words[place - 1] ^ words[place - 1] >> 30) &* factor
        }
        for _ in 0..<max(Self.size, seeds.count) {
            words[place] = mixed(1_664_525, words) &+ seeds[seed] &+ UInt32(seed)
            seed = (seed + 1) % seeds.count
            advance(&words)
        }
        for _ in 1..<Self.size {
            words[place] = mixed(1_566_083_941, words) &- UInt32(place)
            advance(&words)
        }
        words[0] = 1 << 31
    }

    private static func words(seed: UInt32) -> [UInt32] {
        var words = [seed]
        words.reserveCapacity(size)
        for place in 1..<UInt32(size) {
            let last = words[Int(place) - 1]
            words.append(1_812_433_253 &* (last ^ last >> 30) &+ place)
        }
        return words
    }

    /// The next 32 random bits.
    public mutating func next() -> UInt32 {
        if position == Self.size { twist() }
        var word = words[position]
        position += 1
        word ^= word >> 11
        word ^= word << 7 & 0x9D2C_5680
        word ^= word << 15 & 0xEFC6_0000
        return word ^ word >> 18
    }

    private mutating func twist() {
        for place in 0..<Self.size {
            let joined = words[place] & 1 << 31 | words[(place + 1) % Self.size] & ~(1 << 31)
            words[place] =
                words[(place + Self.shift) % Self.size] ^ joined >> 1 ^ (joined & 1 == 0 ? 0 : 0x9908_B0DF)
        }
        position = 0
    }

    /// A number from 0 to `limit`. Bits beyond those of `limit` are cut off, and larger numbers are drawn again; for 0
    /// nothing is drawn.
    private mutating func below(through limit: UInt32) -> UInt32 {
        guard limit > 0 else { return 0 }
        let mask = UInt32.max >> UInt32(limit.leadingZeroBitCount)
        while true {
            let number = next() & mask
            if number <= limit { return number }
        }
    }

    /// A whole number from 0 on and below `high`: NumPy's `randint(high)`.
    ///
    /// - Parameter high: from 1 on; 0 counts as 1.
    public mutating func randint(_ high: UInt32) -> Int { Int(below(through: high == 0 ? 0 : high - 1)) }

    /// Brings the elements into random order, as NumPy's `shuffle` does for a list or an array with one axis.
    ///
    /// - Parameter elements: up to 2^32 of them.
    public mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, Int(below(through: UInt32(last))))
        }
    }

    /// The elements in random order: NumPy's `permutation` of an array.
    public mutating func permutation<Element>(_ elements: [Element]) -> [Element] {
        var elements = elements
        shuffle(&elements)
        return elements
    }

    /// The numbers from 0 on and below `count` in random order: NumPy's `permutation` of a number.
    ///
    /// - Parameter count: a negative one counts as 0.
    public mutating func permutation(_ count: Int) -> [Int] { permutation(Array(0..<max(count, 0))) }

    /// `size` of the elements, each at most once: NumPy's `choice(elements, size, replace=False)`.
    ///
    /// - Parameter size: of more than there are, all are chosen.
    public mutating func choice<Element>(_ elements: [Element], size: Int) -> [Element] {
        permutation(elements.count).prefix(max(size, 0)).map { elements[$0] }
    }
}
