// The names of HDF5's predefined types and property lists are macros that call H5open(); Swift imports functions.
#ifndef CHDF5_SHIM_H
#define CHDF5_SHIM_H

#include <hdf5.h>
#include <string.h>

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
static inline size_t CHDF5_string_length(const char *text, size_t limit) { return strnlen(text, limit); }
static inline hid_t CHDF5_c_string(void) { return H5T_C_S1; }
static inline hid_t CHDF5_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t CHDF5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t CHDF5_link_create(void) { return H5P_LINK_CREATE; }
static inline hsize_t CHDF5_unlimited(void) { return H5S_UNLIMITED; }
static inline size_t CHDF5_variable_length(void) { return H5T_VARIABLE; }
static inline unsigned CHDF5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned CHDF5_exclusive(void) { return H5F_ACC_EXCL; }
static inline unsigned CHDF5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned CHDF5_read_write(void) { return H5F_ACC_RDWR; }
static inline hid_t CHDF5_default(void) { return H5P_DEFAULT; }
static inline hid_t CHDF5_all(void) { return H5S_ALL; }

// The innermost message of HDF5's error stack: what really went wrong.
static herr_t CHDF5_keep_description(unsigned n, const H5E_error2_t *error, void *data) {
    if (n == 0 && error->desc) strncpy((char *)data, error->desc, 255);
    return 0;
}
static inline void CHDF5_error_description(char buffer[256]) {
    buffer[0] = 0;
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, CHDF5_keep_description, buffer);
    buffer[255] = 0;
    H5Eclear2(H5E_DEFAULT);
}
static inline void CHDF5_silence_errors(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

#endif
