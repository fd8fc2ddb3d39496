import FixtureSupport
import ScikitLearn
import Testing

@Suite struct RandomStateTests {
    @Test(.enabled(if: FixtureFile.splits.exists)) func everyNumberIsNumPys() throws {
        let generators = try SplitsFixture.load().generators
        #expect(!generators.isEmpty)
        for expected in generators {
            let fresh = RandomState(seed: expected.seed)
            var random = fresh
            #expect(expected.raw.map { _ in random.next() } == expected.raw, "seed \(expected.seed)")
            for (count, order) in expected.permutations {
                var random = fresh
                #expect(random.permutation(try #require(Int(count))) == order, "seed \(expected.seed)")
            }
            for (count, orders) in expected.shuffledTwice {
                var random = fresh
                for order in orders {
                    var elements = Array(0..<(try #require(Int(count))))
                    random.shuffle(&elements)
                    #expect(elements == order, "seed \(expected.seed)")
                }
            }
            for (high, numbers) in expected.randint {
                var random = fresh
                let high = try #require(UInt32(high))
                #expect(numbers.map { _ in random.randint(high) } == numbers, "seed \(expected.seed), \(high)")
            }
            for choice in expected.choices {
                var random = fresh
                #expect(random.choice(Array(0..<choice.n), size: choice.size) == choice.result, "\(expected.seed)")
            }
        }
    }

    /// scikit-learn's `extract_patches_2d` draws all rows, then all columns.
    @Test(.enabled(if: FixtureFile.splits.exists)) func patchesAreWhereScikitLearnCutsThem() throws {
        let drawn = try SplitsFixture.load().patches.filter { $0.randomState != nil }
        #expect(!drawn.isEmpty)
        for patches in drawn {
            var random = RandomState(seed: try #require(patches.randomState))
            func places(_ axis: Int, _ count: Int) -> [Int] {
                (0..<count).map { _ in random.randint(UInt32(patches.image[axis] - patches.patch[axis] + 1)) }
            }
            #expect(places(0, patches.rows.count) == patches.rows)
            #expect(places(1, patches.columns.count) == patches.columns)
        }
    }

    /// The first numbers that the authors of the generator publish for its four seeds.
    @Test func seedsMayBeSeveral() {
        var random = RandomState(seeds: [0x123, 0x234, 0x345, 0x456])
        #expect(
            (0..<5).map { _ in random.next() }
                == [1_067_595_299, 955_945_823, 477_289_528, 4_107_218_783, 4_228_976_476])
        // NumPy 2 draws these numbers for a list of one seed.
        random = RandomState(seeds: [0])
        #expect((0..<3).map { _ in random.next() } == [3_626_764_237, 1_654_615_998, 3_255_389_356])
        random = RandomState(seeds: [])
        #expect(random.next() == 3_626_764_237)
    }

    @Test func nothingIsDrawnWhereThereIsNoChoice() {
        let fresh = RandomState(seed: 7)
        var random = fresh, one = ["a"], none: [String] = []
        random.shuffle(&one)
        random.shuffle(&none)
        #expect(random.randint(1) == 0)
        #expect(random.randint(0) == 0)
        #expect(random.permutation(-1) == [])
        #expect(random.choice([3], size: 1) == [3])
        #expect(random.choice([3], size: 0) == [])
        #expect(random.choice([3], size: 5) == [3])
        var other = fresh
        #expect(random.next() == other.next())
    }
}
