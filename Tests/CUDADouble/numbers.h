// Rounding as on the device.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

// OpenBLAS has it, but its own header declares more than is wanted here.
extern "C" void openblas_set_num_threads(int count);

namespace gpu {

/// The sums of a product are the same every time, whatever number of threads other code has asked for.
inline void useOneThread() { openblas_set_num_threads(1); }

/// Rounds to the nearest number whose last `bits` bits are zero, and to the even one of two.
inline float rounded(float value, int bits) {
    if (!std::isfinite(value)) return value;
    const uint32_t word = std::bit_cast<uint32_t>(value), half = (1u << (bits - 1)) - 1, odd = word >> bits & 1;
    return std::bit_cast<float>((word + half + odd) >> bits << bits);
}

/// What a tensor core of the Ampere generation keeps of a float: ten bits of its fraction.
inline float tf32(float value) { return rounded(value, 13); }

inline float widened(uint16_t value) { return std::bit_cast<float>(uint32_t{value} << 16); }

inline uint16_t bfloat16(float value) {
    const auto upper = static_cast<uint16_t>(std::bit_cast<uint32_t>(rounded(value, 16)) >> 16);
    return std::isnan(value) ? upper | 0x40 : upper;
}

/// Elements in device memory, seen as floats.
class Elements {
  public:
    Elements(void *start, bool isBFloat16) : start(start), isBFloat16(isBFloat16) {}

    float operator[](size_t i) const {
        return isBFloat16 ? widened(static_cast<uint16_t *>(start)[i]) : static_cast<float *>(start)[i];
    }

    void set(size_t i, float value) const {
        if (isBFloat16) {
            static_cast<uint16_t *>(start)[i] = bfloat16(value);
        } else {
            static_cast<float *>(start)[i] = value;
        }
    }

    /// What the device computes with.
    std::vector<float> values(size_t count, bool isTF32) const {
        std::vector<float> result(count);
        for (size_t i = 0; i < count; i++) result[i] = isTF32 && !isBFloat16 ? tf32((*this)[i]) : (*this)[i];
        return result;
    }

  private:
    void *start;
    bool isBFloat16;
};

}  // namespace gpu
