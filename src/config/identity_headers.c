/*
 * One list for the whole gateway: a listener that asks for no certificate may lead to the same
 * backend, and must not let a client say who it is.
 */
#include "identity_headers.h"

static const char *const known_headers[] = {
    "X-Client-Cert",     "X-ARR-ClientCert",        "Client-Cert",
    "Client-Cert-Chain", "X-Forwarded-Client-Cert",
};

#define KNOWN_COUNT (sizeof(known_headers) / sizeof(known_headers[0]))

static void add(struct config_text_list *list, const char *name, struct config_place place)
{
    for (size_t i = 0; i < list->count; i++) {
        if (bytes_equal_ignoring_case(bytes_from_string(list->items[i].text),
                                      bytes_from_string(name))) {
            return;
        }
    }
    list->items[list->count++] = (struct config_text){.text = name, .place = place};
}

static void add_of_rewrite(struct config_text_list *list, const struct config_rewrite *rewrite)
{
    for (size_t i = 0; i < rewrite->request_header_count; i++) {
        const struct config_header_rule *rule = &rewrite->request_headers[i];
        if (template_tells_identity(rule->value)) {
            add(list, rule->name, rule->place);
        }
    }
}

struct result identity_headers_complete(const struct loading *loading)
{
    struct config *config = loading->config;
    const struct config_text_list given = config->gateway.identity_headers;
    struct config_text_list list = {0};
    size_t room = KNOWN_COUNT + given.count;
    for (size_t i = 0; i < config->rewrite_count; i++) {
        room += config->rewrites[i].request_header_count;
    }
    list.items = arena_allocate(config->arena, room, sizeof(*list.items));
    if (list.items == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        add(&list, known_headers[i], (struct config_place){0});
    }
    for (size_t i = 0; i < given.count; i++) {
        add(&list, given.items[i].text, given.items[i].place);
    }
    for (size_t i = 0; i < config->rewrite_count; i++) {
        add_of_rewrite(&list, &config->rewrites[i]);
    }
    config->gateway.identity_headers = list;
    return RESULT_OK;
}
