/*
 * Sections first, so that a name may be used above the place where it is given; then the settings
 * of each, in the order of the lines, since some belong to the line before them.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "config/config_limits.h"
#include "config/suggestion.h"
#include "interpretation.h"
#include "setting_store.h"

/* What has been seen of each row in one section. */
struct tally {
    uint32_t times[CONFIG_SETTING_COUNT_MAX];
    int first_line[CONFIG_SETTING_COUNT_MAX];
};

static struct result allocate_targets(const struct loading *loading);
static struct result apply_section(const struct loading *loading,
                                   const struct document_section *section);
static struct result apply_gateway_defaults(const struct loading *loading);

struct result interpretation_apply(const struct loading *loading)
{
    struct document *document = loading->document;
    TRY(allocate_targets(loading));
    for (size_t i = 0; i < document->section_count; i++) {
        if (document->sections[i].target != NULL) {
            TRY(apply_section(loading, &document->sections[i]));
        }
    }
    return apply_gateway_defaults(loading);
}

/* ---- sections ---- */

[[gnu::format(printf, 3, 4)]] static bool refuse(const struct loading *loading,
                                                 const struct document_section *section,
                                                 const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    diagnostics_add(loading->diagnostics, DIAGNOSTIC_ERROR, section->place, "[%s]: %s",
                    section->title, message);
    return false;
}

static bool refuse_kind(const struct loading *loading, const struct document_section *section)
{
    struct suggestion suggestion = suggestion_for(section->kind);
    char memory[256];
    struct text expected = text_over(memory, sizeof(memory));
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        suggestion_consider(&suggestion, schema_sections[i].kind);
        text_append_string(&expected, i == 0 ? "" : i + 1 == SECTION_COUNT ? " or " : ", ");
        text_append_format(&expected, "[%s%s]", schema_sections[i].kind,
                           schema_sections[i].is_named ? " NAME" : "");
    }
    if (suggestion.best != NULL) {
        return refuse(loading, section, "unknown section (did you mean '%s'?)", suggestion.best);
    }
    return refuse(loading, section, "unknown section: expected %s", text_terminate(&expected));
}

/* The reader has let through only letters, digits, '.', '_', '-' and blanks. */
static bool judge_name(const struct loading *loading, const struct document_section *section,
                       const struct schema_section *row)
{
    bool has_name = section->name[0] != '\0';
    if (row->is_named && !has_name) {
        return refuse(loading, section, "the name is missing: expected [%s NAME]", row->kind);
    }
    if (!row->is_named && has_name) {
        return refuse(loading, section, "expected [%s] without a name", row->kind);
    }
    if (strpbrk(section->name, " \t") != NULL) {
        return refuse(loading, section, "expected one word as the name");
    }
    if (strlen(section->name) > CONFIG_NAME_BYTES_MAX) {
        return refuse(loading, section, "the name has %zu bytes: expected %d at most",
                      strlen(section->name), CONFIG_NAME_BYTES_MAX);
    }
    return true;
}

/* The section of that kind and name before this one, or NULL. */
static const struct document_section *find_earlier(const struct document *document,
                                                   const struct document_section *section)
{
    for (const struct document_section *at = document->sections; at < section; at++) {
        if (strcmp(at->kind, section->kind) == 0 && strcmp(at->name, section->name) == 0) {
            return at;
        }
    }
    return NULL;
}

static bool judge_section(const struct loading *loading, const struct document_section *section)
{
    enum schema_section_kind kind = schema_find_section(section->kind);
    if (kind == SECTION_COUNT) {
        return refuse_kind(loading, section);
    }
    if (!judge_name(loading, section, &schema_sections[kind])) {
        return false;
    }
    const struct document_section *earlier = find_earlier(loading->document, section);
    if (earlier == NULL) {
        return true;
    }
    if (earlier->place.file == section->place.file) {
        return refuse(loading, section, "it stands in line %d already: expected it once",
                      earlier->place.line);
    }
    return refuse(loading, section, "it stands in %s:%d already: expected it once",
                  earlier->place.file, earlier->place.line);
}

