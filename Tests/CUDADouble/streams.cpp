#include "streams.h"

#include <algorithm>

namespace gpu {

Table<Stream, CUstream> streams{"streams"};

namespace {

Table<Event, CUevent> events{"events"};

bool isUsable(const Extent &extent) {
    return isDeviceAddress(extent.start) ? isOnDevice(extent) : isPinned(extent);
}

bool conflict(const Work &one, const Work &other) {
    return std::ranges::any_of(one.extents, [&](const Extent &a) {
        return std::ranges::any_of(other.extents, [&](const Extent &b) {
            return (a.isWritten || b.isWritten) && a.overlaps(b);
        });
    });
}

/// Whether work would run at the same time as other work that uses the same memory. A GPU does not say so, but its
/// results would depend on chance.
bool races(const Work &work, const Stream &stream) {
    for (const auto &[handle, other] : streams.all()) {
        if (other.get() == &stream) continue;
        const auto known = stream.after.find(other->number);
        const uint64_t after = known == stream.after.end() ? 0 : known->second;
        // The stream comes after all of the other's work up to this.
        const uint64_t first = std::max(after, other->executed) - other->executed;
        for (size_t i = first; i < other->queue.size(); i++) {
            if (conflict(work, other->queue[i])) return true;
        }
    }
    return false;
}

void merge(std::vector<size_t> &last, const std::vector<size_t> &other) {
    last.insert(last.end(), other.begin(), other.end());
    std::ranges::sort(last);
    last.erase(std::unique(last.begin(), last.end()), last.end());
}

}  // namespace

int execute(const Work &work) {
    if (!std::ranges::all_of(work.extents, isUsable)) return fail(Refusal::freedTooEarly, CUDA_ERROR_ILLEGAL_ADDRESS);
    return work.run();
}

void Stream::run(uint64_t position) {
    while (executed < position && !queue.empty() && !failure()) {
        const Work work = std::move(queue.front());
        queue.pop_front();
        execute(work);
        executed++;
    }
}

int enqueue(const std::shared_ptr<Stream> &stream, Work work) {
    if (!std::ranges::all_of(work.extents, isUsable)) return fail(Refusal::notDeviceMemory, CUDA_ERROR_ILLEGAL_ADDRESS);
    if (stream->capture) {
        if (stream->capture->isInvalid) {
            return refuse(Refusal::captureInvalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
        }
        auto &nodes = stream->capture->graph.nodes;
        nodes.push_back({std::move(work), stream->last});
        stream->last = {nodes.size() - 1};
        return 0;
    }
    if (races(work, *stream)) return fail(Refusal::race, CUDA_ERROR_LAUNCH_FAILED);
    stream->queue.push_back(std::move(work));
    stream->enqueued++;
    return 0;
}

int enqueue(CUstream handle, Work work) {
    if (!handle) return refuse(Refusal::nullStream, CUDA_ERROR_INVALID_HANDLE);
    const auto stream = streams.find(handle);
    return stream ? enqueue(stream, std::move(work)) : refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
}

void finishWork(const Extent &extent) {
    for (const auto &[handle, stream] : streams.all()) {
        const auto uses = [&](const Work &work) {
            return std::ranges::any_of(work.extents, [&](const Extent &other) { return other.overlaps(extent); });
        };
        if (std::ranges::any_of(stream->queue, uses)) stream->finish();
    }
}

}  // namespace gpu

using namespace gpu;

CUresult cuStreamCreate(CUstream *handle, unsigned int flags) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!handle) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (flags != CU_STREAM_NON_BLOCKING) return refuse(Refusal::nullStream, CUDA_ERROR_INVALID_VALUE);
    *handle = streams.add(std::make_shared<Stream>());
    return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream handle) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto stream = streams.find(handle);
    if (!stream) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    if (stream->capture) stream->capture->isInvalid = true;
    stream->finish();
    streams.remove(handle);
    return failure();
}

CUresult cuStreamSynchronize(CUstream handle) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto stream = streams.find(handle);
    if (!handle) return refuse(Refusal::nullStream, CUDA_ERROR_INVALID_HANDLE);
    if (!stream) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    if (stream->capture) {
        stream->capture->isInvalid = true;
        return refuse(Refusal::inCapture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    }
    stream->finish();
    return failure();
}

CUresult cuEventCreate(CUevent *handle, unsigned int flags) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!handle) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    if (flags & ~unsigned{CU_EVENT_DISABLE_TIMING}) return refuse(Refusal::unknownFlags, CUDA_ERROR_INVALID_VALUE);
    *handle = events.add(std::make_shared<Event>());
    return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent handle) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    return events.remove(handle) ? CUDA_SUCCESS : refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
}

CUresult cuEventRecord(CUevent handle, CUstream streamHandle) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto event = events.find(handle);
    const auto stream = streams.find(streamHandle);
    if (!event || !stream) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    if (stream->capture && stream->capture->isInvalid) {
        return refuse(Refusal::captureInvalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    }
    event->stream = stream;
    event->position = stream->enqueued;
    event->after = stream->after;
    event->after[stream->number] = stream->enqueued;
    event->capture = stream->capture;
    event->last = stream->last;
    return CUDA_SUCCESS;
}

CUresult cuEventSynchronize(CUevent handle) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto event = events.find(handle);
    if (!event) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    if (event->capture) {
        event->capture->isInvalid = true;
        return refuse(Refusal::inCapture, CUDA_ERROR_CAPTURED_EVENT);
    }
    if (event->stream) event->stream->run(event->position);
    return failure();
}

CUresult cuStreamWaitEvent(CUstream streamHandle, CUevent handle, unsigned int flags) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto event = events.find(handle);
    const auto stream = streams.find(streamHandle);
    if (!event || !stream) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    if (flags) return refuse(Refusal::unknownFlags, CUDA_ERROR_INVALID_VALUE);
    if (!event->stream) return CUDA_SUCCESS;
    if (event->capture || stream->capture) {
        for (const auto &capture : {event->capture, stream->capture}) {
            if (capture && capture->isInvalid) {
                return refuse(Refusal::captureInvalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
            }
        }
        // A stream that waits for captured work joins the capture, until that ends.
        if (event->capture && !stream->capture && event->capture->origin) stream->capture = event->capture;
        if (stream->capture != event->capture) {
            if (stream->capture) stream->capture->isInvalid = true;
            return refuse(Refusal::captureIsolated, CUDA_ERROR_STREAM_CAPTURE_ISOLATION);
        }
        merge(stream->last, event->last);
        return CUDA_SUCCESS;
    }
    for (const auto &[other, position] : event->after) {
        auto &known = stream->after[other];
        known = std::max(known, position);
    }
    const auto awaited = event->stream;
    const auto position = event->position;
    if (awaited == stream || awaited->executed >= position) return CUDA_SUCCESS;
    stream->queue.push_back({{}, [awaited, position] {
        awaited->run(position);
        return failure();
    }});
    stream->enqueued++;
    return CUDA_SUCCESS;
}
