/* Resolving the servers of a backend, once for each generation, off the workers. */
#include "backend_resolver.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A name with more addresses than this is a mistake, or somebody's joke. */
#define ADDRESSES_OF_NAME_MAX 64

static bool is_known(const struct backend_addresses *addresses, const struct addrinfo *entry)
{
    for (size_t i = 0; i < addresses->count; i++) {
        if (addresses->items[i].length_bytes == entry->ai_addrlen &&
            memcmp(&addresses->items[i].socket_address, entry->ai_addr, entry->ai_addrlen) == 0) {
            return true;
        }
    }
    return false;
}

static void print_address(struct backend_address *address)
{
    char host[INET6_ADDRSTRLEN] = "";
    char port[8] = "";
    (void)getnameinfo((const struct sockaddr *)&address->socket_address, address->length_bytes,
                      host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
    bool is_ipv6 = address->socket_address.ss_family == AF_INET6;
    (void)snprintf(address->text, sizeof(address->text), is_ipv6 ? "[%s]:%s" : "%s:%s", host, port);
}

static struct result add(struct backend_addresses *addresses, const struct addrinfo *entry,
                         const struct config_server *server)
{
    struct backend_address *items =
        realloc(addresses->items, (addresses->count + 1) * sizeof(*items));
    if (items == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    addresses->items = items;
    struct backend_address *address = &items[addresses->count++];
    *address = (struct backend_address){.length_bytes = entry->ai_addrlen, .server = server};
    memcpy(&address->socket_address, entry->ai_addr, entry->ai_addrlen);
    print_address(address);
    return RESULT_OK;
}

/* Whether the name or the resolver is to blame, or this machine. */
static enum error error_of(int failure)
{
    return failure == EAI_MEMORY   ? ERROR_OUT_OF_MEMORY
           : failure == EAI_SYSTEM ? ERROR_SYSTEM
                                   : ERROR_NAME_UNRESOLVED;
}

static struct result resolve_server(const struct config_server *server,
                                    struct diagnostics *diagnostics,
                                    struct backend_addresses *addresses)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
    char port[8];
    struct addrinfo *found = NULL;
    (void)snprintf(port, sizeof(port), "%u", server->port);
    int failure = getaddrinfo(server->host, port, &hints, &found);
    if (failure != 0) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, server->source.place,
                        "server = %s: the name cannot be resolved (%s); write an address, or mend "
                        "the name service",
                        server->source.text, gai_strerror(failure));
        return result_failure(error_of(failure));
    }
    struct result result = RESULT_OK;
    size_t count = 0;
    for (struct addrinfo *entry = found; entry != NULL && result_is_ok(result);
         entry = entry->ai_next) {
        if (count < ADDRESSES_OF_NAME_MAX && !is_known(addresses, entry)) {
            result = add(addresses, entry, server);
            count++;
        }
    }
    freeaddrinfo(found);
    return result;
}

struct result backend_resolver_resolve(const struct config_backend *backend,
                                       struct diagnostics *diagnostics,
                                       struct backend_addresses *ret_addresses)
{
    struct result result = RESULT_OK;
    *ret_addresses = (struct backend_addresses){0};
    for (size_t i = 0; i < backend->server_count; i++) {
        struct result resolved = resolve_server(&backend->servers[i], diagnostics, ret_addresses);
        result = result_is_ok(resolved) ? result : resolved;
    }
    return result;
}

void backend_resolver_free(struct backend_addresses *addresses)
{
    free(addresses->items);
    *addresses = (struct backend_addresses){0};
}
