/*
 * Names of responders to addresses, by getaddrinfo(), which blocks: on threads of its own, one for
 * each name that is being looked up, up to a bound, so that one name whose servers are silent holds
 * up no other. Created, asked and stopped by the OCSP thread; answers come to its mailbox.
 *
 * A thread that is stuck in getaddrinfo() cannot be ended. Stopping does not wait for it: it finds
 * out when it comes back, and the last one frees what they shared.
 */
#ifndef OCSP_NAME_RESOLVER_H
#define OCSP_NAME_RESOLVER_H

#include "http/http_limits.h"
#include "net/mailbox.h"

#define NAME_RESOLVER_ADDRESS_COUNT_MAX 8
#define NAME_RESOLVER_THREAD_COUNT_MAX  16

struct name_address {
    struct sockaddr_storage socket_address;
    socklen_t length_bytes;
};

struct name_addresses {
    struct name_address items[NAME_RESOLVER_ADDRESS_COUNT_MAX];
    uint32_t count; /* 0: the name has none, or cannot be resolved now */
};

struct name_resolver;
struct name_lookup;

/* owner is what the lookup was started with. */
typedef void (*name_lookup_callback)(void *owner, const struct name_addresses *addresses);

/* answer_to must be open until name_resolver_stop(), and be delivered once more after.
 * ERROR_OUT_OF_MEMORY. */
struct result name_resolver_create(struct mailbox *answer_to, struct name_resolver **ret_resolver);

/* What to look up; host is zero-terminated, and copied. */
struct name_order {
    const char *host;
    uint16_t port;
    name_lookup_callback found; /* comes once, as a letter */
    void *owner;
};

/* ERROR_OUT_OF_MEMORY, ERROR_THREAD. */
struct result name_resolver_start(struct name_resolver *resolver, const struct name_order *order,
                                  struct name_lookup **ret_lookup);

/* found does not come any more; the lookup is the resolver's alone. Accepts NULL. */
void name_resolver_forget(struct name_lookup *lookup);

/* An address as text, without a lookup; false when it is none. */
bool name_resolver_read_address(const char *host, uint16_t port,
                                struct name_addresses *ret_addresses);

/* After this nothing is posted any more; what was posted before is freed by its delivery. Accepts
 * NULL. */
void name_resolver_stop(struct name_resolver *resolver);

#endif
