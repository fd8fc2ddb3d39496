// Updates, penalties and copies of parameters. Parameters are floats. A chunk has at most 1024 elements of one
// parameter.

/// Calls `body(chunk, number, i)` for every element i of every chunk. A block takes a chunk at a time.
template <typename Body>
__device__ void for_each_in_chunks(const GPUChunk *chunks, int count, Body body) {
    for (int number = blockIdx.x; number < count; number += gridDim.x) {
        const GPUChunk chunk = chunks[number];
        for (int i = threadIdx.x; i < chunk.count; i += blockDim.x) body(chunk, number, i);
    }
}

/// `g +` the derivative of the penalty at w, which for `l1 * |w|` is 0 at 0. Each operation is rounded by itself.
__device__ inline float add_penalty_gradient(float g, float w, float l1, float l2) {
    if (l1 == 0 && l2 == 0) return g;
    g = __fadd_rn(g, __fmul_rn(2 * l2, w));
    return l1 == 0 ? g : __fadd_rn(g, w > 0 ? l1 : w < 0 ? -l1 : 0);
}

/// Carries an optimizer's program out on every trainable element. Each operation is rounded by itself, so that results
/// are those of all other backends, bit by bit.
KERNEL(update, const GPUChunk *chunks, int chunkCount, float *weights, const float *gradients, float *slots,
       long long slotStride, const GPUUpdateProgram *program, int addingPenalties) {
    for_each_in_chunks(chunks, chunkCount, [&](const GPUChunk &chunk, int, int i) {
        if (!chunk.trainable) return;
        float *weight = weights + chunk.weight + i, *slot = slots + chunk.offset + i;
        float gradient = gradients[chunk.offset + i];
        if (addingPenalties) gradient = add_penalty_gradient(gradient, *weight, chunk.l1, chunk.l2);

        // `top` is the first free place.
        float stack[GPU_STACK_DEPTH], *top = stack;
        for (const unsigned char *code = program->code, *end = code + program->count; code < end;) {
            switch (*code++) {
                case GPU_GRADIENT: *top++ = gradient; break;
                case GPU_WEIGHT: *top++ = *weight; break;
                case GPU_SLOT: *top++ = slot[*code++ * slotStride]; break;
                case GPU_CONSTANT: *top++ = program->constants[*code++]; break;
                case GPU_ADD: top--, top[-1] = __fadd_rn(top[-1], top[0]); break;
                case GPU_SUBTRACT: top--, top[-1] = __fsub_rn(top[-1], top[0]); break;
                case GPU_MULTIPLY: top--, top[-1] = __fmul_rn(top[-1], top[0]); break;
                case GPU_DIVIDE: top--, top[-1] = __fdiv_rn(top[-1], top[0]); break;
                case GPU_ROOT: top[-1] = __fsqrt_rn(top[-1]); break;
                case GPU_SET_WEIGHT: *weight = *--top; break;
                case GPU_SET_SLOT: slot[*code++ * slotStride] = *--top; break;
            }
        }
    });
}

/// A block's penalty: `l1 * sum |w| + l2 * sum w^2` over chunk `blockIdx.x`. Frozen weights count if asked for.
BLOCK_KERNEL(penalty_sums, 256, double *partial, const GPUChunk *chunks, const float *weights, int includingFrozen) {
    const GPUChunk chunk = chunks[blockIdx.x];
    double absolutes = 0, squares = 0;
    if (chunk.trainable || includingFrozen) {
        for (int i = threadIdx.x; i < chunk.count; i += blockDim.x) {
            const double w = weights[chunk.weight + i];
            absolutes += fabs(w);
            squares += w * w;
        }
    }
    // A sum without a factor does not count, even if it is infinite.
    absolutes = chunk.l1 == 0 ? 0 : chunk.l1 * absolutes;
    squares = chunk.l2 == 0 ? 0 : chunk.l2 * squares;
    const double penalty = block_sum(absolutes + squares);
    if (threadIdx.x == 0) partial[blockIdx.x] = penalty;
}

