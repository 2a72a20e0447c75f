/* Writing the request of a fetch; called each time it is sent, so that nobody keeps it. */
#include "fetch_request.h"

#include "trust/ocsp_request.h"

/* A URL that no cache on the way has trouble with; RFC 5019 5 counts the host too. */
#define GET_URL_SIZE_MAX 255

/* Base64 of the request, each of its bytes escaped at worst. */
#define ENCODED_SIZE_MAX (OCSP_REQUEST_SIZE_MAX * 3 / 2 * 3)

static void append_host(struct text *text, const struct responder_url *url)
{
    text_append_string(text, " HTTP/1.1\r\nHost: ");
    text_append(text, url->authority);
    text_append_string(text, "\r\nAccept: application/ocsp-response\r\n");
}

static void append_post(struct text *text, const struct responder_url *url, struct bytes request)
{
    text_append_string(text, "POST ");
    text_append(text, url->target);
    append_host(text, url);
    text_append_string(text, "Content-Type: application/ocsp-request\r\nContent-Length: ");
    text_append_number(text, request.length);
    text_append_string(text, "\r\n\r\n");
    text_append(text, request);
}

static struct text encode(struct bytes request, char *memory)
{
    char base64_memory[OCSP_REQUEST_SIZE_MAX * 3 / 2];
    struct text base64 = text_over(base64_memory, sizeof(base64_memory));
    struct text encoded = text_over(memory, ENCODED_SIZE_MAX);
    text_append_base64(&base64, request);
    text_append_percent_encoded(&encoded, text_bytes(&base64));
    return encoded;
}

/* False: too long, or there is a query, behind which no path can be put. */
static bool append_get(struct text *text, const struct responder_url *url, struct bytes request)
{
    char memory[ENCODED_SIZE_MAX];
    struct text encoded = encode(request, memory);
    bool has_slash = url->target.at[url->target.length - 1] == '/';
    size_t size = sizeof("http://") + url->authority.length + url->target.length + encoded.length;
    if (url->has_query || size > GET_URL_SIZE_MAX) {
        return false;
    }
    text_append_string(text, "GET ");
    text_append(text, url->target);
    text_append_string(text, has_slash ? "" : "/");
    text_append(text, text_bytes(&encoded));
    append_host(text, url);
    text_append_string(text, "\r\n");
    return true;
}

bool fetch_request_write(struct text *text, const struct responder_url *url,
                         const struct ocsp_question *question, struct bytes nonce, bool wants_get)
{
    uint8_t memory[OCSP_REQUEST_SIZE_MAX];
    size_t length = ocsp_request_write(question, nonce, memory);
    struct bytes request = bytes_from(memory, length);
    if (length == 0) {
        return false;
    }
    if (!wants_get || !append_get(text, url, request)) {
        append_post(text, url, request);
    }
    return !text->overflowed;
}
