/*
 * Loading in stages: read the files, give the text its meaning, check what belongs together. Every
 * stage goes on past mistakes, so that one run shows all of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "config/config.h"
#include "config_check.h"
#include "config_draft.h"
#include "inclusion.h"
#include "ini_reader.h"
#include "interpretation.h"
#include "placement.h"

static struct result build(const struct loading *loading, const char *path);
static void settle_paths(struct config_gateway *gateway);

struct result config_load(const char *path, struct diagnostics *diagnostics,
                          struct config **ret_config)
{
    struct config *draft = NULL;
    struct result result = config_load_or_draft(path, diagnostics, ret_config, &draft);
    config_destroy(draft);
    return result;
}

struct result config_load_or_draft(const char *path, struct diagnostics *diagnostics,
                                   struct config **ret_config, struct config **ret_draft)
{
    struct arena *arena = arena_create();
    struct config *config = arena == NULL ? NULL : arena_allocate(arena, 1, sizeof(*config));
    if (config == NULL) {
        arena_destroy(arena);
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    config->arena = arena;
    struct document document;
    document_init(&document, arena);
    struct loading loading = {.config = config, .document = &document, .diagnostics = diagnostics};
    size_t errors_before = diagnostics->error_count;
    struct result result = build(&loading, path);
    document_deinit(&document);
    if (result_is_ok(result) && diagnostics->out_of_memory) {
        result = result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (result_is_ok(result) && diagnostics->error_count > errors_before) {
        config_draft_prune(config, diagnostics);
        *ret_draft = config;
        return result_failure(ERROR_BAD_CONFIG);
    }
    if (!result_is_ok(result)) {
        config_destroy(config);
        return result;
    }
    *ret_config = config;
    return RESULT_OK;
}

bool config_listener_gives(const struct config_listener *listener, const char *key)
{
    const struct setting *row = schema_find(SECTION_LISTENER, key);
    CHECK(row != NULL);
    return schema_is_in(&listener->settings_given, row);
}

void config_destroy(struct config *config)
{
    if (config == NULL) {
        return;
    }
    for (size_t i = 0; i < config->rewrite_count; i++) {
        const struct config_rewrite *rewrite = &config->rewrites[i];
        for (size_t j = 0; j < rewrite->request_header_count; j++) {
            template_destroy(rewrite->request_headers[j].value);
        }
        for (size_t j = 0; j < rewrite->response_header_count; j++) {
            template_destroy(rewrite->response_headers[j].value);
        }
    }
    arena_destroy(config->arena); /* config itself lies in it */
}

static struct result build(const struct loading *loading, const char *path)
{
    struct document *document = loading->document;
    struct document_file *file = NULL;
    struct placement_cpus allowed = {0};
    size_t errors_before = loading->diagnostics->error_count;
    TRY(document_add_file(document, path, (struct config_place){0}, &file));
    TRY(ini_reader_read(document, file, loading->diagnostics));
    if (document->section_count == 0 && loading->diagnostics->error_count > errors_before) {
        return RESULT_OK; /* the file cannot be read: what it lacks is no news */
    }
    TRY(inclusion_read(document, loading->diagnostics));
    TRY(interpretation_apply(loading));
    TRY(placement_find_cpus(loading->config->arena, &allowed));
    TRY(placement_resolve(loading, &allowed));
    settle_paths(&loading->config->gateway);
    return config_check(loading);
}

/* NULL where the file says off. */
static const char *path_or_none(const struct config_text *setting)
{
    return setting->text == NULL || strcmp(setting->text, "off") == 0 ? NULL : setting->text;
}

static void settle_paths(struct config_gateway *gateway)
{
    gateway->stats_socket = path_or_none(&gateway->stats_socket_source);
}
