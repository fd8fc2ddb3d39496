extension AllowedNumbers<Int> {
    public static var epochs: Self { .atLeast(1, andAtMost: 1_000_000) }
    public static var batchSize: Self { .from(1, to: 65_536) }
    public static var threads: Self { .from(1, to: 1024) }
    /// In seconds.
    public static var patience: Self { .from(1, to: 1_000_000) }
    /// How many of something, as with `--limit`.
    public static var count: Self { .atLeast(1) }
}

extension AllowedNumbers<Double> {
    public static var learningRate: Self { .above(0) }
}
