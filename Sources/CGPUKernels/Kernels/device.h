// What all kernels share. The text includes nothing, so that the compiler at run time needs no folder of headers.

// A test that compiles the kernels as C++ has macros of its own.
#ifndef KERNEL
/// A kernel whose threads do not wait for each other.
#define KERNEL(name, ...) extern "C" __global__ void __launch_bounds__(256) name(__VA_ARGS__)
/// A kernel whose blocks have exactly so many threads, which wait for each other.
#define BLOCK_KERNEL(name, threads, ...) extern "C" __global__ void __launch_bounds__(threads) name(__VA_ARGS__)
/// An array that the threads of a block share.
#define SHARED(type, name, size) __shared__ type name size
#endif

// MARK: - Elements

/// The upper half of a float.
struct bfloat16 {
    unsigned short bits;
};

/// The type of values and of their gradients. Sums and statistics are doubles, parameters are floats.
typedef ELEMENT Element;

__device__ inline float load(const float *x, int i) { return x[i]; }
__device__ inline float load(const bfloat16 *x, int i) { return __uint_as_float(unsigned(x[i].bits) << 16); }

__device__ inline void store(float *y, int i, float value) { y[i] = value; }

/// Rounds to the nearest, to the even one of two. NaN stays NaN.
__device__ inline void store(bfloat16 *y, int i, float value) {
    const unsigned bits = __float_as_uint(value), odd = bits >> 16 & 1;
    y[i].bits = isnan(value) ? bits >> 16 | 0x40 : (bits + 0x7FFF + odd) >> 16;
}

template <typename T>
__device__ void put(T *y, int i, float value, int add) {
    store(y, i, add ? load(y, i) + value : value);
}

// MARK: - Functions that several kernels need

/// NaN stays NaN.
__device__ inline float relu(float x) { return x < 0 ? 0 : x; }
/// `y` may be the input or the output of the ReLU.
__device__ inline float relu_gradient(float dy, float y) { return y > 0 ? dy : 0; }

// MARK: - Loops over elements

__device__ inline unsigned thread_index() { return blockIdx.x * blockDim.x + threadIdx.x; }
__device__ inline unsigned thread_count() { return gridDim.x * blockDim.x; }

/// Calls `body(i)` for all i below the count, each on one of the grid's threads.
template <typename Body>
__device__ void for_each(int count, Body body) {
    for (unsigned i = thread_index(); i < unsigned(count); i += thread_count()) body(int(i));
}

/// Elements side by side, which one instruction loads or stores.
template <typename T, int WIDTH>
struct alignas(WIDTH * sizeof(T)) Pack {
    T elements[WIDTH];
};

/// How many elements a pack has where the shapes allow it.
constexpr int PACK = 4;

template <typename T>
__device__ bool is_aligned(const T *x) {
    return reinterpret_cast<unsigned long long>(x) % sizeof(Pack<T, PACK>) == 0;
}

/// The elements from i on; zeros without an array.
template <int WIDTH, typename T>
__device__ Pack<T, WIDTH> read(const T *x, int i) {
    return x ? *reinterpret_cast<const Pack<T, WIDTH> *>(x + i) : Pack<T, WIDTH>{};
}

/// `y[i + k] (+)= f(k, x[k]...)` for the elements of packs.
template <int WIDTH, typename T, typename Function, typename... Input>
__device__ void write(T *y, int i, int add, Function f, const Pack<Input, WIDTH> &...x) {
    Pack<T, WIDTH> result = add ? read<WIDTH>(y, i) : Pack<T, WIDTH>{};
    for (int k = 0; k < WIDTH; k++) put(result.elements, k, f(k, load(x.elements, k)...), add);
    *reinterpret_cast<Pack<T, WIDTH> *>(y + i) = result;
}

template <int WIDTH, typename T, typename Function, typename... Input>
__device__ void map_packs(T *y, int count, int add, Function f, const Input *...x) {
    for_each(count / WIDTH, [&](int pack) {
        const int i = pack * WIDTH;
        write<WIDTH>(y, i, add, [&](int k, auto... values) { return f(i + k, values...); }, read<WIDTH>(x, i)...);
    });
}

/// `y[i] (+)= f(i, x[i]...)` for all elements. `y` may be one of the inputs. An input without an array is zero.
template <typename T, typename Function, typename... Input>
__device__ void map(T *y, int count, int add, Function f, const Input *...x) {
    if (count % PACK == 0 && is_aligned(y) && (is_aligned(x) && ...)) {
        map_packs<PACK>(y, count, add, f, x...);
    } else {
        map_packs<1>(y, count, add, f, x...);
    }
}

template <int WIDTH, typename Function, typename... Input>
__device__ void map_packs_of_channels(Element *y, int count, int channels, int add, Function f, const Input *...x) {
    // A thread keeps its channels from row to row. Threads that are left over when all others have a row do nothing.
    const unsigned groups = channels / WIDTH, rows = count / channels;
    const unsigned lanes = min(groups, thread_count()), step = thread_count() / lanes;
    const unsigned first = thread_index() / lanes;
    if (first >= min(step, rows)) return;
    for (unsigned group = thread_index() % lanes; group < groups; group += lanes) {
        decltype(f(0)) channel[WIDTH];
        for (int k = 0; k < WIDTH; k++) channel[k] = f(group * WIDTH + k);
        for (unsigned row = first; row < rows; row += step) {
            const int i = row * channels + group * WIDTH;
            write<WIDTH>(y, i, add, [&](int k, auto... values) { return channel[k](values...); }, read<WIDTH>(x, i)...);
        }
    }
}

