import ArgumentParser

/// What every training chapter asks of the numbers that it is given.
public enum TrainingLimits {
    /// - Throws: `ValidationError` for the first number that no training can have.
    public static func check(epochs: Int?, batchSize: Int, learningRate: Double?, limit: Int?) throws {
        if let epochs, !(1...1_000_000).contains(epochs) {
            throw ValidationError("--epochs must be at least 1 and at most 1000000, not \(epochs)")
        }
        guard (1...65_536).contains(batchSize) else {
            throw ValidationError("--batch-size must be from 1 to 65536, not \(batchSize)")
        }
        try check(learningRate: learningRate)
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1, not \(limit)") }
    }

    /// - Throws: `ValidationError` for a learning rate that no training can have.
    public static func check(learningRate: Double?) throws {
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate must be above 0, not \(learningRate)")
        }
    }
}
