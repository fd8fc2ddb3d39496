#ifndef DROPOUT_H
#define DROPOUT_H

#include <stddef.h>
#include <stdint.h>

/// What the random numbers of a stream have in common, as `RandomStream.address`.
struct random_stream {
    uint32_t key[2], index, epoch, purpose;
};

/// The factors of the elements of `count` blocks of four random numbers, from block `first` of the stream:
/// `1 / (1 - rate)` where an element's random number is at least `rate`, else 0.
void dropout_factors(struct random_stream stream, uint64_t first, size_t count, float rate, float *factors);

#endif
