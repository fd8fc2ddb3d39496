// The checks that this switches off take a jump from one stack to another for a mistake.
#undef _FORTIFY_SOURCE

#include "cpu_device.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <ucontext.h>

namespace {

[[noreturn]] void stop(const char *what) {
    std::fprintf(stderr, "a GPU's block (%u, %u, %u): %s\n", blockIdx.x, blockIdx.y, blockIdx.z, what);
    std::abort();
}

std::vector<GPUKernel> &kernels() {
    // Static initializers of other files register kernels, perhaps before those of this one run.
    static std::vector<GPUKernel> kernels;
    return kernels;
}

/// The threads of a block, one after the other on a processor's thread. A fiber gives way at `__syncthreads` alone.
class Fibers {
    struct Fiber {
        // A context starts the fiber. Later changes are jumps, which need no call to the system.
        ucontext_t start;
        jmp_buf place;
        bool hasStarted = false;
        std::unique_ptr<char[]> stack;
    };
    static constexpr size_t stackSize = 64 * 1024;
    std::vector<std::unique_ptr<Fiber>> fibers;
    jmp_buf scheduler;

    void (*body)(void *) = nullptr;
    void *context = nullptr;
    unsigned running = 0;
    /// How many threads of this phase ended, rather than waiting for the others.
    unsigned ended = 0;
    /// The shared memory that the block has come to.
    std::vector<void *> shared;

    /// A fiber serves block after block.
    static void serve();

    void resume(unsigned thread) {
        running = thread;
        threadIdx = {thread, 0, 0};
        Fiber &fiber = *fibers[thread];
        if (_setjmp(scheduler) != 0) return;
        if (fiber.hasStarted) _longjmp(fiber.place, 1);
        fiber.hasStarted = true;
        setcontext(&fiber.start);
    }

public:
    bool isRunning = false;

    void run(void (*body)(void *), void *context, unsigned count) {
        // A run that a crash has ended left its fibers in the middle of it.
        if (isRunning) fibers.clear();
        while (fibers.size() < count) {
            auto fiber = std::make_unique<Fiber>();
            fiber->stack.reset(new char[stackSize]);
            getcontext(&fiber->start);
            fiber->start.uc_stack.ss_sp = fiber->stack.get();
            fiber->start.uc_stack.ss_size = stackSize;
            fiber->start.uc_link = nullptr;
            makecontext(&fiber->start, serve, 0);
            fibers.push_back(std::move(fiber));
        }
        this->body = body;
        this->context = context;
        shared.clear();
        isRunning = true;
        // Every second phase runs the threads backwards: a barrier that is missing changes what they read.
        for (bool isBackwards = false;; isBackwards = !isBackwards) {
            ended = 0;
            for (unsigned i = 0; i < count; i++) resume(isBackwards ? count - 1 - i : i);
            if (ended == count) break;
            if (ended > 0) stop("some threads ended while others wait for them");
        }
        isRunning = false;
    }

    void wait() {
        if (_setjmp(fibers[running]->place) == 0) _longjmp(scheduler, 1);
    }

    void share(void *memory, size_t size) {
        for (void *known : shared) {
            if (known == memory) return;
        }
        shared.push_back(memory);
        std::memset(memory, 0xFF, size);
    }
};

thread_local Fibers block;

void Fibers::serve() {
    while (true) {
        block.body(block.context);
        block.ended++;
        block.wait();
    }
}

}  // namespace

GPURegistration::GPURegistration(const GPUKernel &kernel) { kernels().push_back(kernel); }

const std::vector<GPUKernel> &gpu_kernels() { return kernels(); }

int gpu_run(const char *name, bool bfloat16, const unsigned grid[3], const unsigned block[3], void **arguments) {
    for (const GPUKernel &kernel : kernels()) {
        if (std::strcmp(kernel.name, name) != 0 || (std::strcmp(kernel.element, "bfloat16") == 0) != bfloat16) continue;
        const unsigned threads = block[0] * block[1] * block[2];
        const bool isBlock = kernel.kind == GPUKernelKind::block;
        const bool fits = isBlock ? block[0] == kernel.threads && threads == kernel.threads : threads <= 256;
        // CUDA_ERROR_INVALID_VALUE
        if (!fits || threads == 0 || grid[0] == 0 || grid[1] == 0 || grid[2] == 0) return 1;
        return kernel.run(kernel, grid, block, arguments);
    }
    return 500;  // CUDA_ERROR_NOT_FOUND
}

void gpu_run_block(void (*body)(void *), void *context) { block.run(body, context, blockDim.x); }

void __syncthreads() {
    if (!block.isRunning) stop("a thread waits in a kernel whose threads do not wait for each other");
    block.wait();
}

void gpu_share(void *memory, size_t size) {
    if (!block.isRunning) stop("shared memory in a kernel whose threads do not wait for each other");
    block.share(memory, size);
}

float __fadd_rn(float a, float b) { return a + b; }
float __fsub_rn(float a, float b) { return a - b; }
float __fmul_rn(float a, float b) { return a * b; }
float __fdiv_rn(float a, float b) { return a / b; }
float __fsqrt_rn(float a) { return std::sqrt(a); }
double __dadd_rn(double a, double b) { return a + b; }
double __dmul_rn(double a, double b) { return a * b; }
