#ifndef DOWNLOADING_H
#define DOWNLOADING_H

#include <stdbool.h>
#include <stdint.h>

enum downloading_status {
    DOWNLOADING_DONE,
    /// One of the request's functions returned false.
    DOWNLOADING_STOPPED,
    /// The server announces more than `limit` bytes.
    DOWNLOADING_TOO_LARGE,
    /// The server redirects to a protocol that is not followed, or too often.
    DOWNLOADING_LED_ASTRAY,
    DOWNLOADING_FAILED,
};

/// A request, and the functions that receive the answer.
struct downloading_request {
    const char *url;
    /// The offset of the first byte to fetch.
    int64_t first;
    /// The largest number of bytes. A larger file is not fetched.
    int64_t limit;
    /// Seconds without a byte after which the connection counts as broken.
    long timeout;
    void *context;
    /// Receives the HTTP status and the number of bytes to come, or -1 if it is not known, once, before the body.
    /// Returns whether to continue.
    bool (*head)(void *context, long status, int64_t length);
    /// Receives each piece. Returns whether to continue.
    bool (*body)(void *context, const uint8_t *bytes, int64_t count);
};

/// Call it once, from one thread, before any other function here.
void downloading_prepare(void);

/// Fetches a file by HTTP or HTTPS, and returns at the end. Redirects are followed, but not from HTTPS to HTTP.
/// If it fails, `message` holds libcurl's message.
enum downloading_status downloading_run(const struct downloading_request *request, char message[256]);

#endif
