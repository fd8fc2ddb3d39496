// Kernels on the processor: what a kernel's text needs to be C++, and how one is launched. An element-wise kernel runs
// as a loop over its threads. The threads of a block that wait for each other are fibers.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

// MARK: - For the driver

/// The memory behind a device's address, which starts an array of elements of this size; null if there is none.
/// The driver defines it.
void *gpu_translate(unsigned long long device_address, size_t element_size);

enum class GPUKernelKind { independent, block };

struct GPUParameter {
    size_t bytes;
    /// The size of what a pointer points to; 0 for all else.
    size_t element;
    /// Whether the kernel only reads what the pointer points to.
    bool isConst;
};

struct GPUKernel {
    const char *name;
    /// `float` or `bfloat16`.
    const char *element;
    GPUKernelKind kind;
    /// The threads of a block, for a kernel whose threads wait for each other; else 0, and a block has at most 256.
    unsigned threads;
    std::vector<GPUParameter> parameters;
    int (*run)(const GPUKernel &, const unsigned grid[3], const unsigned block[3], void **arguments);
};

/// All kernels, each with either element type.
const std::vector<GPUKernel> &gpu_kernels();

/// Launches a kernel with the arguments of `cuLaunchKernel` and waits for its end. Returns 0 or an error of `CUresult`.
int gpu_run(const char *name, bool bfloat16, const unsigned grid[3], const unsigned block[3], void **arguments);

// MARK: - For kernels

struct GPUIndex {
    unsigned x, y, z;
};

inline constinit thread_local GPUIndex threadIdx{}, blockIdx{}, blockDim{}, gridDim{};

struct GPURegistration {
    explicit GPURegistration(const GPUKernel &kernel);
};

/// Runs `body` as every thread of the block `blockIdx`, whose threads wait for each other.
void gpu_run_block(void (*body)(void *), void *context);

/// Waits for all threads of the block.
void __syncthreads();

/// Fills shared memory with NaN when a block first comes to it, so that nobody relies on what is there.
void gpu_share(void *memory, size_t size);

/// A kernel's function with its launch: the types of the arguments are those of the function.
template <auto function>
struct GPULauncher;

template <typename... Parameter, void (*function)(Parameter...)>
struct GPULauncher<function> {
    static std::vector<GPUParameter> parameters() { return {parameter<Parameter>()...}; }

    static int run(const GPUKernel &kernel, const unsigned grid[3], const unsigned block[3], void **arguments) {
        return launch(kernel, grid, block, arguments, std::index_sequence_for<Parameter...>());
    }

private:
    template <typename T>
    static constexpr GPUParameter parameter() {
        if constexpr (std::is_pointer_v<T>) {
            using Element = std::remove_pointer_t<T>;
            return {sizeof(T), sizeof(Element), std::is_const_v<Element>};
        } else {
            return {sizeof(T), 0, false};
        }
    }

    template <typename T>
    static T argument(const void *value, bool &isFaulty) {
        if constexpr (std::is_pointer_v<T>) {
            unsigned long long address;
            std::memcpy(&address, value, sizeof address);
            if (address == 0) return nullptr;
            void *memory = gpu_translate(address, sizeof(std::remove_pointer_t<T>));
            if (!memory) isFaulty = true;
            return static_cast<T>(memory);
        } else {
            T result;
            std::memcpy(&result, value, sizeof result);
            return result;
        }
    }

    template <size_t... place>
    static int launch(const GPUKernel &kernel, const unsigned grid[3], const unsigned block[3], void **arguments,
                      std::index_sequence<place...>) {
        bool isFaulty = false;
        std::tuple<Parameter...> values{argument<Parameter>(arguments[place], isFaulty)...};
        if (isFaulty) return 700;  // CUDA_ERROR_ILLEGAL_ADDRESS
        gridDim = {grid[0], grid[1], grid[2]};
        blockDim = {block[0], block[1], block[2]};
        for (blockIdx.z = 0; blockIdx.z < gridDim.z; blockIdx.z++) {
            for (blockIdx.y = 0; blockIdx.y < gridDim.y; blockIdx.y++) {
                for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++) run(kernel.kind, values);
            }
        }
        return 0;
    }

    static void run(GPUKernelKind kind, std::tuple<Parameter...> &values) {
        if (kind == GPUKernelKind::block) {
            auto body = [](void *values) { std::apply(function, *static_cast<std::tuple<Parameter...> *>(values)); };
            return gpu_run_block(body, &values);
        }
        for (threadIdx.z = 0; threadIdx.z < blockDim.z; threadIdx.z++) {
            for (threadIdx.y = 0; threadIdx.y < blockDim.y; threadIdx.y++) {
                for (threadIdx.x = 0; threadIdx.x < blockDim.x; threadIdx.x++) std::apply(function, values);
            }
        }
    }
};

#define GPU_STRING_(text) #text
#define GPU_STRING(text) GPU_STRING_(text)
#define GPU_REGISTERED(name, kind, threads, ...)                                                                      \
    void name(__VA_ARGS__);                                                                                           \
    const GPURegistration name##Registration(                                                                         \
        {#name, GPU_STRING(ELEMENT), kind, threads, GPULauncher<&name>::parameters(), GPULauncher<&name>::run});      \
    void name(__VA_ARGS__)

#define KERNEL(name, ...) GPU_REGISTERED(name, GPUKernelKind::independent, 0, __VA_ARGS__)
#define BLOCK_KERNEL(name, threads, ...) GPU_REGISTERED(name, GPUKernelKind::block, threads, __VA_ARGS__)
// Static, because all threads of a block see it; of one processor's thread, because that runs the whole block.
#define SHARED(type, name, size)               \
    static thread_local type name size;        \
    gpu_share(&name, sizeof name)

#define __device__

inline float __uint_as_float(unsigned bits) {
    float value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

inline unsigned __float_as_uint(float value) {
    unsigned bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

// Not inlined: so nothing contracts two of them to one operation.
float __fadd_rn(float a, float b);
float __fsub_rn(float a, float b);
float __fmul_rn(float a, float b);
float __fdiv_rn(float a, float b);
float __fsqrt_rn(float a);
double __dadd_rn(double a, double b);
double __dmul_rn(double a, double b);
