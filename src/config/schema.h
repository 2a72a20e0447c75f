/*
 * The one table of settings. The parser, the checker, `config dump`, `config reference` and the
 * manual page all come from its rows. Constants; any thread.
 *
 * To add a setting: one row in schema.c, one field in config.h. To add a kind of value: a row in
 * each of schema_kinds[] and the tables of setting_store.c and setting_print.c.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/config.h"

enum schema_section_kind {
    SECTION_GATEWAY,
    SECTION_LISTENER,
    SECTION_SSL_PROFILE,
    SECTION_BACKEND,
    SECTION_REWRITE,
    SECTION_COUNT,
};

/* What a value is, and with it the type of the field, or of the items of the list. */
enum setting_kind {
    SETTING_FLAG,             /* bool */
    SETTING_WAIVER,           /* bool: true when off, so that zeroed memory waives nothing */
    SETTING_WORD,             /* an enum: value of the word */
    SETTING_WORD_FLAG,        /* bool: value of the word */
    SETTING_WORD_TEXT,        /* const char *: the word itself */
    SETTING_WORD_SET,         /* unsigned: a bit a word */
    SETTING_WORD_LIST,        /* struct config_text items */
    SETTING_COUNT,            /* uint32_t */
    SETTING_DURATION,         /* uint32_t, milliseconds */
    SETTING_SIZE,             /* uint64_t, bytes */
    SETTING_WORKERS,          /* struct config_text: auto or a number */
    SETTING_CPU_LIST,         /* struct config_text: auto, off or 0-3,6 */
    SETTING_ADDRESS,          /* struct config_address items */
    SETTING_HOST_NAME,        /* struct config_text items, lower case */
    SETTING_PATH,             /* struct config_text, absolute; or items of it */
    SETTING_PATH_OR_OFF,      /* struct config_text */
    SETTING_LOG,              /* struct config_log */
    SETTING_ERROR_LOG,        /* struct config_log, never off */
    SETTING_HTTP_URL,         /* struct config_text */
    SETTING_INCLUDE,          /* no field: read before all others */
    SETTING_CERTIFICATE_PART, /* a struct config_text in struct config_certificate items */
    SETTING_REFERENCE,        /* pointer to the part of the configuration that a section fills */
    SETTING_SERVER,           /* struct config_server items */
    SETTING_HEADER_RULE,      /* struct config_header_rule items */
    SETTING_HEADER_NAME,      /* struct config_text items */
    SETTING_CLAIM_SET,        /* struct config_claim_set items */
    SETTING_ACCOUNT,          /* struct config_text: a user or a group, looked up later */
    SETTING_REQUEST_TARGET,   /* struct config_text */
    SETTING_AUTHORITY,        /* struct config_text: HOST or HOST:PORT */
    SETTING_STATUS_RANGE,     /* struct config_status_range */
    SETTING_KIND_COUNT,
};

enum takes_effect {
    ON_RESTART,
    ON_NEXT_CONNECTION,
    ON_NEXT_REQUEST,
};

/* One of the words that a setting allows. A table of them ends with a NULL text. */
struct setting_word {
    const char *text;
    int value;
    const char *refusal; /* a known word that is not accepted: why, and what to write */
};

struct setting {
    enum schema_section_kind section;
    const char *key;
    enum setting_kind kind;
    size_t field;       /* offset in the section's structure; of a list: of its items */
    size_t count_field; /* offset of the list's count; 0: not a list */
    uint64_t minimum;   /* of a number; of a path, a header rule, a part: see setting_store.c */
    uint64_t maximum;
    const struct setting_word *words;
    const char *default_text; /* as it would be written; NULL: none */
    uint32_t times_max;       /* how often the key may stand in a section; 1: once */
    bool is_required;
    enum takes_effect takes_effect;
    const char *help;
};

extern const struct setting schema_settings[];
extern const size_t schema_setting_count;

struct schema_section {
    const char *kind;
    bool is_named;
    size_t size_bytes;  /* of its structure */
    size_t field;       /* offset in struct config; of the array, or of the structure itself */
    size_t count_field; /* offset of the array's count; 0: there is one at most */
    size_t place_field; /* offsets in its structure */
    size_t given_field;
    size_t name_field; /* when it is named */
    const char *help;
};

extern const struct schema_section schema_sections[SECTION_COUNT];

struct schema_kind {
    const char *name;    /* in the reference */
    const char *pattern; /* what a value looks like */
};

extern const struct schema_kind schema_kinds[SETTING_KIND_COUNT];

/* How a change reaches the running gateway, as the reference says it. */
extern const char *const schema_takes_effect_texts[];

/* The row of a key in that section, or NULL. */
const struct setting *schema_find(enum schema_section_kind section, const char *key);

/* Whether that row is in a section's settings_given, and how it gets there. */
bool schema_is_in(const struct config_setting_set *set, const struct setting *setting);
void schema_put_in(struct config_setting_set *set, const struct setting *setting);

/* SECTION_COUNT when there is no such kind. */
enum schema_section_kind schema_find_section(const char *kind);

/* The structure of section number index (below schema_target_count()) in a configuration. */
const void *schema_target(enum schema_section_kind section, const struct config *config,
                          size_t index);
size_t schema_target_count(enum schema_section_kind section, const struct config *config);

#endif
