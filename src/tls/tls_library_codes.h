/*
 * What the files of this folder share of tls_library.c: the one place that knows wolfSSL's error
 * codes.
 */
#ifndef TLS_LIBRARY_CODES_H
#define TLS_LIBRARY_CODES_H

#include "tls/tls_failure.h"

/* What an error code of wolfSSL or wolfCrypt means; TLS_FAILURE_INTERNAL for what a peer cannot
 * cause. */
enum tls_failure tls_library_failure_of(int code);

/* What the alert that wolfSSL has sent says more exactly than its error code. */
enum tls_failure tls_library_refine(enum tls_failure failure, int alert);

#endif
