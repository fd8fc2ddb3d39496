#include <algorithm>

#include "streams.h"

namespace gpu {

namespace {

Table<const Graph, CUgraph> graphs{"graphs"};
Table<const Graph, CUgraphExec> executables{"executable graphs"};

/// Runs a graph's work, the latest first among what may come next. So a dependency that is missing shows.
int run(const Graph &graph) {
    const size_t count = graph.nodes.size();
    std::vector<size_t> missing(count);
    std::vector<std::vector<size_t>> followers(count);
    std::vector<size_t> ready;
    for (size_t i = 0; i < count; i++) {
        missing[i] = graph.nodes[i].after.size();
        for (const size_t earlier : graph.nodes[i].after) followers[earlier].push_back(i);
        if (!missing[i]) ready.push_back(i);
    }
    std::ranges::make_heap(ready);
    while (!ready.empty()) {
        std::ranges::pop_heap(ready);
        const size_t i = ready.back();
        ready.pop_back();
        REQUIRE(execute(graph.nodes[i].work));
        for (const size_t follower : followers[i]) {
            if (--missing[follower]) continue;
            ready.push_back(follower);
            std::ranges::push_heap(ready);
        }
    }
    return 0;
}

/// Whether the stream's next work would follow all of the capture's.
bool hasJoinedAll(const Stream &stream) {
    const auto &nodes = stream.capture->graph.nodes;
    std::vector<bool> isFollowed(nodes.size());
    for (const size_t i : stream.last) isFollowed[i] = true;
    for (size_t i = nodes.size(); i-- > 0;) {
        if (!isFollowed[i]) return false;
        for (const size_t earlier : nodes[i].after) isFollowed[earlier] = true;
    }
    return true;
}

}  // namespace

bool invalidateCaptures() {
    bool any = false;
    for (const auto &[handle, stream] : streams.all()) {
        if (!stream->capture || stream->capture->thread != std::this_thread::get_id()) continue;
        stream->capture->isInvalid = any = true;
    }
    return any;
}

}  // namespace gpu

using namespace gpu;

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto stream = streams.find(handle);
    if (!handle) return refuse(Refusal::nullStream, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    if (!stream) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    if (mode != CU_STREAM_CAPTURE_MODE_THREAD_LOCAL) return refuse(Refusal::unknownFlags, CUDA_ERROR_INVALID_VALUE);
    if (stream->capture) return refuse(Refusal::captureTwice, CUDA_ERROR_INVALID_VALUE);
    stream->capture = std::make_shared<Capture>();
    stream->capture->origin = stream.get();
    stream->capture->thread = std::this_thread::get_id();
    return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph *graph) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    if (!graph) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    *graph = nullptr;
    const auto stream = streams.find(handle);
    if (!stream) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_HANDLE);
    const auto capture = stream->capture;
    if (!capture || capture->origin != stream.get()) {
        return refuse(Refusal::captureUnmatched, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED);
    }
    if (capture->thread != std::this_thread::get_id()) {
        return refuse(Refusal::captureUnmatched, CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD);
    }
    const bool isJoined = hasJoinedAll(*stream);
    for (const auto &[other, forked] : streams.all()) {
        if (forked->capture != capture) continue;
        forked->capture = nullptr;
        forked->last.clear();
    }
    capture->origin = nullptr;
    if (capture->isInvalid) return refuse(Refusal::captureInvalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED);
    if (!isJoined) return refuse(Refusal::captureUnjoined, CUDA_ERROR_STREAM_CAPTURE_UNJOINED);
    *graph = graphs.add(std::make_shared<const Graph>(std::move(capture->graph)));
    return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec *exec, CUgraph handle, unsigned long long flags) {
    const Call call(__func__);
    REQUIRE(call.outsideCapture());
    if (!exec) return refuse(Refusal::nullArgument, CUDA_ERROR_INVALID_VALUE);
    const auto graph = graphs.find(handle);
    if (!graph) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_VALUE);
    if (flags) return refuse(Refusal::unknownFlags, CUDA_ERROR_INVALID_VALUE);
    *exec = executables.add(graph);
    return CUDA_SUCCESS;
}

// The memory is read when the graph runs, as all else in a stream.
CUresult cuGraphLaunch(CUgraphExec exec, CUstream handle) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    const auto graph = executables.find(exec);
    const auto stream = streams.find(handle);
    if (!graph) return refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_VALUE);
    if (stream && stream->capture) {
        stream->capture->isInvalid = true;
        return refuse(Refusal::graphInCapture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED);
    }
    Work work{{}, [graph] { return run(*graph); }};
    for (const auto &node : graph->nodes) {
        work.extents.insert(work.extents.end(), node.work.extents.begin(), node.work.extents.end());
    }
    return enqueue(handle, std::move(work));
}

CUresult cuGraphExecDestroy(CUgraphExec exec) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    return executables.remove(exec) ? CUDA_SUCCESS : refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_VALUE);
}

CUresult cuGraphDestroy(CUgraph graph) {
    const Call call(__func__);
    REQUIRE(call.inContext());
    return graphs.remove(graph) ? CUDA_SUCCESS : refuse(Refusal::unknownHandle, CUDA_ERROR_INVALID_VALUE);
}
