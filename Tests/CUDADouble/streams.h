// Streams, and the work that waits in them.
//
// Nothing runs before something waits for it. So a synchronization that is missing shows as stale data.
#pragma once

#include <deque>
#include <functional>
#include <thread>

#include "memory.h"

namespace gpu {

struct Work {
    /// What it reads and writes, as far as that is known.
    std::vector<Extent> extents;
    /// Runs it, and returns 0 or the driver's error.
    std::function<int()> run;
};

/// Work in the order of a capture, with the numbers of earlier work that each must follow.
struct Graph {
    struct Node {
        Work work;
        std::vector<size_t> after;
    };
    std::vector<Node> nodes;
};

struct Stream;

struct Capture {
    Stream *origin;
    std::thread::id thread;
    bool isInvalid = false;
    Graph graph;
};

/// How far each stream's work is that a point in a stream comes after, by the stream's number.
using Clock = std::map<uint64_t, uint64_t>;

struct Stream {
    const uint64_t number = newHandle();
    std::deque<Work> queue;
    /// How much work was ever given to the stream, and how much of it has run.
    uint64_t enqueued = 0, executed = 0;
    Clock after;
    std::shared_ptr<Capture> capture;
    /// The work of the capture that the stream's next work must follow.
    std::vector<size_t> last;

    /// Runs the work up to a position.
    void run(uint64_t position);
    void finish() { run(enqueued); }
};

struct Event {
    /// The point that the event marks; no stream if it was never recorded.
    std::shared_ptr<Stream> stream;
    uint64_t position = 0;
    Clock after;
    /// The same in a capture.
    std::shared_ptr<Capture> capture;
    std::vector<size_t> last;
};

extern Table<Stream, CUstream> streams;

/// Gives work to a stream, or records it while the stream captures.
///
/// - Returns: 0 or the driver's error.
int enqueue(CUstream handle, Work work);

/// As `enqueue`, for one of the libraries' streams.
int enqueue(const std::shared_ptr<Stream> &stream, Work work);

/// Runs work whose turn it is, if its memory is still there.
int execute(const Work &work);

/// Runs the work of all streams that use an extent.
void finishWork(const Extent &extent);

}  // namespace gpu
