import CHDF5Guard

/// Turns a crash inside libhdf5, which a damaged file can cause, into a readable end of the program.
///
/// libhdf5 1.10 trusts much of a file's content. This module checks what it can before libhdf5 reads; the guard is for
/// the rest.
public enum HDF5Crash {
    /// The exit status of a program that ended this way: 70, `EX_SOFTWARE` in `sysexits.h`.
    public static let exitStatus = Int32(HDF5_GUARD_STATUS)

    /// Makes a later crash inside libhdf5 end the process with ``exitStatus`` and one line on standard error that names
    /// the file. Crashes elsewhere are not affected.
    ///
    /// Call it once, at the start of a program. It installs signal handlers, so a library should not call it.
    public static func endWithOneLine() { hdf5_guard_install() }
}