/// `gradients +=` the derivatives of the penalties, for trainable weights.
KERNEL(add_penalty_gradients, float *gradients, const GPUChunk *chunks, int chunkCount, const float *weights) {
    for_each_in_chunks(chunks, chunkCount, [&](const GPUChunk &chunk, int, int i) {
        float *gradient = gradients + chunk.offset + i;
        if (chunk.trainable) *gradient = add_penalty_gradient(*gradient, weights[chunk.weight + i], chunk.l1, chunk.l2);
    });
}

/// `flags[blockIdx.x]` = whether a number that this block has read is not finite.
BLOCK_KERNEL(not_finite, 256, int *flags, const float *values, int count) {
    double found = 0;
    for_each(count, [&](int i) {
        if (!isfinite(values[i])) found = 1;
    });
    found = block_largest(found);
    if (threadIdx.x == 0) flags[blockIdx.x] = found != 0;
}

// MARK: - Weights in the layouts of the libraries

/// A tile of a matrix on its way to the other side of the diagonal.
struct Tile {
    int row, column;
    GPUMatrix matrix;

    /// `firstTile[m]` is the number of tiles of all matrices before m.
    __device__ Tile(const GPUMatrix *matrices, const int *firstTile, int matrixCount, int number) {
        int low = 0, high = matrixCount - 1;
        while (low < high) {
            const int middle = (low + high + 1) / 2;
            if (firstTile[middle] <= number) low = middle;
            else high = middle - 1;
        }
        matrix = matrices[low];
        const int tile = number - firstTile[low], tilesInRow = (matrix.columns + 31) / 32;
        row = tile / tilesInRow * 32;
        column = tile % tilesInRow * 32;
    }

    /// Reads rows, writes columns: `write(column, row, read(row, column))`. The transposition happens in shared memory,
    /// so that neighboring threads read and write neighboring elements.
    template <typename Read, typename Write>
    __device__ static void transpose(int firstRow, int firstColumn, int rows, int columns, Read read, Write write) {
        // A column more than needed, so that the threads of a warp use different banks.
        SHARED(float, tile, [32][33]);
        const int x = threadIdx.x % 32, step = blockDim.x / 32;
        for (int y = threadIdx.x / 32; y < 32; y += step) {
            const int row = firstRow + y, column = firstColumn + x;
            if (row < rows && column < columns) tile[y][x] = read(row, column);
        }
        __syncthreads();
        for (int y = threadIdx.x / 32; y < 32; y += step) {
            const int row = firstRow + x, column = firstColumn + y;
            if (row < rows && column < columns) write(column, row, tile[x][y]);
        }
    }
};

/// `target[m.target + c * rows + r] = source[m.source + r * columns + c]` for every matrix m. A block has a tile of 32
/// rows and 32 columns.
BLOCK_KERNEL(transpose_weights, 256, Element *target, const float *source, const GPUMatrix *matrices,
             const int *firstTile, int matrixCount) {
    const Tile tile(matrices, firstTile, matrixCount, blockIdx.x);
    const GPUMatrix m = tile.matrix;
    Tile::transpose(tile.row, tile.column, m.rows, m.columns,
                    [&](int r, int c) { return source[m.source + r * m.columns + c]; },
                    [&](int c, int r, float value) { store(target, m.target + c * m.rows + r, value); });
}

/// The way back: `target[m.source + r * columns + c] += source[m.target + c * rows + r]`.
BLOCK_KERNEL(transpose_gradients, 256, float *target, const Element *source, const GPUMatrix *matrices,
             const int *firstTile, int matrixCount) {
    const Tile tile(matrices, firstTile, matrixCount, blockIdx.x);
    const GPUMatrix m = tile.matrix;
    Tile::transpose(tile.column, tile.row, m.columns, m.rows,
                    [&](int c, int r) { return load(source, m.target + c * m.rows + r); },
                    [&](int r, int c, float value) { target[m.source + r * m.columns + c] += value; });
}

/// `target[targets[chunk] + i] = source[chunk.weight + i]`: weights whose layout stays, rounded to elements.
KERNEL(round_weights, Element *target, const float *source, const GPUChunk *chunks, int chunkCount,
       const int *targets) {
    for_each_in_chunks(chunks, chunkCount, [&](const GPUChunk &chunk, int number, int i) {
        store(target, targets[number] + i, source[chunk.weight + i]);
    });
}