/// The same with a function for each channel: `y[i] (+)= f(c)(x[i]...)`. So a thread reads the numbers of a channel
/// once.
template <typename Function, typename... Input>
__device__ void map_channels(Element *y, int count, int channels, int add, Function f, const Input *...x) {
    if (channels % PACK == 0 && is_aligned(y) && (is_aligned(x) && ...)) {
        map_packs_of_channels<PACK>(y, count, channels, add, f, x...);
    } else {
        map_packs_of_channels<1>(y, count, channels, add, f, x...);
    }
}

/// Where an element of images lies.
struct Place {
    int image, row, column, channel;

    __device__ Place(unsigned i, unsigned height, unsigned width, unsigned channels) {
        channel = i % channels;
        i /= channels;
        column = i % width;
        i /= width;
        row = i % height;
        image = i / height;
    }
};

// MARK: - Sums

/// Combines the numbers of all threads of a column, which are those with the same `threadIdx.x % columns`, in an order
/// that is always the same. Every thread gets its column's result. `columns` is a power of two.
template <typename Function>
__device__ double reduce(double value, int columns, Function f) {
    SHARED(double, values, [256]);
    const int thread = threadIdx.x;
    // Threads may still read the result of the reduction before.
    __syncthreads();
    values[thread] = value;
    __syncthreads();
    // In each round a thread combines at most 16 numbers, which no other thread reads.
    for (int count = blockDim.x; count > columns;) {
        const int next = max(columns, count / 16);
        if (thread < next) {
            for (int i = thread + next; i < count; i += next) values[thread] = f(values[thread], values[i]);
        }
        __syncthreads();
        count = next;
    }
    return values[thread % columns];
}

__device__ inline double column_sum(double value, int columns) {
    return reduce(value, columns, [](double a, double b) { return a + b; });
}

__device__ inline double block_sum(double value) { return column_sum(value, 1); }

/// NaN loses.
__device__ inline double block_largest(double value) {
    return reduce(value, 1, [](double a, double b) { return fmax(a, b); });
}

/// Sums over rows for the 32 channels of a tile. `term(row, channel, sums)` adds an element's terms to the sums, and
/// `result(channel, sums)` receives each channel's sums once.
template <int SUMS, typename Term, typename Result>
__device__ void sum_columns(int tile, int firstRow, int endRow, int channels, Term term, Result result) {
    // Neighboring threads read neighboring channels. Fewer channels leave more rows to the threads.
    int columns = 32;
    while (columns / 2 >= channels) columns /= 2;
    const int channel = tile * 32 + threadIdx.x % columns, step = blockDim.x / columns;
    double sums[SUMS] = {};
    if (channel < channels) {
        firstRow += threadIdx.x / columns;
        const int rounds = (endRow - firstRow + step - 1) / step;
        // The number of rounds is known at the start, so that loads of several rounds are under way at the same time.
        #pragma unroll 8
        for (int round = 0; round < rounds; round++) term(firstRow + round * step, channel, sums);
    }
    for (int k = 0; k < SUMS; k++) sums[k] = column_sum(sums[k], columns);
    if (threadIdx.x < columns && channel < channels) result(channel, sums);
}

/// The sums of the rows of block `(blockIdx.x, blockIdx.y)`, which has tile `blockIdx.x`:
/// `partial[blockIdx.y][k][channel]`.
template <int SUMS, typename Term>
__device__ void partial_sums(double *partial, int rows, int channels, int rowsPerBlock, Term term) {
    const int first = blockIdx.y * rowsPerBlock;
    auto result = [=](int channel, const double *sums) {
        for (int k = 0; k < SUMS; k++) partial[(blockIdx.y * SUMS + k) * channels + channel] = sums[k];
    };
    sum_columns<SUMS>(blockIdx.x, first, first + min(rowsPerBlock, rows - first), channels, term, result);
}

/// Calls `result(channel, sums)` with each channel's sums over all blocks. Any grid of blocks divides the tiles.
template <int SUMS, typename Result>
__device__ void finish_sums(const double *partial, int blocks, int channels, Result result) {
    for (int tile = blockIdx.x; tile * 32 < channels; tile += gridDim.x) {
        auto term = [=](int block, int channel, double *sums) {
            for (int k = 0; k < SUMS; k++) sums[k] += partial[(block * SUMS + k) * channels + channel];
        };
        sum_columns<SUMS>(tile, 0, blocks, channels, term, result);
    }
}

// MARK: - Operands that are repeated

/// The operand's element that belongs to element i of the larger shape.
__device__ inline int operand_element(const GPUBroadcast &operand, unsigned i) {
    int element = 0;
    // All axes that there may be: so the compiler knows the place of every number.
    for (int axis = 7; axis >= 0; axis--) {
        if (axis >= operand.rank) continue;
        element += i % operand.shape[axis] * operand.strides[axis];
        i /= operand.shape[axis];
    }
    return element;
}

/// The n-th element of the larger shape to which the operand's element is repeated, counted from 0.
__device__ inline int repeated_element(const GPUBroadcast &operand, unsigned element, unsigned n) {
    int result = 0, stride = 1;
    for (int axis = 7; axis >= 0; axis--) {
        if (axis >= operand.rank) continue;
        const unsigned length = operand.shape[axis];
        if (operand.strides[axis] != 0) {
            result += element / operand.strides[axis] % length * stride;
        } else {
            result += n % length * stride;
            n /= length;
        }
        stride *= length;
    }
    return result;
}
