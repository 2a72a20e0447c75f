/* Sections, keys and values in the order of the files, with their places. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "config/config_limits.h"
#include "document.h"
#include "file_path.h"

/* Makes room for one more item in an array that doubles at each power of two. */
static bool grow(void **items, size_t count, size_t size_bytes)
{
    if ((count & (count - 1)) != 0) {
        return true;
    }
    void *grown = reallocarray(*items, count == 0 ? 1 : count * 2, size_bytes);
    if (grown == NULL) {
        return false;
    }
    *items = grown;
    return true;
}

void document_init(struct document *document, struct arena *arena)
{
    *document = (struct document){.arena = arena};
}

void document_deinit(struct document *document)
{
    for (size_t i = 0; i < document->section_count; i++) {
        free(document->sections[i].settings);
    }
    free(document->sections);
    free(document->files);
    *document = (struct document){0};
}

struct result document_add_file(struct document *document, const char *path,
                                struct config_place named_at, struct document_file **ret_file)
{
    if (document->file_count == CONFIG_FILES_MAX) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    void *files = document->files;
    if (!grow(&files, document->file_count, sizeof(*document->files))) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    document->files = files;
    struct document_file *file = arena_allocate(document->arena, 1, sizeof(*file));
    if (file == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    file->path = arena_copy(document->arena, bytes_from_string(path));
    file->directory = file_path_directory(document->arena, path);
    file->named_at = named_at;
    if (file->path == NULL || file->directory == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    document->files[document->file_count++] = file;
    *ret_file = file;
    return RESULT_OK;
}

/* Cuts "listener edge" at its first blank. */
static struct result name_section(struct document_section *section, struct arena *arena,
                                  struct bytes title)
{
    size_t end = 0;
    while (end < title.length && title.at[end] != ' ' && title.at[end] != '\t') {
        end++;
    }
    struct bytes name = bytes_trim(bytes_slice(title, end, title.length));
    section->title = arena_copy(arena, title);
    section->kind = arena_copy(arena, bytes_slice(title, 0, end));
    section->name = arena_copy(arena, name);
    bool is_named = section->title != NULL && section->kind != NULL && section->name != NULL;
    return is_named ? RESULT_OK : result_failure(ERROR_OUT_OF_MEMORY);
}

struct result document_add_section(struct document *document, const struct document_file *file,
                                   struct bytes title, int line)
{
    if (document->section_count == CONFIG_SECTIONS_MAX) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    void *sections = document->sections;
    if (!grow(&sections, document->section_count, sizeof(*document->sections))) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    document->sections = sections;
    struct document_section section = {
        .place = {.file = file->path, .line = line},
        .file = file,
        .is_included = file != document->files[0],
    };
    TRY(name_section(&section, document->arena, bytes_trim(title)));
    document->sections[document->section_count++] = section;
    return RESULT_OK;
}

struct result document_add_setting(struct document *document, struct bytes key, struct bytes value,
                                   int line)
{
    CHECK(document->section_count > 0);
    struct document_section *section = &document->sections[document->section_count - 1];
    if (document->setting_count == CONFIG_SETTINGS_MAX) {
        return result_failure(ERROR_LIMIT_REACHED);
    }
    void *settings = section->settings;
    if (!grow(&settings, section->setting_count, sizeof(*section->settings))) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    section->settings = settings;
    struct document_setting setting = {
        .key = arena_copy(document->arena, key),
        .value = arena_copy(document->arena, value),
        .place = {.file = section->place.file, .line = line},
    };
    if (setting.key == NULL || setting.value == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    section->settings[section->setting_count++] = setting;
    document->setting_count++;
    return RESULT_OK;
}

const struct document_setting *document_find(const struct document_section *section,
                                             const char *key)
{
    for (size_t i = 0; i < section->setting_count; i++) {
        if (strcmp(section->settings[i].key, key) == 0) {
            return &section->settings[i];
        }
    }
    return NULL;
}
