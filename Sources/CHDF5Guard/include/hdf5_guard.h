#ifndef HDF5_GUARD_H
#define HDF5_GUARD_H

// libhdf5 1.10 trusts what lies in a file, and a damaged one can make it crash. These functions turn such an end of
// the process into one line and an exit status.

/// Installs handlers for the signals of a crash. Where they are installed already, nothing happens.
void hdf5_guard_install(void);

/// This thread, which has the library's lock, is within libhdf5 from here on. `path` is the file, or NULL where it is
/// not known or has been told, and must stay until the thread has left.
void hdf5_guard_enter(const char *path);

/// This thread has left libhdf5 as often as it entered.
void hdf5_guard_leave(void);

/// The exit status after a crash within libhdf5.
#define HDF5_GUARD_STATUS 70

#endif