/* An array for each kind, with room for what the document has of it. */
static struct result allocate_arrays(const struct loading *loading)
{
    for (size_t kind = 0; kind < SECTION_COUNT; kind++) {
        const struct schema_section *row = &schema_sections[kind];
        if (row->count_field == 0) {
            continue;
        }
        size_t count = 0;
        for (size_t i = 0; i < loading->document->section_count; i++) {
            count += strcmp(loading->document->sections[i].kind, row->kind) == 0;
        }
        void *items = arena_allocate(loading->document->arena, count, row->size_bytes);
        if (items == NULL) {
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
        memcpy((char *)loading->config + row->field, &items, sizeof(items));
    }
    return RESULT_OK;
}

/* Where the next section of the kind goes; counts it. */
static char *take_target(struct config *config, const struct schema_section *row)
{
    char *field = (char *)config + row->field;
    size_t count = 0;
    if (row->count_field == 0) {
        return field;
    }
    char *count_field = (char *)config + row->count_field;
    char *items = NULL;
    memcpy(&items, field, sizeof(items));
    memcpy(&count, count_field, sizeof(count));
    char *target = items + count * row->size_bytes;
    count++;
    memcpy(count_field, &count, sizeof(count));
    return target;
}

static struct result allocate_targets(const struct loading *loading)
{
    struct document *document = loading->document;
    TRY(allocate_arrays(loading));
    for (size_t i = 0; i < document->section_count; i++) {
        struct document_section *section = &document->sections[i];
        if (!judge_section(loading, section)) {
            continue;
        }
        const struct schema_section *row = &schema_sections[schema_find_section(section->kind)];
        char *target = take_target(loading->config, row);
        memcpy(target + row->place_field, &section->place, sizeof(section->place));
        if (row->is_named) {
            memcpy(target + row->name_field, &section->name, sizeof(section->name));
        }
        section->target = target;
    }
    for (size_t i = 0; i < loading->config->listener_count; i++) {
        loading->config->listeners[i].index = (uint32_t)i;
    }
    return RESULT_OK;
}

/* ---- settings ---- */

/* The kind of section that knows key, or SECTION_COUNT. */
static enum schema_section_kind find_home(const char *key)
{
    for (size_t i = 0; i < schema_setting_count; i++) {
        if (strcmp(schema_settings[i].key, key) == 0) {
            return schema_settings[i].section;
        }
    }
    return SECTION_COUNT;
}

/* More would not be read. */
#define LISTED_KEYS_MAX 12

static void refuse_key(const struct setting_site *site, enum schema_section_kind kind)
{
    struct suggestion suggestion = suggestion_for(site->given->key);
    char memory[512];
    struct text expected = text_over(memory, sizeof(memory));
    enum schema_section_kind home = find_home(site->given->key);
    size_t count = 0;
    for (size_t i = 0; i < schema_setting_count; i++) {
        if (schema_settings[i].section == kind) {
            suggestion_consider(&suggestion, schema_settings[i].key);
            text_append_string(&expected, expected.length == 0 ? "" : ", ");
            text_append_string(&expected, schema_settings[i].key);
            count++;
        }
    }
    if (home != SECTION_COUNT) {
        setting_site_reject(site, "unknown setting: expected it in a [%s%s] section",
                            schema_sections[home].kind,
                            schema_sections[home].is_named ? " NAME" : "");
    } else if (suggestion.best != NULL) {
        setting_site_reject(site, "unknown setting (did you mean '%s'?)", suggestion.best);
    } else if (count > LISTED_KEYS_MAX) {
        setting_site_reject(site,
                            "unknown setting: expected one of those that `sallyport config "
                            "reference` lists for [%s]",
                            site->section->kind);
    } else {
        setting_site_reject(site, "unknown setting: expected one of %s", text_terminate(&expected));
    }
}

/* Headers and certificates are told apart by more than the text of one line. */
static bool may_repeat_value(enum setting_kind kind)
{
    return kind == SETTING_HEADER_RULE || kind == SETTING_CERTIFICATE_PART;
}

static bool is_same_value(const struct setting *row, const char *a, const char *b)
{
    return row->kind == SETTING_PATH || row->kind == SETTING_INCLUDE
               ? strcmp(a, b) == 0
               : bytes_equal_ignoring_case(bytes_from_string(a), bytes_from_string(b));
}

/* Whether the key may stand here once more, with this value. */
static bool judge_repetition(const struct setting_site *site, struct tally *tally)
{
    size_t row = (size_t)(site->row - schema_settings);
    uint32_t times = ++tally->times[row];
    if (times == 1) {
        tally->first_line[row] = site->given->place.line;
        return true;
    }
    if (site->row->times_max == 1) {
        setting_site_reject(site, "it stands in line %d already: expected it once",
                            tally->first_line[row]);
        return false;
    }
    if (times > site->row->times_max) {
        setting_site_reject(site, "expected %u at most in a section", site->row->times_max);
        return false;
    }
    for (const struct document_setting *at = site->section->settings;
         at < site->given && !may_repeat_value(site->row->kind); at++) {
        if (strcmp(at->key, site->row->key) == 0 &&
            is_same_value(site->row, at->value, site->given->value)) {
            setting_site_reject(site, "the same stands in line %d already: expected it once",
                                at->place.line);
            return false;
        }
    }
    return true;
}

static struct result apply_setting(struct setting_site *site, enum schema_section_kind kind,
                                   struct tally *tally)
{
    site->row = schema_find(kind, site->given->key);
    if (site->row == NULL) {
        refuse_key(site, kind);
        return RESULT_OK;
    }
    if (!judge_repetition(site, tally)) {
        return RESULT_OK;
    }
    return setting_store(site);
}

static bool is_reported(struct result result)
{
    return result.code == ERROR_NONE || result.code == ERROR_BAD_CONFIG;
}

/* Rows that the section does not give: their defaults, or a complaint. */
static struct result apply_absent(const struct loading *loading,
                                  const struct document_section *section,
                                  enum schema_section_kind kind, const struct tally *tally)
{
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        if (row->section != kind || tally->times[i] > 0) {
            continue;
        }
        const struct document_setting absent = {.key = row->key, .value = row->default_text};
        const struct setting_site site = {loading, section, &absent, row};
        if (row->is_required) {
            (void)refuse(loading, section, "%s is missing: expected '%s = %s'", row->key, row->key,
                         schema_kinds[row->kind].pattern);
        } else if (row->default_text != NULL) {
            TRY(setting_store(&site));
        }
    }
    return RESULT_OK;
}

static struct result apply_section(const struct loading *loading,
                                   const struct document_section *section)
{
    enum schema_section_kind kind = schema_find_section(section->kind);
    struct tally tally = {0};
    struct setting_site site = {.loading = loading, .section = section};
    struct config_setting_set given = {0};
    for (size_t i = 0; i < section->setting_count; i++) {
        site.given = &section->settings[i];
        struct result result = apply_setting(&site, kind, &tally);
        if (!is_reported(result)) {
            return result;
        }
        if (site.row != NULL) {
            schema_put_in(&given, site.row);
        }
    }
    memcpy((char *)section->target + schema_sections[kind].given_field, &given, sizeof(given));
    return apply_absent(loading, section, kind, &tally);
}

/* A configuration without [gateway] is as good as one with an empty one. */
static struct result apply_gateway_defaults(const struct loading *loading)
{
    const struct document *document = loading->document;
    struct document_section empty = {
        .title = "gateway",
        .kind = "gateway",
        .name = "",
        .file = document->files[0],
        .target = &loading->config->gateway,
    };
    for (size_t i = 0; i < document->section_count; i++) {
        if (document->sections[i].target == empty.target) {
            return RESULT_OK;
        }
    }
    return apply_section(loading, &empty);
}
