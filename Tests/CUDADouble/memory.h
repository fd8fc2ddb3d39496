// Device memory and pinned memory.
#pragma once

#include <vector>

#include "contexts.h"

namespace gpu {

using Address = CUdeviceptr;

/// Memory that work reads or writes, on the device or pinned on the host.
struct Extent {
    Address start;
    size_t bytes;
    bool isWritten;

    bool overlaps(const Extent &other) const {
        return bytes && other.bytes && start < other.start + other.bytes && other.start < start + bytes;
    }
};

inline Extent reads(const void *start, size_t bytes) { return {reinterpret_cast<Address>(start), bytes, false}; }
inline Extent writes(void *start, size_t bytes) { return {reinterpret_cast<Address>(start), bytes, true}; }

/// Whether an extent lies in one allocation on the device, or in pinned memory.
bool isOnDevice(const Extent &extent);
bool isPinned(const Extent &extent);

/// Whether an address is one that the device has, allocated or not.
bool isDeviceAddress(Address address);

/// How many bytes there are from an address to the end of its allocation; 0 if it is not in one.
size_t bytesFrom(Address address);

/// Where the double itself reads and writes device memory.
void *accessible(Address address);
template <class T>
T *accessible(T *pointer) {
    return static_cast<T *>(accessible(reinterpret_cast<Address>(pointer)));
}

/// Whether the bytes beside an allocation are as they were.
bool isIntact(Address address);

/// Runs code that may touch device memory that is not allocated.
///
/// - Returns: whether it did not.
bool survives(void (*code)(void *), void *context);

}  // namespace gpu
