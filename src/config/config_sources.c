/*
 * Reads the files as config_load() does and picks the settings whose rows say that they name a
 * file. Mistakes are of no interest here: whoever loads it tells them.
 */
#include "config/config_sources.h"

#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base/check.h"
#include "document.h"
#include "file_path.h"
#include "inclusion.h"
#include "ini_reader.h"
#include "schema.h"

#define WILDCARDS "*?["

struct config_sources {
    struct arena *arena;
    struct config_source *items;
    size_t count;
    size_t capacity;
};

/* NULL: there is no memory. */
static struct result add(struct config_sources *sources, const char *path, bool is_folder)
{
    CHECK(sources->count < sources->capacity);
    if (path == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    sources->items[sources->count++] = (struct config_source){path, is_folder};
    return RESULT_OK;
}

/* The folder of a pattern, as far as it has no wildcards. */
static const char *folder_of_pattern(struct arena *arena, const char *pattern)
{
    char *folder = arena_copy(arena, bytes_from(pattern, strcspn(pattern, WILDCARDS)));
    char *slash = folder == NULL ? NULL : strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder] = '\0';
    }
    return folder;
}

static bool names_file(const struct setting *row)
{
    bool is_path = row->kind == SETTING_PATH || row->kind == SETTING_CERTIFICATE_PART;
    return is_path && row->takes_effect != ON_RESTART; /* those are read once, or written */
}

static struct result add_setting(struct config_sources *sources,
                                 const struct document_section *section,
                                 const struct document_setting *given)
{
    enum schema_section_kind kind = schema_find_section(section->kind);
    const struct setting *row = kind == SECTION_COUNT ? NULL : schema_find(kind, given->key);
    if (row == NULL || given->value[0] == '\0' ||
        (!names_file(row) && row->kind != SETTING_INCLUDE)) {
        return RESULT_OK;
    }
    const char *path = file_path_resolve(sources->arena, section->file->directory, given->value);
    if (row->kind == SETTING_INCLUDE && path != NULL) {
        return add(sources, folder_of_pattern(sources->arena, path), true);
    }
    return add(sources, path, false);
}

static struct result add_all(struct config_sources *sources, const struct document *document)
{
    sources->capacity = document->file_count + document->setting_count;
    sources->items = arena_allocate(sources->arena, sources->capacity, sizeof(*sources->items));
    if (sources->items == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t i = 0; i < document->file_count; i++) {
        TRY(add(sources, document->files[i]->path, false));
    }
    for (size_t i = 0; i < document->section_count; i++) {
        const struct document_section *section = &document->sections[i];
        for (size_t j = 0; j < section->setting_count; j++) {
            TRY(add_setting(sources, section, &section->settings[j]));
        }
    }
    return RESULT_OK;
}

static struct result read_document(struct document *document, const char *path)
{
    struct diagnostics unheard;
    struct document_file *file = NULL;
    diagnostics_init(&unheard);
    struct result result = document_add_file(document, path, (struct config_place){0}, &file);
    if (result_is_ok(result)) {
        result = ini_reader_read(document, file, &unheard);
    }
    if (result_is_ok(result)) {
        result = inclusion_read(document, &unheard);
    }
    diagnostics_deinit(&unheard);
    return result;
}

static struct result find(struct config_sources *sources, const char *path)
{
    struct document document;
    document_init(&document, sources->arena);
    struct result result = read_document(&document, path);
    if (result_is_ok(result)) {
        result = add_all(sources, &document);
    }
    document_deinit(&document);
    return result;
}

struct result config_sources_create(const char *path, struct config_sources **ret_sources)
{
    struct config_sources *sources = calloc(1, sizeof(*sources));
    if (sources == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    sources->arena = arena_create();
    struct result result =
        sources->arena == NULL ? result_failure(ERROR_OUT_OF_MEMORY) : find(sources, path);
    if (!result_is_ok(result)) {
        config_sources_destroy(sources);
        return result;
    }
    *ret_sources = sources;
    return RESULT_OK;
}

void config_sources_destroy(struct config_sources *sources)
{
    if (sources == NULL) {
        return;
    }
    arena_destroy(sources->arena);
    free(sources);
}

size_t config_sources_count(const struct config_sources *sources)
{
    return sources->count;
}

struct config_source config_sources_at(const struct config_sources *sources, size_t index)
{
    CHECK(index < sources->count);
    return sources->items[index];
}
