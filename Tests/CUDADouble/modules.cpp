#include "modules.h"

#include <algorithm>
#include <cstring>

#include "CUDADouble.h"
#include "cpu_device.h"

namespace gpu {

namespace {

/// Functions live as long as their module, and are not objects of their own.
std::map<CUfunction, const GPUKernel *> functions;

struct Module {
    explicit Module(bool isBFloat16) : isBFloat16(isBFloat16) {}
    ~Module() {
        for (const auto &[name, handle] : handles) functions.erase(handle);
    }

    const bool isBFloat16;
    std::map<std::string, CUfunction> handles;
};

Table<Module, CUmodule> modules{"modules"};

unsigned long long launches;

struct Launch {
    const GPUKernel *kernel;
    unsigned grid[3], block[3];
    /// The values of all arguments, each at a multiple of 16.
    std::vector<char> values;
    std::vector<size_t> places;

    int run() const {
        auto copy = values;
        std::vector<void *> arguments;
        for (const size_t place : places) arguments.push_back(copy.data() + place);
        launches++;
        struct State {
            const Launch &launch;
            void **arguments;
            int error;
        } state{*this, arguments.data(), 0};
        const bool isFine = survives([](void *context) {
            auto &[launch, arguments, error] = *static_cast<State *>(context);
            error = launch.kernel->run(*launch.kernel, launch.grid, launch.block, arguments);
        }, &state);
        if (!isFine || state.error) return fail(Refusal::wroteOutside, CUDA_ERROR_ILLEGAL_ADDRESS);
        for (size_t i = 0; i < places.size(); i++) {
            if (!kernel->parameters[i].element) continue;
            Address address;
            std::memcpy(&address, values.data() + places[i], sizeof address);
            if (!isIntact(address)) return fail(Refusal::wroteOutside, CUDA_ERROR_ILLEGAL_ADDRESS);
        }
        return 0;
    }
};

}  // namespace

uint64_t Image::sum() const {
    // FNV-1a, over the kernels' text and what was chosen.
    uint64_t hash = 0xCBF29CE484222325 + static_cast<uint64_t>(architecture * 2 + isBFloat16);
    for (const char *c = gpu_kernels_source(); *c; c++) hash = (hash ^ static_cast<unsigned char>(*c)) * 0x100000001B3;
    return hash;
}

Image::Image(int architecture, bool isBFloat16) : architecture(architecture), isBFloat16(isBFloat16), checksum(sum()) {}

}  // namespace gpu

using namespace gpu;

void *gpu_translate(unsigned long long address, size_t element) {
    return isOnDevice({address, element, false}) ? accessible(address) : nullptr;
}

unsigned long long cuda_double_launches(void) {
    const Call call(__func__);
    return launches;
}

CUresult cuModuleLoadData(CUmodule *module, const void *image) {
    const Call call(__func__);
    REQUIRE(call.outsideCapture());
    if (!module || !image) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    Image loaded;
    if (std::memcmp(image, loaded.magic, sizeof loaded.magic)) {
        return refuse(Refusal::badImage, CUDA_ERROR_INVALID_IMAGE);
    }
    std::memcpy(&loaded, image, sizeof loaded);
    if (loaded.checksum != loaded.sum()) return refuse(Refusal::badImage, CUDA_ERROR_INVALID_IMAGE);
    // Code runs on devices with the same major number and no smaller minor number.
    if (loaded.architecture / 10 != architecture / 10 || loaded.architecture > architecture) {
        return refuse(Refusal::badImage, CUDA_ERROR_NO_BINARY_FOR_GPU);
    }
    *module = modules.add(std::make_shared<Module>(loaded.isBFloat16 != 0));
    return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule handle) {
    const Call call(__func__);
    REQUIRE(call.outsideCapture());
    return modules.remove(handle) ? CUDA_SUCCESS : refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
}

CUresult cuModuleGetFunction(CUfunction *function, CUmodule handle, const char *name) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!function || !name) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    const auto module = modules.find(handle);
    if (!module) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    const char *element = module->isBFloat16 ? "bfloat16" : "float";
    const auto found = std::ranges::find_if(gpu_kernels(), [&](const GPUKernel &kernel) {
        return !std::strcmp(kernel.name, name) && !std::strcmp(kernel.element, element);
    });
    if (found == gpu_kernels().end()) return refuse(Refusal::unknownKernel, CUDA_ERROR_NOT_FOUND);
    CUfunction &known = module->handles[name];
    if (!known) {
        known = reinterpret_cast<CUfunction>(newHandle());
        functions[known] = &*found;
    }
    *function = known;
    return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(
    CUfunction function, unsigned int gridX, unsigned int gridY, unsigned int gridZ, unsigned int blockX,
    unsigned int blockY, unsigned int blockZ, unsigned int sharedBytes, CUstream stream, void **arguments,
    void **extra) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto found = functions.find(function);
    if (found == functions.end()) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    const GPUKernel &kernel = *found->second;
    if (std::min({gridX, gridY, gridZ, blockX, blockY, blockZ}) == 0 || gridX > 0x7FFFFFFF ||
        std::max(gridY, gridZ) > 65535 || std::max(blockX, blockY) > 1024 || blockZ > 64 ||
        size_t{blockX} * blockY * blockZ > 1024 || sharedBytes > 48 << 10) {
        return refuse(Refusal::launchSize, CUDA_ERROR_INVALID_VALUE);
    }
    // A GPU may run it, and its threads would compute nonsense. The others are compiled for at most 256 threads.
    if (kernel.threads ? blockX != kernel.threads || blockY * blockZ != 1 : blockX * blockY * blockZ > 256) {
        return refuse(Refusal::blockSize, CUDA_ERROR_INVALID_VALUE);
    }
    if (extra) return refuse(Refusal::unknownFlags, CUDA_ERROR_INVALID_VALUE);
    if (!arguments) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    Launch launch{&kernel, {gridX, gridY, gridZ}, {blockX, blockY, blockZ}, {}, {}};
    std::vector<Extent> extents;
    for (size_t i = 0; i < kernel.parameters.size(); i++) {
        const GPUParameter &parameter = kernel.parameters[i];
        if (!arguments[i]) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
        const size_t place = launch.values.size();
        launch.places.push_back(place);
        launch.values.resize(place + (parameter.bytes + 15) / 16 * 16);
        std::memcpy(launch.values.data() + place, arguments[i], parameter.bytes);
        if (!parameter.element) continue;
        Address address;
        std::memcpy(&address, arguments[i], sizeof address);
        if (!address) continue;
        const size_t element = std::min<size_t>(parameter.element, 8);
        if (address % (element & -element)) return fail(Refusal::misaligned, CUDA_ERROR_MISALIGNED_ADDRESS);
        if (!isOnDevice({address, parameter.element, false})) {
            return fail(Refusal::notDeviceMemory, CUDA_ERROR_ILLEGAL_ADDRESS);
        }
        // How many elements the kernel reads is not known.
        extents.push_back({address, parameter.element, !parameter.isConst});
    }
    return enqueue(stream, {extents, [launch] { return launch.run(); }});
}
