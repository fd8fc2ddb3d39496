#ifndef DOWNLOADING_H
#define DOWNLOADING_H

#include <stdbool.h>
#include <stdint.h>

enum downloading_status {
    DOWNLOADING_DONE,
    /// One of the functions below said so.
    DOWNLOADING_STOPPED,
    /// The server announces more than `limit` bytes.
    DOWNLOADING_TOO_LARGE,
    /// The server sends us on to an address that is not followed, or again and again.
    DOWNLOADING_LED_ASTRAY,
    DOWNLOADING_FAILED,
};

/// What is asked for, and who is told of the answer.
struct downloading_request {
    const char *url;
    /// The first byte that is asked for.
    int64_t first;
    /// Bytes; of more, nothing is taken.
    int64_t limit;
    /// Seconds without a byte after which the connection counts as broken.
    long timeout;
    void *context;
    /// Told once, before the body: the HTTP status, and the bytes that are to come, -1 where the server does not say.
    /// Returns whether to go on.
    bool (*head)(void *context, long status, int64_t length);
    /// Told of each piece. Returns whether to go on.
    bool (*body)(void *context, const uint8_t *bytes, int64_t count);
};

/// To be called once, before any other function here, from one thread.
void downloading_prepare(void);

/// Fetches a file by HTTP or HTTPS, and returns when it is over. A server may send us on to another address on the web,
/// but not from an encrypted connection to one that is not. Where it fails, `message` says why, in libcurl's words.
enum downloading_status downloading_run(const struct downloading_request *request, char message[256]);

#endif
