/// A reader of something from outside, to be given thousands of broken inputs.
///
/// To add one, write a file in `Targets` and name it in ``all``.
struct FuzzTarget: Sendable {
    /// As on the command line.
    let name: String
    /// Sound inputs, which the broken ones are made from.
    let starts: @Sendable () throws -> [[UInt8]]
    /// Makes a broken input out of sound ones; by default ``Mutation/mutate(_:using:)``.
    var mutate: @Sendable (_ starts: [[UInt8]], _ random: inout CountedRandom) throws -> [UInt8] = Mutation.mutate
    /// Reads the input, given as bytes and as a file that holds them. Must return, or throw an error of this package
    /// whose description is one line.
    let read: @Sendable (_ input: [UInt8], _ file: String) throws -> Void

    /// What a run without names tries.
    static let all: [FuzzTarget] = [
        .hdf5Model, .kerasConfig, .hdf5Dataset, .runSamples, .hdf5File, .jpeg, .png, .cifar, .annotations, .json,
        .classificationReport,
    ]

    /// Also ``planted``, which must fail, and by which the harness itself is tested.
    static func named(_ name: String) -> FuzzTarget? { (all + [planted]).first { $0.name == name } }

    /// Input `number`: the same bytes for the same seed and number, on every machine.
    func input(_ number: Int, seed: UInt64, from starts: [[UInt8]]) throws -> [UInt8] {
        var random = CountedRandom(seed: seed, target: name, number: number)
        return try mutate(starts, &random)
    }
}
