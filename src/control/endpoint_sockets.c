/* Two passes: all addresses are tried before one is taken, so that one run tells every mistake. */
#include "control/endpoint_sockets.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "net/listen_socket.h"

static const struct sockaddr *address_of(const struct endpoint *endpoint)
{
    return (const struct sockaddr *)&endpoint->address.socket_address;
}

static size_t passed_count(const struct inherited_sockets *inherited,
                           const struct endpoint *endpoint)
{
    return inherited_sockets_count(inherited, address_of(endpoint), endpoint->address.length_bytes);
}

static void say(const struct endpoint *endpoint, const char *fault, const char *remedy)
{
    const struct config_text *source = &endpoint->address.source;
    (void)fprintf(stderr, "%s:%d: error: address = %s: %s; %s\n", source->place.file,
                  source->place.line, source->text, fault, remedy);
}

static void say_failure(const struct endpoint *endpoint, struct result result)
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
    for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
        remedy = remedies[i].code == result.code ? remedies[i].remedy : remedy;
    }
    say(endpoint, result_text(result), remedy);
}

static struct result try_endpoint(const struct endpoint *endpoint, uint32_t worker_count,
                                  const struct inherited_sockets *inherited)
{
    size_t count = passed_count(inherited, endpoint);
    if (count > worker_count) {
        say(endpoint, "the service manager passed more sockets for it than there are workers",
            "write at most as many ListenStream= lines as workers");
        return result_failure(ERROR_BAD_INPUT);
    }
    if (count > 0) {
        return RESULT_OK;
    }
    struct result result =
        listen_socket_probe(address_of(endpoint), endpoint->address.length_bytes);
    if (!result_is_ok(result)) {
        say_failure(endpoint, result);
    }
    return result;
}

/* Every socket that was passed must be somebody's. */
static struct result check_passed(const struct generation *generation,
                                  const struct inherited_sockets *inherited)
{
    size_t used_count = 0;
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        used_count += passed_count(inherited, &generation->endpoints[i]);
    }
    if (used_count == inherited->count) {
        return RESULT_OK;
    }
    (void)fprintf(
        stderr,
        "sallyport: error: %zu of the %zu sockets that the service manager passed have an "
        "address that no listener has; write the same in ListenStream= and in address\n",
        inherited->count - used_count, inherited->count);
    return result_failure(ERROR_BAD_INPUT);
}

static struct result try_all(const struct generation *generation, uint32_t worker_count,
                             const struct inherited_sockets *inherited)
{
    struct result result = check_passed(generation, inherited);
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        struct result tried = try_endpoint(&generation->endpoints[i], worker_count, inherited);
        result = result_is_ok(result) ? tried : result;
    }
    return result;
}

static struct result open_one(const struct endpoint *endpoint, uint32_t worker,
                              const struct inherited_sockets *inherited, int *ret_descriptor)
{
    struct result result =
        passed_count(inherited, endpoint) > 0
            ? inherited_sockets_lend(inherited, address_of(endpoint),
                                     endpoint->address.length_bytes, worker, ret_descriptor)
            : listen_socket_open(address_of(endpoint), endpoint->address.length_bytes,
                                 ret_descriptor);
    if (!result_is_ok(result)) {
        say_failure(endpoint, result);
    }
    return result;
}

static bool is_shared(const struct endpoint *endpoint, uint32_t worker_count,
                      const struct inherited_sockets *inherited)
{
    size_t count = passed_count(inherited, endpoint);
    return count > 0 && count < worker_count;
}

struct result endpoint_sockets_open(struct endpoint_sockets *sockets,
                                    const struct generation *generation, uint32_t worker_count,
                                    const struct inherited_sockets *inherited)
{
    size_t count = worker_count * generation->endpoint_count;
    *sockets = (struct endpoint_sockets){0};
    TRY(try_all(generation, worker_count, inherited));
    sockets->descriptors = calloc(count, sizeof(*sockets->descriptors));
    if (sockets->descriptors == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    sockets->endpoint_count = generation->endpoint_count;
    sockets->worker_count = worker_count;
    for (size_t i = 0; i < count; i++) {
        sockets->descriptors[i] = -1;
    }
    for (size_t i = 0; i < generation->endpoint_count; i++) {
        sockets->are_shared |= is_shared(&generation->endpoints[i], worker_count, inherited);
    }
    for (size_t i = 0; i < count; i++) {
        TRY(open_one(&generation->endpoints[i % generation->endpoint_count],
                     (uint32_t)(i / generation->endpoint_count), inherited,
                     &sockets->descriptors[i]));
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
