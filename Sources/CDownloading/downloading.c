// libcurl's functions are variadic, which Swift cannot call, so these calls are in C.

#include "downloading.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct transfer {
    const struct downloading_request *request;
    CURL *curl;
    bool has_head;
};

static bool tell_head(struct transfer *transfer) {
    if (transfer->has_head) return true;
    transfer->has_head = true;
    long status = 0;
    curl_off_t length = -1;
    curl_easy_getinfo(transfer->curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(transfer->curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    return transfer->request->head(transfer->request->context, status, length);
}

static size_t take(char *bytes, size_t size, size_t count, void *context) {
    struct transfer *transfer = context;
    if (!tell_head(transfer)) return 0;
    const bool goes_on =
        transfer->request->body(transfer->request->context, (const uint8_t *)bytes, (int64_t)(size * count));
    return goes_on ? size * count : 0;
}

static void set_protocols(CURL *curl, bool is_encrypted) {
#if LIBCURL_VERSION_NUM >= 0x075500
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, is_encrypted ? "https" : "http,https");
#else
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS));
    curl_easy_setopt(
        curl, CURLOPT_REDIR_PROTOCOLS, (long)(is_encrypted ? CURLPROTO_HTTPS : CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
}

void downloading_prepare(void) { curl_global_init(CURL_GLOBAL_DEFAULT); }

enum downloading_status downloading_run(const struct downloading_request *request, char message[256]) {
    snprintf(message, 256, "there is not enough memory");
    CURL *curl = curl_easy_init();
    if (!curl) return DOWNLOADING_FAILED;
    struct transfer transfer = {request, curl, false};
    char reason[CURL_ERROR_SIZE] = "", range[32];
    curl_easy_setopt(curl, CURLOPT_URL, request->url);
    set_protocols(curl, strncmp(request->url, "https:", 6) == 0);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "pyimagesearch");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 20L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, request->timeout);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, request->timeout);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)request->limit);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
    if (request->first > 0) {
        snprintf(range, sizeof range, "%" PRId64 "-", request->first);
        curl_easy_setopt(curl, CURLOPT_RANGE, range);
    }
    const CURLcode code = curl_easy_perform(curl);
    // An empty file has a head but no body, so `take` was not called.
    const bool goes_on = code != CURLE_OK || tell_head(&transfer);
    snprintf(message, 256, "%s", reason[0] ? reason : curl_easy_strerror(code));
    curl_easy_cleanup(curl);
    switch (code) {
    case CURLE_OK: return goes_on ? DOWNLOADING_DONE : DOWNLOADING_STOPPED;
    case CURLE_WRITE_ERROR: return DOWNLOADING_STOPPED;
    case CURLE_FILESIZE_EXCEEDED: return DOWNLOADING_TOO_LARGE;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS: return DOWNLOADING_LED_ASTRAY;
    default: return DOWNLOADING_FAILED;
    }
}
