/*
 * SNI chooses among the listeners of one address, so each pair of address and host name may belong
 * to one of them only; a listener without names is the default of its addresses. All claims are
 * sorted, and equals are neighbours then.
 */
#include <stdlib.h>
#include <string.h>

#include "listener_claim.h"

struct claim {
    const struct config_listener *listener;
    const struct config_address *address;
    const struct config_text *name; /* NULL: the default */
};

static int compare_addresses(const struct config_address *a, const struct config_address *b)
{
    if (a->length_bytes != b->length_bytes) {
        return a->length_bytes < b->length_bytes ? -1 : 1;
    }
    return memcmp(&a->socket_address, &b->socket_address, a->length_bytes);
}

static const char *name_of(const struct claim *claim)
{
    return claim->name == NULL ? "" : claim->name->text;
}

static bool is_same(const struct claim *a, const struct claim *b)
{
    return compare_addresses(a->address, b->address) == 0 && strcmp(name_of(a), name_of(b)) == 0;
}

static int compare(const void *left, const void *right)
{
    const struct claim *a = left;
    const struct claim *b = right;
    int by_address = compare_addresses(a->address, b->address);
    int by_name = by_address != 0 ? by_address : strcmp(name_of(a), name_of(b));
    if (by_name != 0) {
        return by_name;
    }
    if (a->listener->index != b->listener->index) {
        return a->listener->index < b->listener->index ? -1 : 1;
    }
    return a->address < b->address ? -1 : a->address > b->address;
}

static size_t names_or_one(const struct config_listener *listener)
{
    return listener->server_names.count == 0 ? 1 : listener->server_names.count;
}

static size_t collect(const struct config *config, struct claim *claims)
{
    size_t count = 0;
    for (size_t i = 0; i < config->listener_count; i++) {
        const struct config_listener *listener = &config->listeners[i];
        for (size_t j = 0; j < listener->address_count * names_or_one(listener); j++) {
            size_t name = j % names_or_one(listener);
            claims[count++] = (struct claim){
                .listener = listener,
                .address = &listener->addresses[j / names_or_one(listener)],
                .name =
                    listener->server_names.count == 0 ? NULL : &listener->server_names.items[name],
            };
        }
    }
    return count;
}

static void report(const struct loading *loading, const struct claim *first,
                   const struct claim *second)
{
    const char *address = second->address->source.text;
    if (first->listener == second->listener) {
        diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, second->address->source.place,
                        "[listener %s] address = %s: the same stands in line %d already: expected "
                        "it once",
                        second->listener->name, address, first->address->source.place.line);
    } else if (second->name == NULL) {
        diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, second->listener->place,
                        "[listener %s]: it has no server_name, nor has [listener %s] (%s:%d) on "
                        "%s: expected one default for an address",
                        second->listener->name, first->listener->name, first->listener->place.file,
                        first->listener->place.line, address);
    } else {
        diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, second->name->place,
                        "[listener %s] server_name = %s: [listener %s] (%s:%d) has that name on "
                        "%s: expected different names on one address",
                        second->listener->name, second->name->text, first->listener->name,
                        first->name->place.file, first->name->place.line, address);
    }
}

struct result listener_claim_check(const struct loading *loading)
{
    const struct config *config = loading->config;
    size_t room = 0;
    for (size_t i = 0; i < config->listener_count; i++) {
        room += config->listeners[i].address_count * names_or_one(&config->listeners[i]);
    }
    struct claim *claims = calloc(room + 1, sizeof(*claims));
    if (claims == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    size_t count = collect(config, claims);
    qsort(claims, count, sizeof(*claims), compare);
    for (size_t i = 1; i < count; i++) {
        if (is_same(&claims[i - 1], &claims[i])) {
            report(loading, &claims[i - 1], &claims[i]);
        }
    }
    free(claims);
    return RESULT_OK;
}
