/* Two passes: all addresses are tried before one is taken, so that one run tells every mistake. */
#include "control/endpoint_sockets.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/text.h"
#include "net/listen_socket.h"

static const struct sockaddr *address_of(const struct endpoint *endpoint)
{
    return (const struct sockaddr *)&endpoint->address.socket_address;
}

static size_t passed_count(const struct endpoint_wish *wish, const struct endpoint *endpoint)
{
    return inherited_sockets_count(wish->inherited, address_of(endpoint),
                                   endpoint->address.length_bytes);
}

static bool is_there(const struct endpoint_wish *wish, const struct endpoint *endpoint)
{
    return wish->former != NULL &&
           generation_find_endpoint(wish->former, &endpoint->address) != NULL;
}

static in_port_t port_of(const struct endpoint *endpoint)
{
    const struct sockaddr *address = address_of(endpoint);
    return address->sa_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port
                                          : ((const struct sockaddr_in *)address)->sin_port;
}

/* 0.0.0.0 or [::]. */
static bool is_every_address(const struct endpoint *endpoint)
{
    const struct sockaddr *address = address_of(endpoint);
    return address->sa_family == AF_INET6
               ? IN6_IS_ADDR_UNSPECIFIED(&((const struct sockaddr_in6 *)address)->sin6_addr)
               : ((const struct sockaddr_in *)address)->sin_addr.s_addr == htonl(INADDR_ANY);
}

static bool overlap(const struct endpoint *one, const struct endpoint *other)
{
    return address_of(one)->sa_family == address_of(other)->sa_family &&
           port_of(one) == port_of(other) && (is_every_address(one) || is_every_address(other));
}

/* Where the former generation listens already, another address; NULL: nowhere. */
static const struct endpoint *find_overlapping(const struct endpoint_wish *wish,
                                               const struct endpoint *endpoint)
{
    for (size_t i = 0; wish->former != NULL && i < wish->former->endpoint_count; i++) {
        if (overlap(&wish->former->endpoints[i], endpoint)) {
            return &wish->former->endpoints[i];
        }
    }
    return NULL;
}

static void say(const struct endpoint_wish *wish, const struct endpoint *endpoint,
                const char *fault, const char *remedy)
{
    const struct config_text *source = &endpoint->address.source;
    /* The line is of the listener that named the address first. */
    diagnostics_add(wish->diagnostics, DIAGNOSTIC_ERROR, source->place,
                    "[listener %s] address = %s: %s; %s", endpoint->listeners[0]->name,
                    source->text, fault, remedy);
}

static void say_failure(const struct endpoint_wish *wish, const struct endpoint *endpoint,
                        struct result result)
{
    static const struct {
        enum error code;
        const char *remedy;
    } remedies[] = {
        {ERROR_ADDRESS_IN_USE, "stop the program that listens there, or choose another port"},
        {ERROR_ADDRESS_UNAVAILABLE, "write an address that this machine has, or 0.0.0.0"},
        {ERROR_NOT_PERMITTED, "a port below 1024 needs CAP_NET_BIND_SERVICE"},
        {ERROR_LIMIT_REACHED, "raise `ulimit -n`"},
    };
    const char *remedy = "see the system's log";
    if (result.code == ERROR_ADDRESS_IN_USE && find_overlapping(wish, endpoint) != NULL) {
        say(wish, endpoint, result_text(result),
            "an address of this gateway that is in use covers it, or is covered: restart it");
        return;
    }
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        remedy = remedies[i].code == result.code ? remedies[i].remedy : remedy;
    }
    say(wish, endpoint, result_text(result), remedy);
}

static struct result try_endpoint(const struct endpoint_wish *wish, const struct endpoint *endpoint)
{
    size_t count = passed_count(wish, endpoint);
    if (count > wish->worker_count) {
        say(wish, endpoint, "the service manager passed more sockets for it than there are workers",
            "write at most as many ListenStream= lines as workers");
        return result_failure(ERROR_BAD_INPUT);
    }
    /* A probe beside sockets of our own would fail, or take their clients. */
    if (count > 0 || is_there(wish, endpoint) || find_overlapping(wish, endpoint) != NULL) {
        return RESULT_OK;
    }
    struct result result =
        listen_socket_probe(address_of(endpoint), endpoint->address.length_bytes);
    if (!result_is_ok(result)) {
        say_failure(wish, endpoint, result);
    }
    return result;
}

