/*
 * Any bytes as a configuration: read, interpreted, checked and freed without a fault. What loads
 * without a mistake must be dumped to a text that loads again.
 */
#include <stdlib.h>

#include "../../src/config/config_check.h"
#include "../../src/config/ini_reader.h"
#include "../../src/config/interpretation.h"
#include "../../src/config/placement.h"
#include "base/check.h"
#include "config/config_report.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The stages of config_load() but for the file system. NULL when there was a mistake. */
static struct config *load(struct bytes text)
{
    static uint32_t cpus[] = {0, 1, 2, 3};
    static const struct placement_cpus allowed = {cpus, 4};
    struct arena *arena = arena_create();
    struct config *config = arena_allocate(arena, 1, sizeof(*config));
    struct document document;
    struct document_file *file = NULL;
    struct diagnostics diagnostics;
    struct loading loading = {config, &document, &diagnostics};
    config->arena = arena;
    document_init(&document, arena);
    diagnostics_init(&diagnostics);
    CHECK(result_is_ok(document_add_file(&document, "/a.ini", (struct config_place){0}, &file)));
    CHECK(result_is_ok(ini_reader_parse(&document, file, text, &diagnostics)));
    CHECK(result_is_ok(interpretation_apply(&loading)));
    CHECK(result_is_ok(placement_resolve(&loading, &allowed)));
    CHECK(result_is_ok(config_check(&loading)));
    if (diagnostics.error_count > 0) {
        config_destroy(config);
        config = NULL;
    }
    diagnostics_deinit(&diagnostics);
    document_deinit(&document);
    return config;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = load(bytes_from(data, size));
    if (config != NULL) {
        char *text = NULL;
        size_t length = 0;
        FILE *output = open_memstream(&text, &length);
        config_dump(config, output, false);
        fclose(output);
        struct config *again = load(bytes_from(text, length));
        CHECK(again != NULL);
        config_destroy(again);
        config_destroy(config);
        free(text);
    }
    return 0;
}
