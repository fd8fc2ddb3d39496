/// A reader of outside data, which is tested with thousands of damaged inputs.
///
/// To add one, write a file in `Targets` and name it in ``all``.
struct FuzzTarget: Sendable {
    /// The name on the command line.
    let name: String
    /// Valid inputs, from which the damaged ones are made.
    let starts: @Sendable () throws -> [[UInt8]]
    /// Makes a damaged input from valid ones; by default ``Mutation/mutate(_:using:)``.
    var mutate: @Sendable (_ starts: [[UInt8]], _ random: inout CountedRandom) throws -> [UInt8] = Mutation.mutate
    /// Reads the input, given as bytes and as a file with them. It must return, or throw an error of this package whose
    /// description is one line.
    let read: @Sendable (_ input: [UInt8], _ file: String) throws -> Void

    /// The targets of a run without names.
    static let all: [FuzzTarget] = [
        .hdf5Model, .kerasConfig, .hdf5Dataset, .runSamples, .hdf5File, .jpeg, .png, .cifar, .annotations, .json,
        .classificationReport,
    ]

    /// Also ``planted``, which must fail, to test the harness itself.
    static func named(_ name: String) -> FuzzTarget? { (all + [planted]).first { $0.name == name } }

    /// Input `number`: the same bytes for the same seed and number, on every machine.
    func input(_ number: Int, seed: UInt64, from starts: [[UInt8]]) throws -> [UInt8] {
        var random = CountedRandom(seed: seed, target: name, number: number)
        return try mutate(starts, &random)
    }
}
