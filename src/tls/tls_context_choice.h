/*
 * What tls_session.c needs of a context: what to meet a client with.
 */
#ifndef TLS_TLS_CONTEXT_CHOICE_H
#define TLS_TLS_CONTEXT_CHOICE_H

#include "base/result.h"
#include "tls/client_hello.h"
#include "tls/tls_context.h"

/* What we speak over TLS, as ALPN names it (RFC 7301 6). */
#define TLS_CONTEXT_PROTOCOL "http/1.1"

struct WOLFSSL;
struct WOLFSSL_CTX;

/*
 * The wolfSSL context with the certificate that suits the client, and the kind of its key: the
 * first that it can take, the first of all when it can take none (then the handshake fails).
 */
struct WOLFSSL_CTX *tls_context_choose(const struct tls_context *context,
                                       const struct client_hello *hello,
                                       enum tls_key_kind *ret_key_kind);

/* Why the policy refuses the client before any handshake; TLS_FAILURE_NONE when it does not. */
enum tls_failure tls_context_refuse(const struct tls_context *context,
                                    const struct client_hello *hello);

/* Whether the handshake will be one of TLS 1.2. */
bool tls_context_is_tls12(const struct tls_context *context, const struct client_hello *hello);

/* Binds a session to the policy's groups, which a context does for TLS 1.3 only. */
struct result tls_context_set_groups(const struct tls_context *context, struct WOLFSSL *library);

/* Its binding stands for the TLS policy, too. */
const struct tls_site *tls_context_site(const struct tls_context *context);

#endif
