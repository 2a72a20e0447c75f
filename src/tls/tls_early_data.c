/*
 * Early data of clients that have their ticket from another server, as those do who move here from
 * one: we never allow any. Called by wolfSSL in a handshake, for a record that it cannot use.
 *
 * Such records are passed over up to a limit, and the handshake goes on behind them (RFC 8446
 * 4.2.10).
 */
#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include "tls_session_state.h"
#include "wolfssl_application.h"

int tls_early_data_skip(const WOLFSSL *library, unsigned int size)
{
    /* wolfSSL's getter takes a session that may be written to. */
    struct tls_session *session = wolfSSL_GetIOReadCtx((WOLFSSL *)(uintptr_t)library);
    if (session == NULL || session->phase != PHASE_HANDSHAKE ||
        size > session->early_data_left_bytes) {
        return false;
    }
    session->early_data_left_bytes -= size;
    return true;
}
