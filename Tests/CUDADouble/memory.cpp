#include "memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <csetjmp>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>

#include "streams.h"

namespace gpu {

namespace {

constexpr size_t page = 4096, alignment = 256, addresses = size_t{1} << 38;
constexpr int uninitialized = 0xFF;

size_t roundedUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

char *reserved(size_t bytes) {
    void *start = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED) std::abort();
    return static_cast<char *>(start);
}

/// What the device's addresses are, and where the memory really is. Nobody can touch the addresses, so host code that
/// follows a pointer of the device crashes, as on a GPU.
char *const device = reserved(addresses), *const host = reserved(addresses);

/// Allocations by address.
///
/// Each ends at the end of a page, but for the alignment, and nothing can be touched between two of them. So a kernel
/// that runs over its end is noticed.
class Allocations : public Counted {
  public:
    using Counted::Counted;

    size_t used = 0;

    Address add(size_t bytes) {
        const size_t rounded = roundedUp(bytes, alignment), pages = roundedUp(rounded, page);
        const size_t place = gap(pages + page);
        if (place == addresses) return 0;
        mprotect(host + place, pages, PROT_READ | PROT_WRITE);
        std::memset(host + place, uninitialized, pages);
        const Address address = reinterpret_cast<Address>(device) + place + pages - rounded;
        sizes[address] = bytes;
        used += rounded;
        next = place + pages + page;
        return address;
    }

    void remove(std::map<Address, size_t>::iterator block) {
        const size_t rounded = roundedUp(block->second, alignment), pages = roundedUp(rounded, page);
        void *start = host + (block->first + rounded - pages - reinterpret_cast<Address>(device));
        // This also gives the memory back to the system.
        mmap(start, pages, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
        used -= rounded;
        sizes.erase(block);
    }

    /// The allocation that an address lies in.
    std::map<Address, size_t>::iterator find(Address address) {
        auto after = sizes.upper_bound(address);
        if (after == sizes.begin()) return sizes.end();
        const auto block = std::prev(after);
        return address - block->first < block->second ? block : sizes.end();
    }

    std::map<Address, size_t>::iterator none() { return sizes.end(); }
    size_t count() const override { return sizes.size(); }
    void clear() override {
        while (!sizes.empty()) remove(sizes.begin());
    }

  private:
    /// Where the next allocation is looked for first. So an address comes again only after all others.
    size_t next = 0;
    std::map<Address, size_t> sizes;

    size_t gap(size_t bytes) const {
        for (size_t place : {next, size_t{0}}) {
            for (auto block = sizes.lower_bound(reinterpret_cast<Address>(device) + place);; block++) {
                const size_t end = block == sizes.end()
                    ? addresses : (block->first - reinterpret_cast<Address>(device)) / page * page;
                if (place + bytes <= end) return place;
                if (block == sizes.end()) break;
                place = roundedUp(block->first + block->second - reinterpret_cast<Address>(device), page) + page;
            }
        }
        return addresses;
    }
};

Allocations allocations{"device allocations"};

/// Pinned memory. What is freed can not be touched any more, nor what lies behind an allocation.
class Pinned : public Counted {
  public:
    using Counted::Counted;
    std::map<Address, size_t> sizes;

