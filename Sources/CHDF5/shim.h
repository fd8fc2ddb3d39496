// The names of HDF5's predefined types and property lists are macros that call H5open(); Swift imports functions.
#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

#include <hdf5.h>

static inline hid_t CHDF5_native_float(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t CHDF5_native_double(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t CHDF5_native_uint8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t CHDF5_native_int32(void) { return H5T_NATIVE_INT32; }
static inline hid_t CHDF5_native_int64(void) { return H5T_NATIVE_INT64; }
static inline hid_t CHDF5_float32_le(void) { return H5T_IEEE_F32LE; }
static inline hid_t CHDF5_float64_le(void) { return H5T_IEEE_F64LE; }
static inline hid_t CHDF5_uint8_le(void) { return H5T_STD_U8LE; }
static inline hid_t CHDF5_int32_le(void) { return H5T_STD_I32LE; }
static inline hid_t CHDF5_int64_le(void) { return H5T_STD_I64LE; }
static inline hid_t CHDF5_c_string(void) { return H5T_C_S1; }
static inline hid_t CHDF5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t CHDF5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t CHDF5_link_create(void) { return H5P_LINK_CREATE; }
static inline size_t CHDF5_variable_length(void) { return H5T_VARIABLE; }
static inline unsigned CHDF5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned CHDF5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned CHDF5_read_write(void) { return H5F_ACC_RDWR; }
static inline int64_t CHDF5_default(void) { return H5P_DEFAULT; }

// Whether a file that is opened so is in memory. The driver's name is a macro too.
static inline int CHDF5_is_in_memory(hid_t access) { return H5Pget_driver(access) == H5FD_CORE; }

// The kind of a link, or -1 if libhdf5 cannot tell. The function and its structure have other names since 1.12.
static inline int CHDF5_link_type(hid_t location, const char *name) {
#if H5_VERSION_GE(1, 12, 0)
    H5L_info2_t info;
    return H5Lget_info2(location, name, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
#else
    H5L_info_t info;
    return H5Lget_info(location, name, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
#endif
}

// Locks the file if the file system can, and opens it without a lock otherwise (1.10.7 and later).
static inline herr_t CHDF5_lock_if_possible(hid_t access) {
#if H5_VERSION_GE(1, 12, 1) || (H5_VERSION_GE(1, 10, 7) && !H5_VERSION_GE(1, 11, 0))
    return H5Pset_file_locking(access, 1, 1);
#else
    return (void)access, 0;
#endif
}

#endif
