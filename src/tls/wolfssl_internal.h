/*
 * The few things that wolfSSL can do but offers to nobody: set or called through its inner headers.
 *
 * Used by this folder only. Its .c is the one file compiled with wolfSSL's own source tree in the
 * include path; everything here has to be looked at again with each new release.
 */
#ifndef TLS_WOLFSSL_INTERNAL_H
#define TLS_WOLFSSL_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "tls/tls_failure.h"

struct WOLFSSL;
struct WOLFSSL_CTX;

/* Whether this file was compiled for the library that the program is linked with. */
bool wolfssl_internal_fits_library(void);

/*
 * Asks for a certificate and has its possession proven, but leaves its chain unjudged. To be called
 * after wolfSSL_CTX_set_verify(), and wolfSSL_set_verify() must never be called on a session.
 */
void wolfssl_internal_defer_verification(struct WOLFSSL_CTX *library_context);

/* Sends a fatal alert at once, through the output callback. */
void wolfssl_internal_send_alert(struct WOLFSSL *library, enum tls_alert alert);

/*
 * Lets wolfSSL build its next record in memory, which must stay until it is taken back: its output
 * callback is then called with exactly that address. A record that does not fit is built elsewhere.
 */
void wolfssl_internal_lend_output(struct WOLFSSL *library, uint8_t *memory, size_t size);

/*
 * Within the output callback: what it was called with stays where it is. Should another record
 * follow in the same write, as a KeyUpdate does when a key has been used enough (RFC 8446 5.5),
 * that is built elsewhere.
 */
void wolfssl_internal_close_output(struct WOLFSSL *library);

/* Must follow, whatever came of the write. */
void wolfssl_internal_take_output_back(struct WOLFSSL *library);

/*
 * Gives wolfSSL a whole record, header included, which it decrypts where it lies; the memory must
 * be writable. False while it is in the middle of another: then it was not given. Its input
 * callback must have nothing for it until the memory is taken back.
 */
bool wolfssl_internal_lend_input(struct WOLFSSL *library, struct bytes record);

/* Must follow, once wolfSSL has processed the record. What that left to be read, perhaps nothing;
 * it is taken for read. */
struct bytes wolfssl_internal_take_input_back(struct WOLFSSL *library);

#endif
