/*
 * A client's sessions, for resumption. The library is built without its session cache (a lock over
 * all connections of a server), and its calls that take and set a session went with the cache; the
 * parts are still there. Compiled against the sources that the library was built from.
 */
#include <wolfssl/options.h>

#include <wolfssl/internal.h>

#include "tls_client.h"

#include "tls_client_parts.h"

struct tls_client_session;

static WOLFSSL_SESSION *library_session(struct tls_client_session *session)
{
    return (WOLFSSL_SESSION *)(void *)session;
}

/* The session stays where it is and is counted once more: the library frees its own count. */
struct tls_client_session *tls_client_session_take(struct tls_client *client)
{
    WOLFSSL_SESSION *session = client->library->session;
    bool has_ticket = session->ticketLen > 0;
    bool has_id = !IsAtLeastTLSv1_3(client->library->version) && session->sessionIDSz > 0;
    if (session->type != WOLFSSL_SESSION_TYPE_HEAP || !session->isSetup ||
        (!has_ticket && !has_id) || wolfSSL_SESSION_up_ref(session) != WOLFSSL_SUCCESS) {
        return NULL;
    }
    return (struct tls_client_session *)(void *)session;
}

/* What wolfSSL_SetSession() does with a session that is in no cache. */
bool tls_client_session_offer(struct tls_client *client, struct tls_client_session *session)
{
    WOLFSSL *library = client->library;
    WOLFSSL_SESSION *offered = library_session(session);
    if (LowResTimer() >= offered->bornOn + offered->timeout ||
        wolfSSL_SESSION_up_ref(offered) != WOLFSSL_SUCCESS) {
        return false;
    }
    wolfSSL_FreeSession(library->ctx, library->session);
    library->session = offered;
    library->options.resuming = 1;
    library->options.haveEMS = offered->haveEMS ? 1 : 0;
    library->options.cipherSuite0 = offered->cipherSuite0;
    library->options.cipherSuite = offered->cipherSuite;
    if (offered->version.major != 0) {
        library->version = offered->version;
        library->options.tls1_3 = IsAtLeastTLSv1_3(offered->version) ? 1 : 0;
    }
    return true;
}

void tls_client_session_destroy(struct tls_client_session *session)
{
    if (session != NULL) {
        wolfSSL_FreeSession(NULL, library_session(session));
    }
}
