// NVRTC. It compiles nothing: it makes sure that the text is the one that the double's own kernels come from.
#include <cstring>
#include <string>

#include "modules.h"

namespace gpu {

namespace {

struct Program {
    std::string source, log;
    bool isCompiled = false;
    std::optional<Image> image;
};

/// Programs need no context, and outlive it.
std::map<nvrtcProgram, Program> programs;

Program *find(nvrtcProgram handle) {
    const auto found = programs.find(handle);
    return found == programs.end() ? nullptr : &found->second;
}

struct Options {
    bool isVirtual = false;
    int architecture = 0;
    std::string element;

    /// Takes an option, if the compiler knows it.
    bool take(std::string_view option) {
        const auto startsWith = [&](std::string_view prefix) {
            if (!option.starts_with(prefix)) return false;
            option.remove_prefix(prefix.size());
            return true;
        };
        if (startsWith("--gpu-architecture=")) {
            isVirtual = startsWith("compute_");
            if (!isVirtual && !startsWith("sm_")) return false;
            architecture = 0;
            for (const char digit : option) {
                if (digit < '0' || digit > '9' || architecture > 1000) return false;
                architecture = 10 * architecture + (digit - '0');
            }
            return architecture >= 75;
        }
        if (startsWith("-DELEMENT=")) {
            element = option;
            return true;
        }
        return option == "--std=c++17" || option == "-default-device" || option == "--fmad=true" ||
            option == "--fmad=false";
    }
};

}  // namespace

}  // namespace gpu

using namespace gpu;

nvrtcResult nvrtcVersion(int *major, int *minor) {
    const Call call(__func__);
    if (!major || !minor) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_INPUT);
    *major = 13;
    *minor = 0;
    return NVRTC_SUCCESS;
}

const char *nvrtcGetErrorString(nvrtcResult result) {
    switch (result) {
#define RESULT(name) \
    case name: return #name;
        RESULT(NVRTC_SUCCESS)
        RESULT(NVRTC_ERROR_INVALID_INPUT)
        RESULT(NVRTC_ERROR_INVALID_PROGRAM)
        RESULT(NVRTC_ERROR_INVALID_OPTION)
        RESULT(NVRTC_ERROR_COMPILATION)
#undef RESULT
    }
    return "NVRTC_ERROR unknown";
}

nvrtcResult nvrtcCreateProgram(
    nvrtcProgram *program, const char *source, const char *name, int count, const char *const *headers,
    const char *const *includeNames) {
    const Call call(__func__);
    if (!program || !source) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_INPUT);
    // The kernels include nothing. A name is only for messages.
    if (count || headers || includeNames) return refuse(Refusal::unknownFlags, NVRTC_ERROR_INVALID_INPUT);
    static_cast<void>(name);
    *program = reinterpret_cast<nvrtcProgram>(newHandle());
    programs[*program].source = source;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcDestroyProgram(nvrtcProgram *program) {
    const Call call(__func__);
    if (!program) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_PROGRAM);
    if (!programs.erase(*program)) return refuse(Refusal::unknownHandle, NVRTC_ERROR_INVALID_PROGRAM);
    *program = nullptr;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcCompileProgram(nvrtcProgram handle, int count, const char *const *options) {
    const Call call(__func__);
    Program *program = find(handle);
    if (!program) return refuse(Refusal::unknownHandle, NVRTC_ERROR_INVALID_PROGRAM);
    if (count < 0 || (count && !options)) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_INPUT);
    program->isCompiled = false;
    program->image.reset();
    Options taken;
    for (int i = 0; i < count; i++) {
        if (options[i] && taken.take(options[i])) continue;
        program->log = std::string("error: unrecognized option ") + (options[i] ? options[i] : "NULL");
        return refuse(Refusal::unknownOption, NVRTC_ERROR_INVALID_OPTION);
    }
    const bool isBFloat16 = taken.element == "bfloat16";
    if (!taken.architecture || (!isBFloat16 && taken.element != "float")) {
        program->log = "error: --gpu-architecture and -DELEMENT=float or -DELEMENT=bfloat16 are needed";
        return refuse(Refusal::noArchitecture, NVRTC_ERROR_COMPILATION);
    }
    if (program->source != gpu_kernels_source()) {
        program->log = "error: the text is not that of the double's kernels. Build the double again";
        return refuse(Refusal::otherSource, NVRTC_ERROR_COMPILATION);
    }
    program->log.clear();
    program->isCompiled = true;
    if (!taken.isVirtual) program->image = Image(taken.architecture, isBFloat16);
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetCUBINSize(nvrtcProgram handle, size_t *size) {
    const Call call(__func__);
    const Program *program = find(handle);
    if (!program) return refuse(Refusal::unknownHandle, NVRTC_ERROR_INVALID_PROGRAM);
    if (!size) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_INPUT);
    if (!program->isCompiled) return refuse(Refusal::notCompiled, NVRTC_ERROR_INVALID_PROGRAM);
    *size = program->image ? sizeof(Image) : 0;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetCUBIN(nvrtcProgram handle, char *code) {
    const Call call(__func__);
    const Program *program = find(handle);
    if (!program) return refuse(Refusal::unknownHandle, NVRTC_ERROR_INVALID_PROGRAM);
    if (!code) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_INPUT);
    if (!program->image) return refuse(Refusal::notCompiled, NVRTC_ERROR_INVALID_PROGRAM);
    std::memcpy(code, &*program->image, sizeof(Image));
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram handle, size_t *size) {
    const Call call(__func__);
    const Program *program = find(handle);
    if (!program) return refuse(Refusal::unknownHandle, NVRTC_ERROR_INVALID_PROGRAM);
    if (!size) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_INPUT);
    *size = program->log.size() + 1;
    return NVRTC_SUCCESS;
}

nvrtcResult nvrtcGetProgramLog(nvrtcProgram handle, char *log) {
    const Call call(__func__);
    const Program *program = find(handle);
    if (!program) return refuse(Refusal::unknownHandle, NVRTC_ERROR_INVALID_PROGRAM);
    if (!log) return refuse(Refusal::nullArgument, NVRTC_ERROR_INVALID_INPUT);
    std::memcpy(log, program->log.c_str(), program->log.size() + 1);
    return NVRTC_SUCCESS;
}
