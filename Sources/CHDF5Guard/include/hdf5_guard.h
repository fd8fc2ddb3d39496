#ifndef HDF5_GUARD_H
#define HDF5_GUARD_H

// libhdf5 1.10 trusts the content of a file, and a damaged file can make it crash. These functions turn such a crash
// into one line and an exit status.

/// Installs handlers for the signals of a crash. A second call does nothing.
void hdf5_guard_install(void);

/// Marks that this thread, which holds the library's lock, enters libhdf5. `path` names the file and must live until
/// the thread leaves; NULL keeps the file named before, which is returned.
const char *hdf5_guard_enter(const char *path);

/// Marks that this thread leaves libhdf5. Calls pair with those of `hdf5_guard_enter`, and take what those returned.
void hdf5_guard_leave(const char *before);

/// The exit status after a crash within libhdf5.
#define HDF5_GUARD_STATUS 70

#endif