/* Every socket that was passed must be somebody's. */
static struct result check_passed(const struct endpoint_wish *wish)
{
    size_t used_count = 0;
    for (size_t i = 0; i < wish->generation->endpoint_count; i++) {
        used_count += passed_count(wish, &wish->generation->endpoints[i]);
    }
    size_t unused_count = wish->inherited->count - used_count;
    if (unused_count == 0) {
        return RESULT_OK;
    }
    diagnostics_add(wish->diagnostics, DIAGNOSTIC_ERROR, (struct config_place){0},
                    "%zu of the %zu %s that the service manager passed %s an address that no "
                    "listener has; write the same in ListenStream= and in address",
                    unused_count, wish->inherited->count,
                    text_noun(wish->inherited->count, "socket", "sockets"),
                    text_noun(unused_count, "has", "have"));
    return result_failure(ERROR_BAD_INPUT);
}

static struct result try_all(const struct endpoint_wish *wish)
{
    struct result result = check_passed(wish);
    for (size_t i = 0; i < wish->generation->endpoint_count; i++) {
        struct result tried = try_endpoint(wish, &wish->generation->endpoints[i]);
        result = result_is_ok(result) ? tried : result;
    }
    return result;
}

static struct result open_one(const struct endpoint_wish *wish, const struct endpoint *endpoint,
                              uint32_t worker, int *ret_descriptor)
{
    if (is_there(wish, endpoint)) {
        return RESULT_OK;
    }
    struct result result =
        passed_count(wish, endpoint) > 0
            ? inherited_sockets_lend(wish->inherited, address_of(endpoint),
                                     endpoint->address.length_bytes, worker, ret_descriptor)
            : listen_socket_open(address_of(endpoint), endpoint->address.length_bytes,
                                 ret_descriptor);
    if (!result_is_ok(result)) {
        say_failure(wish, endpoint, result);
    }
    return result;
}

static bool is_shared(const struct endpoint_wish *wish, const struct endpoint *endpoint)
{
    size_t count = passed_count(wish, endpoint);
    return count > 0 && count < wish->worker_count;
}

static struct result make_room(struct endpoint_sockets *sockets, const struct endpoint_wish *wish)
{
    size_t count = wish->worker_count * wish->generation->endpoint_count;
    CHECK(count > 0); /* a configuration has a listener */
    sockets->descriptors = calloc(count, sizeof(*sockets->descriptors));
    if (sockets->descriptors == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    sockets->endpoint_count = wish->generation->endpoint_count;
    sockets->worker_count = wish->worker_count;
    for (size_t i = 0; i < count; i++) {
        sockets->descriptors[i] = -1;
    }
    return RESULT_OK;
}

struct result endpoint_sockets_open(struct endpoint_sockets *sockets,
                                    const struct endpoint_wish *wish)
{
    const struct generation *generation = wish->generation;
    *sockets = (struct endpoint_sockets){0};
    TRY(try_all(wish));
    TRY(make_room(sockets, wish));
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        sockets->are_shared |= is_shared(wish, &generation->endpoints[i]);
    }
    for (size_t i = 0; i < sockets->worker_count * sockets->endpoint_count; i++) {
        TRY(open_one(wish, &generation->endpoints[i % sockets->endpoint_count],
                     (uint32_t)(i / sockets->endpoint_count), &sockets->descriptors[i]));
    }
    return RESULT_OK;
}

const int *endpoint_sockets_of(const struct endpoint_sockets *sockets, uint32_t worker)
{
    return sockets->descriptors + worker * sockets->endpoint_count;
}

void endpoint_sockets_give(struct endpoint_sockets *sockets, uint32_t worker)
{
    for (size_t i = 0; i < sockets->endpoint_count; i++) {
        sockets->descriptors[worker * sockets->endpoint_count + i] = -1;
    }
}

void endpoint_sockets_close(struct endpoint_sockets *sockets)
{
    for (size_t i = 0; i < sockets->worker_count * sockets->endpoint_count; i++) {
        if (sockets->descriptors[i] >= 0) {
            (void)close(sockets->descriptors[i]);
        }
    }
    free(sockets->descriptors);
    *sockets = (struct endpoint_sockets){0};
}
