/*
 * What the INI files say before anybody asks what it means: sections, and in them keys with values,
 * each with its place. Control thread or sub-command; lives during one config_load().
 *
 * Texts lie in the arena of the configuration and stay with it; the arrays are the document's own.
 */
#ifndef CONFIG_DOCUMENT_H
#define CONFIG_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "arena.h"
#include "base/result.h"
#include "config/diagnostics.h"

struct document_setting {
    const char *key;
    const char *value;
    struct config_place place;
};

/* One file that was read; device and inode tell whether two names are the same file. */
struct document_file {
    const char *path;      /* as messages show it */
    const char *directory; /* where relative paths in it start */
    struct config_place named_at;
    dev_t device;
    ino_t inode;
};

struct document_section {
    const char *title; /* "listener edge" */
    const char *kind;  /* "listener" */
    const char *name;  /* "edge", or "" */
    struct config_place place;
    const struct document_file *file;
    bool is_included;
    struct document_setting *settings;
    size_t setting_count;
    void *target; /* the part of the configuration that it fills; NULL while unknown */
};

struct document {
    struct arena *arena;
    struct document_section *sections;
    size_t section_count;
    size_t setting_count;
    const struct document_file **files; /* the first is the one that config_load() was asked for */
    size_t file_count;
};

/* Texts will lie in arena, which must outlive the document. */
void document_init(struct document *document, struct arena *arena);
void document_deinit(struct document *document);

/*
 * Opens a file's part of the document: later sections belong to it. path is copied.
 * ERROR_LIMIT_REACHED past CONFIG_FILES_MAX.
 */
struct result document_add_file(struct document *document, const char *path,
                                struct config_place named_at, struct document_file **ret_file);

/* title is what stands between the brackets. ERROR_LIMIT_REACHED past CONFIG_SECTIONS_MAX. */
struct result document_add_section(struct document *document, const struct document_file *file,
                                   struct bytes title, int line);

/* Adds to the last section. ERROR_LIMIT_REACHED past CONFIG_SETTINGS_MAX. */
struct result document_add_setting(struct document *document, struct bytes key, struct bytes value,
                                   int line);

/* The first setting of that key in the section, or NULL. */
const struct document_setting *document_find(const struct document_section *section,
                                             const char *key);

#endif
