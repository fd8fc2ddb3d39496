// What the files of the test double share: calls, refusals and handles.
//
// The double stands in for NVIDIA's driver, its compiler of kernels, cuBLAS and cuDNN on a machine without a GPU. It
// does what their documentation says. Where that leaves a choice, it chooses what a program is least likely to expect.
#pragma once

#include <CCUDA.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>

#include "refusals.h"

// Every exported function, as the backend's header declares it. A definition of another type does not compile.
#define DECLARE(result, name, arguments) __attribute__((visibility("default"))) result name arguments;
extern "C" {
CCUDA_DRIVER_FUNCTIONS(DECLARE)
CCUDA_COMPILER_FUNCTIONS(DECLARE)
CCUDA_BLAS_FUNCTIONS(DECLARE)
CCUDA_DNN_FUNCTIONS(DECLARE)
}
#undef DECLARE

namespace gpu {

enum class Refusal {
#define REFUSAL(name, text) name,
    REFUSALS(REFUSAL)
#undef REFUSAL
};

/// One call of an exported function. One lock covers the whole double.
class Call {
  public:
    explicit Call(const char *function);

    /// These are 0 or the driver's error. A thread needs a context for nearly everything.
    int initialized() const;
    int inContext() const;

    /// As `inContext`, but the call is also forbidden while this thread captures a stream.
    int outsideCapture() const;

    /// As `inContext`, with the errors of a library.
    int inLibrary(int notInitialized, int failed) const;

  private:
    std::lock_guard<std::recursive_mutex> lock;
};

/// Says on standard error why the current call is refused, if CUDA_DOUBLE_VERBOSE is 1.
///
/// - Returns: the result that was passed.
int refuse(Refusal why, int result);

/// A failure on the device. As on a real one, every later call fails with it.
int fail(Refusal why, int result);

/// The failure on the device, or 0.
int failure();

/// Ends a function with the error of a check.
#define REQUIRE(check) \
    if (const int error = (check)) return error

/// Something that counts as a leak if it is alive when the context is released.
class Counted {
  public:
    explicit Counted(const char *kind);
    Counted(const Counted &) = delete;
    virtual size_t count() const = 0;
    virtual void clear() = 0;
    const char *const kind;
};

/// A number that no handle had before. Whoever takes it for an address crashes, since no address has these high bits.
uintptr_t newHandle();

/// The objects behind the handles of one kind. No handle comes twice, so the use of a destroyed one is always noticed.
template <class Object, class Handle>
class Table : public Counted {
  public:
    using Counted::Counted;

    Handle add(std::shared_ptr<Object> object) {
        const auto handle = reinterpret_cast<Handle>(newHandle());
        objects[handle] = std::move(object);
        return handle;
    }

    std::shared_ptr<Object> find(Handle handle) const {
        const auto found = objects.find(handle);
        return found == objects.end() ? nullptr : found->second;
    }

    bool remove(Handle handle) { return objects.erase(handle) > 0; }
    const std::map<Handle, std::shared_ptr<Object>> &all() const { return objects; }
    size_t count() const override { return objects.size(); }
    void clear() override { objects.clear(); }

  private:
    std::map<Handle, std::shared_ptr<Object>> objects;
};

}  // namespace gpu
