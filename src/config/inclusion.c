/*
 * Expands the patterns of include and reads the files. The order is that of the bytes of the names,
 * whatever the locale; no file is read twice, by whatever names it is reached.
 */
#include <errno.h>
#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/config_limits.h"
#include "inclusion.h"
#include "ini_reader.h"

#define WILDCARDS "*?["

/* One include line. */
struct line {
    struct document *document;
    struct diagnostics *diagnostics;
    const struct document_section *section;
    const struct document_setting *given;
};

static struct result read_line(const struct line *line);
static void refuse_nested(const struct document *document, struct diagnostics *diagnostics);

struct result inclusion_read(struct document *document, struct diagnostics *diagnostics)
{
    size_t section_count = document->section_count; /* those of the first file */
    for (size_t i = 0; i < section_count; i++) {
        if (strcmp(document->sections[i].title, "gateway") != 0) {
            continue;
        }
        for (size_t j = 0; j < document->sections[i].setting_count; j++) {
            /* Reading moves the array of sections: look it up anew each time. */
            struct document_section section = document->sections[i];
            struct line line = {document, diagnostics, &section, &section.settings[j]};
            if (strcmp(line.given->key, "include") == 0) {
                TRY(read_line(&line));
            }
        }
    }
    refuse_nested(document, diagnostics);
    return RESULT_OK;
}

/* One level only: nobody should have to search for where a setting comes from. */
static void refuse_nested(const struct document *document, struct diagnostics *diagnostics)
{
    for (size_t i = 0; i < document->section_count; i++) {
        const struct document_section *section = &document->sections[i];
        const struct document_setting *nested = document_find(section, "include");
        if (section->is_included && nested != NULL) {
            diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, nested->place,
                            "[%s] include = %.100s: expected no include in an included file",
                            section->title, nested->value);
        }
    }
}

static void complain(const struct line *line, enum diagnostic_severity severity, const char *what,
                     const char *why)
{
    diagnostics_add(line->diagnostics, severity, line->given->place,
                    "[gateway] include = %.100s: %s%s", line->given->value, what, why);
}

/*
 * The pattern below the folder of the file that names it, as that file was named, so that messages
 * show short paths. Wildcards in the folder's own name are none.
 */
static char *pattern_of(const struct line *line)
{
    struct arena *arena = line->document->arena;
    const char *file = line->section->file->path;
    const char *slash = strrchr(file, '/');
    size_t folder_length =
        slash == NULL || line->given->value[0] == '/' ? 0 : (size_t)(slash - file) + 1;
    size_t length = 0;
    char *pattern = arena_allocate(arena, 2 * folder_length + strlen(line->given->value) + 1, 1);
    if (pattern == NULL) {
        return NULL;
    }
    for (size_t i = 0; i < folder_length; i++) {
        if (strchr(WILDCARDS "\\", file[i]) != NULL) {
            pattern[length++] = '\\';
        }
        pattern[length++] = file[i];
    }
    memcpy(pattern + length, line->given->value, strlen(line->given->value));
    return pattern;
}

/* A folder that is not there holds no files; one that cannot be read is a mistake. */
static int judge_folder_error(const char *path, int error)
{
    (void)path;
    return error != ENOENT && error != ENOTDIR;
}

static const struct document_file *find_same_file(const struct document *document,
                                                  const struct stat *status)
{
    for (size_t i = 0; i < document->file_count; i++) {
        const struct document_file *file = document->files[i];
        if (file->inode == status->st_ino && file->device == status->st_dev) {
            return file;
        }
    }
    return NULL;
}

static struct result read_file(const struct line *line, const char *path)
{
    struct document_file *file = NULL;
    struct stat status;
    if (stat(path, &status) == 0) {
        const struct document_file *same = find_same_file(line->document, &status);
        if (same != NULL) {
            complain(line, DIAGNOSTIC_ERROR, "it names a file that is read already: ", same->path);
            return RESULT_OK;
        }
    }
    struct result result = document_add_file(line->document, path, line->given->place, &file);
    if (result.code == ERROR_LIMIT_REACHED) {
        complain(line, DIAGNOSTIC_ERROR, "too many files: expected 100 at most, not also ", path);
        return RESULT_OK;
    }
    TRY(result);
    return ini_reader_read(line->document, file, line->diagnostics);
}

static int compare_paths(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static struct result read_matches(const struct line *line, glob_t *matches)
{
    qsort(matches->gl_pathv, matches->gl_pathc, sizeof(char *), compare_paths);
    /* The first that is too many is a mistake already; the others need not be named. */
    for (size_t i = 0; i < matches->gl_pathc && i < CONFIG_FILES_MAX; i++) {
        TRY(read_file(line, matches->gl_pathv[i]));
    }
    return RESULT_OK;
}

static struct result read_line(const struct line *line)
{
    glob_t matches = {0};
    const char *pattern = pattern_of(line);
    struct result result = RESULT_OK;
    if (pattern == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (line->given->value[0] == '\0') {
        complain(line, DIAGNOSTIC_ERROR, "expected a path, such as conf.d/*.ini", "");
        return RESULT_OK;
    }
    int outcome = glob(pattern, GLOB_NOSORT, judge_folder_error, &matches);
    if (outcome == 0) {
        result = read_matches(line, &matches);
    } else if (outcome == GLOB_NOSPACE) {
        result = result_failure(ERROR_OUT_OF_MEMORY);
    } else if (outcome == GLOB_ABORTED) {
        complain(line, DIAGNOSTIC_ERROR, "the folder cannot be read: ", strerror(errno));
    } else if (strpbrk(line->given->value, WILDCARDS) == NULL) {
        complain(line, DIAGNOSTIC_ERROR, "no such file: ", "expected a file or a pattern");
    } else {
        complain(line, DIAGNOSTIC_WARNING, "no file matches", "");
    }
    globfree(&matches);
    return result;
}
