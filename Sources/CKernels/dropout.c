#include "dropout.h"
#include "processors.h"

/// Philox4x32-10, which is described in `Philox.swift`, on many blocks side by side.
FOR_ALL_PROCESSORS
void dropout_factors(struct random_stream stream, uint64_t first, size_t count, float rate, float *factors) {
    const float scale = 1 / (1 - rate);
    for (size_t i = 0; i < count; i++) {
        const uint64_t block = first + i;
        uint32_t key[2] = {stream.key[0], stream.key[1]};
        // The counter of a block is that of `RandomStream.words`.
        uint32_t x[4] = {(uint32_t)block, stream.index, stream.epoch,
                         stream.purpose << 24 | ((uint32_t)(block >> 32) & 0xFFFFFF)};
#pragma clang loop unroll(full)
        for (int round = 0; round < 10; round++) {
            const uint64_t a = (uint64_t)0xD2511F53 * x[0], b = (uint64_t)0xCD9E8D57 * x[2];
            x[0] = (uint32_t)(b >> 32) ^ x[1] ^ key[0];
            x[1] = (uint32_t)b;
            x[2] = (uint32_t)(a >> 32) ^ x[3] ^ key[1];
            x[3] = (uint32_t)a;
            key[0] += 0x9E3779B9;
            key[1] += 0xBB67AE85;
        }
        for (int j = 0; j < 4; j++) {
            const float random = (float)(int32_t)(x[j] >> 8) * 0x1p-24f;
            factors[4 * i + j] = random >= rate ? scale : 0;
        }
    }
}
