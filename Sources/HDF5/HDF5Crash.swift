import CHDF5Guard

/// What a program does where libhdf5 does not survive a damaged file.
public enum HDF5Crash {
    /// The exit status then.
    public static let exitStatus = Int32(HDF5_GUARD_STATUS)

    /// From here on a crash within libhdf5 is one line on the standard error stream, which names the file, and an exit
    /// status: for programs, which end then in any case. Other crashes stay what they are.
    ///
    /// libhdf5 1.10 trusts much of what lies in a file. What can be seen from outside is checked before it reads; this
    /// is for the rest.
    public static func endWithOneLine() { hdf5_guard_install() }
}
