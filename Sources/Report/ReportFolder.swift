/// Where the report and what it is made from lie, from the root of a checkout.
struct ReportFolder {
    /// The checkout; the working folder unless told otherwise.
    var root = "."
    var figures: String { "\(root)/figures" }
    var report: String { "\(root)/report" }
    /// The run records, a folder for each: `<run>/run.json` and, for some, `<run>/samples.hdf5`.
    var runs: String { "\(root)/report/runs" }
    var chapters: String { "\(root)/report/chapters" }
}
