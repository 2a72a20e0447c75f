/* Reads the files as config_load() does, and stops where their meaning would begin. */
#include "config/config_socket.h"

#include <string.h>

#include "file_path.h"
#include "inclusion.h"
#include "ini_reader.h"

static struct result read_document(struct document *document, const char *path,
                                   struct diagnostics *diagnostics)
{
    struct document_file *file = NULL;
    TRY(document_add_file(document, path, (struct config_place){0}, &file));
    TRY(ini_reader_read(document, file, diagnostics));
    return inclusion_read(document, diagnostics);
}

static const struct document_setting *find_setting(const struct document *document,
                                                   const char **ret_directory)
{
    for (size_t i = 0; i < document->section_count; i++) {
        const struct document_section *section = &document->sections[i];
        const struct document_setting *setting =
            strcmp(section->kind, "gateway") == 0 ? document_find(section, "stats_socket") : NULL;
        if (setting != NULL) {
            *ret_directory = section->file->directory;
            return setting;
        }
    }
    return NULL;
}

static struct result find_path(const struct document *document, struct arena *arena,
                               char ret_socket[CONFIG_SOCKET_PATH_BYTES_MAX + 1])
{
    const char *directory = NULL;
    const struct document_setting *setting = find_setting(document, &directory);
    if (setting == NULL || setting->value[0] == '\0' || strcmp(setting->value, "off") == 0) {
        return result_failure(ERROR_NOT_FOUND);
    }
    const char *path = file_path_resolve(arena, directory, setting->value);
    if (path == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (strlen(path) > CONFIG_SOCKET_PATH_BYTES_MAX) {
        return result_failure(ERROR_NOT_FOUND); /* no gateway can listen there */
    }
    memcpy(ret_socket, path, strlen(path) + 1);
    return RESULT_OK;
}

struct result config_socket_find(const char *path, struct diagnostics *diagnostics,
                                 char ret_socket[CONFIG_SOCKET_PATH_BYTES_MAX + 1])
{
    struct document document;
    struct arena *arena = arena_create();
    if (arena == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    document_init(&document, arena);
    struct result result = read_document(&document, path, diagnostics);
    if (result_is_ok(result)) {
        result = find_path(&document, arena, ret_socket);
    }
    document_deinit(&document);
    arena_destroy(arena);
    return result;
}
