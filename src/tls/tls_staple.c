/*
 * The OCSP response beside the server's certificate, in the form of either version (RFC 6066
 * section 8, RFC 8446 4.4.2.1). Called by wolfSSL, whose own support is compiled out, while it
 * writes the messages that carry it.
 *
 * The response is a view that stays for one call of wolfSSL, in which all of these are made: what
 * is counted is what is written.
 */
#include <string.h>

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "base/bytes.h"

#include "tls_callback.h"
#include "tls_staple.h"
#include "wolfssl_application.h"

enum {
    EXTENSION_STATUS_REQUEST = 5,
    EXTENSION_HEAD_SIZE = 4,
    STATUS_TYPE_OCSP = 1,
    STATUS_HEAD_SIZE = 4, /* the type, and the length of the response */
    LIST_HEAD_SIZE = 2,   /* the length of all extensions */
    HEADS_SIZE = LIST_HEAD_SIZE + EXTENSION_HEAD_SIZE + STATUS_HEAD_SIZE,
};

static void put_uint16(unsigned char *at, size_t value)
{
    at[0] = (unsigned char)(value >> 8);
    at[1] = (unsigned char)value;
}

static void put_status_head(unsigned char *at, size_t response_length)
{
    at[0] = STATUS_TYPE_OCSP;
    at[1] = (unsigned char)(response_length >> 16);
    put_uint16(at + 2, response_length);
}

/* Looked for once: what is known may change between two questions. Empty: nothing is stapled. */
static struct bytes response_for(const WOLFSSL *library)
{
    /* wolfSSL only reads it here, but its getters take a session that may be written to. */
    WOLFSSL *asking = (WOLFSSL *)(uintptr_t)library;
    if (wolfSSL_is_server(asking) != 1 || wolfSSL_session_reused(asking) == 1) {
        return (struct bytes){0}; /* RFC 6066 section 8: resumption carries no certificate */
    }
    struct tls_staple *staple = tls_callback_staple(library);
    if (staple != NULL && staple->find != NULL) {
        struct bytes found = staple->find(staple->owner, staple->key_kind);
        staple->response = found.length <= TLS_SITE_STAPLE_SIZE_MAX ? found : (struct bytes){0};
        staple->find = NULL;
    }
    return staple == NULL ? (struct bytes){0} : staple->response;
}

unsigned int tls_staple_notice_size(const WOLFSSL *library)
{
    return response_for(library).length == 0 ? 0 : EXTENSION_HEAD_SIZE;
}

unsigned int tls_staple_notice_put(const WOLFSSL *library, unsigned char *output)
{
    unsigned int size = tls_staple_notice_size(library);
    if (size > 0) {
        put_uint16(output, EXTENSION_STATUS_REQUEST);
        put_uint16(output + 2, 0);
    }
    return size;
}

unsigned int tls_staple_message_size(const WOLFSSL *library)
{
    size_t length = response_for(library).length;
    return length == 0 ? 0 : STATUS_HEAD_SIZE + (unsigned int)length;
}

void tls_staple_message_put(const WOLFSSL *library, unsigned char *output)
{
    struct bytes response = response_for(library);
    put_status_head(output, response.length);
    if (response.length > 0) {
        memcpy(output + STATUS_HEAD_SIZE, response.at, response.length);
    }
}

unsigned int tls_staple_extensions_size(const WOLFSSL *library)
{
    size_t length = response_for(library).length;
    return length == 0 ? LIST_HEAD_SIZE : HEADS_SIZE + (unsigned int)length;
}

/* A message that does not fit one record is written in parts, which may begin and end anywhere. */
void tls_staple_extensions_put(const WOLFSSL *library, unsigned int total, unsigned int offset,
                               unsigned char *output, unsigned int size)
{
    unsigned char heads[HEADS_SIZE] = {0};
    struct bytes parts[2] = {bytes_from(heads, LIST_HEAD_SIZE)};
    put_uint16(heads, total - LIST_HEAD_SIZE);
    if (total > LIST_HEAD_SIZE) {
        struct bytes response = response_for(library);
        put_uint16(heads + LIST_HEAD_SIZE, EXTENSION_STATUS_REQUEST);
        put_uint16(heads + LIST_HEAD_SIZE + 2, STATUS_HEAD_SIZE + response.length);
        put_status_head(heads + LIST_HEAD_SIZE + EXTENSION_HEAD_SIZE, response.length);
        parts[0] = bytes_from(heads, HEADS_SIZE);
        parts[1] = response;
    }
    for (size_t i = 0; i < 2 && size > 0; i++) {
        struct bytes part = bytes_slice(bytes_slice(parts[i], offset, SIZE_MAX), 0, size);
        if (part.length > 0) {
            memcpy(output, part.at, part.length);
        }
        offset = offset > parts[i].length ? offset - (unsigned int)parts[i].length : 0;
        output += part.length;
        size -= (unsigned int)part.length;
    }
}