    void remove(std::map<Address, size_t>::iterator block) {
        const Address start = block->first / page * page, end = block->first + block->second;
        mmap(reinterpret_cast<void *>(start), end - start, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
        sizes.erase(block);
    }

    size_t count() const override { return sizes.size(); }
    void clear() override {
        while (!sizes.empty()) remove(sizes.begin());
    }
} pinned{"pinned allocations"};

size_t total() {
    const char *bytes = std::getenv("CUDA_DOUBLE_MEMORY");
    return bytes ? std::strtoull(bytes, nullptr, 10) : size_t{8} << 30;
}

thread_local sigjmp_buf *escape;
struct sigaction earlierSegmentation, earlierBus;

void leave(int signal) {
    if (escape) siglongjmp(*escape, 1);
    // The fault is another thread's. It comes again, and meets whoever waited for it before.
    sigaction(signal, signal == SIGBUS ? &earlierBus : &earlierSegmentation, nullptr);
}

}  // namespace

bool isDeviceAddress(Address address) { return address - reinterpret_cast<Address>(device) < addresses; }

size_t bytesFrom(Address address) {
    const auto block = allocations.find(address);
    return block == allocations.none() ? 0 : block->first + block->second - address;
}

bool isOnDevice(const Extent &extent) { return extent.bytes <= bytesFrom(extent.start) && bytesFrom(extent.start); }

bool isPinned(const Extent &extent) {
    auto after = pinned.sizes.upper_bound(extent.start);
    if (after == pinned.sizes.begin()) return false;
    const auto block = std::prev(after);
    const size_t offset = extent.start - block->first;
    return offset < block->second && extent.bytes <= block->second - offset;
}

void *accessible(Address address) { return host + (address - reinterpret_cast<Address>(device)); }

bool isIntact(Address address) {
    const auto block = allocations.find(address);
    if (block == allocations.none()) return true;
    const auto *start = static_cast<const unsigned char *>(accessible(block->first));
    const auto *end = start + block->second;
    const auto isUntouched = [](unsigned char byte) { return byte == uninitialized; };
    return std::all_of(start - block->first % page, start, isUntouched) &&
        std::all_of(end, end + (roundedUp(block->second, alignment) - block->second), isUntouched);
}

bool survives(void (*code)(void *), void *context) {
    sigjmp_buf back;
    struct sigaction action {};
    action.sa_handler = leave;
    action.sa_flags = SA_ONSTACK;
    sigaction(SIGSEGV, &action, &earlierSegmentation);
    sigaction(SIGBUS, &action, &earlierBus);
    volatile bool isFine = false;
    if (!sigsetjmp(back, 1)) {
        escape = &back;
        code(context);
        isFine = true;
    }
    escape = nullptr;
    sigaction(SIGSEGV, &earlierSegmentation, nullptr);
    sigaction(SIGBUS, &earlierBus, nullptr);
    return isFine;
}

}  // namespace gpu

using namespace gpu;

CUresult cuMemGetInfo_v2(size_t *freeBytes, size_t *totalBytes) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!freeBytes || !totalBytes) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    *totalBytes = total();
    *freeBytes = total() - std::min(total(), allocations.used);
    return CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr *address, size_t bytes) {
    const Call call(__func__);
    REQUIRE(call.outsideCapture());
    if (!address) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (!bytes) return refuse(Refusal::emptyAllocation, CUDA_ERROR_INVALID_VALUE);
    const size_t available = total() - std::min(total(), allocations.used);
    if (bytes > available || roundedUp(bytes, alignment) > available) {
        return refuse(Refusal::noMemory, CUDA_ERROR_OUT_OF_MEMORY);
    }
    *address = allocations.add(bytes);
    return *address ? CUDA_SUCCESS : refuse(Refusal::noMemory, CUDA_ERROR_OUT_OF_MEMORY);
}

// Work that uses the memory is finished first, as NVIDIA's driver waits. Other work still waits.
CUresult cuMemFree_v2(CUdeviceptr address) {
    const Call call(__func__);
    REQUIRE(call.outsideCapture());
    if (!address) return CUDA_SUCCESS;
    const auto block = allocations.find(address);
    if (block == allocations.none() || block->first != address) {
        return refuse(Refusal::notAllocated, CUDA_ERROR_INVALID_VALUE);
    }
    finishWork({address, block->second, true});
    REQUIRE(failure());
    if (!isIntact(address)) return fail(Refusal::wroteOutside, CUDA_ERROR_ILLEGAL_ADDRESS);
    allocations.remove(block);
    return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void **address, size_t bytes, unsigned int flags) {
    const Call call(__func__);
    REQUIRE(call.outsideCapture());
    if (!address) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (flags) return refuse(Refusal::unknownFlags, CUDA_ERROR_INVALID_VALUE);
    if (!bytes) return refuse(Refusal::emptyAllocation, CUDA_ERROR_INVALID_VALUE);
    if (bytes > addresses) return refuse(Refusal::noMemory, CUDA_ERROR_OUT_OF_MEMORY);
    const size_t pages = roundedUp(bytes, page);
    char *start = reserved(pages + page);
    mprotect(start, pages, PROT_READ | PROT_WRITE);
    std::memset(start, uninitialized, pages);
    *address = start + pages - roundedUp(bytes, alignment);
    pinned.sizes[reinterpret_cast<Address>(*address)] = bytes;
    return CUDA_SUCCESS;
}

// Nothing is waited for: work that still copies from or to this memory fails when it runs.
CUresult cuMemFreeHost(void *address) {
    const Call call(__func__);
    REQUIRE(call.outsideCapture());
    const auto block = pinned.sizes.find(reinterpret_cast<Address>(address));
    if (block == pinned.sizes.end()) return refuse(Refusal::notAllocated, CUDA_ERROR_INVALID_VALUE);
    pinned.remove(block);
    return CUDA_SUCCESS;
}
