/*
 * A parser for each kind of value, in one table. A parser gets the memory of one value, zeroed when
 * it is the next item of a list; what it refuses it reports itself, and nothing is stored.
 */
#include <string.h>

#include "claim_set.h"
#include "config/config_limits.h"
#include "config/suggestion.h"
#include "header_rule.h"
#include "setting_endpoint.h"
#include "setting_health.h"
#include "setting_path.h"
#include "setting_store.h"
#include "value.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#define EXPECTED_CPUS "expected auto, off or CPU numbers, such as 0-3,6"

static const struct setting_word flags[] = {
    {"on", true, NULL},   {"off", false, NULL},   {"yes", true, NULL}, {"no", false, NULL},
    {"true", true, NULL}, {"false", false, NULL}, {NULL, 0, NULL},
};

static const struct setting_word *find_word(const struct setting_word *words, const char *text)
{
    for (const struct setting_word *word = words; word->text != NULL; word++) {
        if (word->refusal == NULL && strcmp(word->text, text) == 0) {
            return word;
        }
    }
    return NULL;
}

static struct bytes value_of(const struct setting_site *site)
{
    return bytes_from_string(site->given->value);
}

static struct arena *arena_of(const struct setting_site *site)
{
    return site->loading->document->arena;
}

/* The text as written: it lies in the arena, or is a default of the schema, and may stay. */
static struct config_text text_of(const struct setting_site *site)
{
    return (struct config_text){.text = site->given->value, .place = site->given->place};
}

/* ---- words and numbers ---- */

static struct result parse_flag(const struct setting_site *site, void *field)
{
    const struct setting_word *word = find_word(flags, site->given->value);
    if (word == NULL) {
        setting_site_reject_word(site, flags);
        return result_failure(ERROR_BAD_CONFIG);
    }
    *(bool *)field = word->value != 0;
    return RESULT_OK;
}

static struct result parse_waiver(const struct setting_site *site, void *field)
{
    bool is_on = false;
    TRY(parse_flag(site, &is_on));
    *(bool *)field = !is_on;
    return RESULT_OK;
}

static struct result parse_any_word(const struct setting_site *site,
                                    const struct setting_word **ret_word)
{
    const struct setting_word *word = find_word(site->row->words, site->given->value);
    if (word == NULL) {
        setting_site_reject_word(site, site->row->words);
        return result_failure(ERROR_BAD_CONFIG);
    }
    *ret_word = word;
    return RESULT_OK;
}

static struct result parse_word(const struct setting_site *site, void *field)
{
    const struct setting_word *word = NULL;
    TRY(parse_any_word(site, &word));
    memcpy(field, &word->value, sizeof(word->value)); /* an enum of whatever type */
    return RESULT_OK;
}

static struct result parse_word_flag(const struct setting_site *site, void *field)
{
    const struct setting_word *word = NULL;
    TRY(parse_any_word(site, &word));
    *(bool *)field = word->value != 0;
    return RESULT_OK;
}

static struct result parse_word_text(const struct setting_site *site, void *field)
{
    const struct setting_word *word = NULL;
    TRY(parse_any_word(site, &word));
    *(const char **)field = word->text;
    return RESULT_OK;
}

static struct result parse_word_set(const struct setting_site *site, void *field)
{
    const struct setting_word *word = NULL;
    TRY(parse_any_word(site, &word));
    *(unsigned *)field |= (unsigned)word->value;
    return RESULT_OK;
}

static struct result parse_word_list(const struct setting_site *site, void *field)
{
    const struct setting_word *word = NULL;
    TRY(parse_any_word(site, &word));
    *(struct config_text *)field =
        (struct config_text){.text = word->text, .place = site->given->place};
    return RESULT_OK;
}

static struct result parse_count(const struct setting_site *site, void *field)
{
    const struct setting *row = site->row;
    uint64_t number = 0;
    if (!bytes_to_number(value_of(site), row->maximum, &number) || number < row->minimum) {
        return SETTING_SITE_REFUSE(site, "expected a number from %llu to %llu",
                                   (unsigned long long)row->minimum,
                                   (unsigned long long)row->maximum);
    }
    *(uint32_t *)field = (uint32_t)number;
    return RESULT_OK;
}

/* Durations and sizes: what is wrong is shown with the bounds as one would write them. */
static struct result refuse_number(const struct setting_site *site, const char *what,
                                   void (*print)(struct text *, uint64_t))
{
    char minimum[32];
    char maximum[32];
    struct text low = text_over(minimum, sizeof(minimum));
    struct text high = text_over(maximum, sizeof(maximum));
    print(&low, site->row->minimum);
    print(&high, site->row->maximum);
    return SETTING_SITE_REFUSE(site, "expected %s from %s to %s, such as %s", what,
                               text_terminate(&low), text_terminate(&high),
                               site->row->default_text);
}

static struct result parse_duration(const struct setting_site *site, void *field)
{
    uint64_t duration_ms = 0;
    if (!value_parse_duration(value_of(site), &duration_ms) || duration_ms < site->row->minimum ||
        duration_ms > site->row->maximum) {
        return refuse_number(site, "a duration with its unit (ms, s, m, h, d)",
                             value_print_duration);
    }
    *(uint32_t *)field = (uint32_t)duration_ms;
    return RESULT_OK;
}

static struct result parse_size(const struct setting_site *site, void *field)
{
    uint64_t size_bytes = 0;
    if (!value_parse_size(value_of(site), &size_bytes) || size_bytes < site->row->minimum ||
        size_bytes > site->row->maximum) {
        return refuse_number(site, "a size (k, m, g)", value_print_size);
    }
    *(uint64_t *)field = size_bytes;
    return RESULT_OK;
}

static struct result parse_workers(const struct setting_site *site, void *field)
{
    const struct setting *row = site->row;
    uint64_t number = 0;
    bool is_number = bytes_to_number(value_of(site), row->maximum, &number);
    if (strcmp(site->given->value, "auto") != 0 && (!is_number || number < row->minimum)) {
        return SETTING_SITE_REFUSE(site, "expected auto or a number from %llu to %llu",
                                   (unsigned long long)row->minimum,
                                   (unsigned long long)row->maximum);
    }
    *(struct config_text *)field = text_of(site);
    return RESULT_OK;
}

static struct result parse_cpu_list(const struct setting_site *site, void *field)
{
    struct bytes list = value_of(site);
    bool is_word =
        strcmp(site->given->value, "auto") == 0 || strcmp(site->given->value, "off") == 0;
    if (list.length == 0) {
        return SETTING_SITE_REFUSE(site, EXPECTED_CPUS);
    }
    while (!is_word && list.length > 0) {
        uint32_t first = 0;
        uint32_t last = 0;
        if (!value_take_range(&list, (uint32_t)site->row->maximum, &first, &last)) {
            return SETTING_SITE_REFUSE(site, EXPECTED_CPUS);
        }
    }
    *(struct config_text *)field = text_of(site);
    return RESULT_OK;
}

/* ---- what has a file of its own ---- */

static struct result parse_address(const struct setting_site *site, void *field)
{
    return setting_endpoint_parse_address(site, field);
}

static struct result parse_host_name(const struct setting_site *site, void *field)
{
    return setting_endpoint_parse_host_name(site, field);
}

static struct result parse_server(const struct setting_site *site, void *field)
{
    return setting_endpoint_parse_server(site, field);
}

static struct result parse_http_url(const struct setting_site *site, void *field)
{
    return setting_endpoint_parse_http_url(site, field);
}

static struct result parse_claim_set(const struct setting_site *site, void *field)
{
    return claim_set_parse_setting(site, field);
}

/* Whether there is one of that name only the machine knows that runs it. */
static struct result parse_account(const struct setting_site *site, void *field)
{
    if (site->given->value[0] == '\0') {
        return SETTING_SITE_REFUSE(site, "expected a name");
    }
    *(struct config_text *)field = text_of(site);
    return RESULT_OK;
}

static struct result parse_header_name(const struct setting_site *site, void *field)
{
    return header_rule_parse_name(site, field);
}

/* ---- paths ---- */

static struct result parse_path(const struct setting_site *site, void *field)
{
    return setting_path_parse(site, field);
}

static struct result parse_path_or_off(const struct setting_site *site, void *field)
{
    if (strcmp(site->given->value, "off") != 0) {
        return parse_path(site, field);
    }
    *(struct config_text *)field = text_of(site);
    return RESULT_OK;
}

static struct result parse_log(const struct setting_site *site, void *field)
{
    return setting_path_parse_log(site, CONFIG_LOG_STANDARD_OUTPUT, field);
}

static struct result parse_error_log(const struct setting_site *site, void *field)
{
    return setting_path_parse_log(site, CONFIG_LOG_STANDARD_ERROR, field);
}

/* Included files are read before any setting is looked at (inclusion.c); nothing is left to store.
 */
static struct result parse_include(const struct setting_site *site, void *field)
{
    (void)site;
    (void)field;
    return RESULT_OK;
}

/* ---- lists ---- */

static void *items_of(const struct setting_site *site)
{
    void *items = NULL;
    memcpy(&items, (char *)site->section->target + site->row->field, sizeof(items));
    return items;
}

static size_t *count_of(const struct setting_site *site)
{
    return (size_t *)(void *)((char *)site->section->target + site->row->count_field);
}

/* Memory for as many items as the section has lines of that key. */
static struct result reserve(const struct setting_site *site, size_t item_bytes)
{
    size_t lines = 0;
    for (size_t i = 0; i < site->section->setting_count; i++) {
        lines += strcmp(site->section->settings[i].key, site->given->key) == 0;
    }
    void *items = arena_allocate(arena_of(site), lines, item_bytes);
    if (items == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    memcpy((char *)site->section->target + site->row->field, &items, sizeof(items));
    return RESULT_OK;
}

static struct result parse_header_rule(const struct setting_site *site, void *field)
{
    return header_rule_parse(site, items_of(site), *count_of(site), field);
}

/* Key and passphrase belong to the certificate in the line before them, were it a wrong one: they
 * must not fall to another, nor be missed where they are wrong themselves. */
static struct result parse_certificate_part(const struct setting_site *site, void *field)
{
    struct config_certificate *certificates = field;
    size_t *count = count_of(site);
    if (site->row->minimum == offsetof(struct config_certificate, chain_path)) {
        struct config_text *chain = &certificates[(*count)++].chain_path;
        *chain = (struct config_text){"", site->given->place};
        return parse_path(site, chain);
    }
    if (*count == 0) {
        return SETTING_SITE_REFUSE(site, "expected a certificate in a line before it");
    }
    struct config_certificate *last = &certificates[*count - 1];
    struct config_text *part = (struct config_text *)(void *)((char *)last + site->row->minimum);
    if (part->text != NULL) {
        return SETTING_SITE_REFUSE(
            site, "the certificate in line %d has one already, in line %d: expected one for each",
            last->chain_path.place.line, part->place.line);
    }
    *part = (struct config_text){"", site->given->place};
    return parse_path(site, part);
}

/* ---- references ---- */

static const char *target_name(enum schema_section_kind section, const struct config *config,
                               size_t index)
{
    const char *name = NULL;
    const char *target = schema_target(section, config, index);
    memcpy(&name, target + schema_sections[section].name_field, sizeof(name));
    return name;
}

static struct result parse_reference(const struct setting_site *site, void *field)
{
    enum schema_section_kind section = (enum schema_section_kind)site->row->minimum;
    const struct config *config = site->loading->config;
    const char *kind = schema_sections[section].kind;
    struct suggestion suggestion = suggestion_for(site->given->value);
    for (size_t i = 0; i < schema_target_count(section, config); i++) {
        const char *name = target_name(section, config, i);
        if (strcmp(name, site->given->value) == 0) {
            const void *target = schema_target(section, config, i);
            memcpy(field, &target, sizeof(target));
            return RESULT_OK;
        }
        suggestion_consider(&suggestion, name);
    }
    if (suggestion.best != NULL) {
        return SETTING_SITE_REFUSE(site,
                                   "expected the name of a [%s NAME] section (did you mean '%s'?)",
                                   kind, suggestion.best);
    }
    return SETTING_SITE_REFUSE(site, "expected the name of a [%s NAME] section%s", kind,
                               schema_target_count(section, config) == 0 ? ", and there is none"
                                                                         : "");
}

/* ---- the table ---- */

/* clang-format off */
static const struct {
    struct result (*parse)(const struct setting_site *site, void *field);
    size_t item_bytes; /* when the row is a list */
} kinds[SETTING_KIND_COUNT] = {
    [SETTING_FLAG]             = {parse_flag,             0},
    [SETTING_WAIVER]           = {parse_waiver,           0},
    [SETTING_WORD]             = {parse_word,             0},
    [SETTING_WORD_FLAG]        = {parse_word_flag,        0},
    [SETTING_WORD_TEXT]        = {parse_word_text,        0},
    [SETTING_WORD_SET]         = {parse_word_set,         0},
    [SETTING_WORD_LIST]        = {parse_word_list,        sizeof(struct config_text)},
    [SETTING_COUNT]            = {parse_count,            0},
    [SETTING_DURATION]         = {parse_duration,         0},
    [SETTING_SIZE]             = {parse_size,             0},
    [SETTING_WORKERS]          = {parse_workers,          0},
    [SETTING_CPU_LIST]         = {parse_cpu_list,         0},
    [SETTING_ADDRESS]          = {parse_address,          sizeof(struct config_address)},
    [SETTING_HOST_NAME]        = {parse_host_name,        sizeof(struct config_text)},
    [SETTING_PATH]             = {parse_path,             sizeof(struct config_text)},
    [SETTING_PATH_OR_OFF]      = {parse_path_or_off,      0},
    [SETTING_LOG]              = {parse_log,              0},
    [SETTING_ERROR_LOG]        = {parse_error_log,        0},
    [SETTING_HTTP_URL]         = {parse_http_url,         0},
    [SETTING_INCLUDE]          = {parse_include,          0},
    [SETTING_CERTIFICATE_PART] = {parse_certificate_part, sizeof(struct config_certificate)},
    [SETTING_REFERENCE]        = {parse_reference,        0},
    [SETTING_SERVER]           = {parse_server,           sizeof(struct config_server)},
    [SETTING_HEADER_RULE]      = {parse_header_rule,      sizeof(struct config_header_rule)},
    [SETTING_HEADER_NAME]      = {parse_header_name,      sizeof(struct config_text)},
    [SETTING_CLAIM_SET]        = {parse_claim_set,        sizeof(struct config_claim_set)},
    [SETTING_ACCOUNT]          = {parse_account,          0},
    [SETTING_REQUEST_TARGET]   = {setting_health_parse_target,   0},
    [SETTING_AUTHORITY]        = {setting_health_parse_host,     0},
    [SETTING_STATUS_RANGE]     = {setting_health_parse_statuses, 0},
};
/* clang-format on */

struct result setting_store(const struct setting_site *site)
{
    const struct setting *row = site->row;
    if (row->count_field == 0) {
        return kinds[row->kind].parse(site, (char *)site->section->target + row->field);
    }
    bool makes_items = row->kind != SETTING_CERTIFICATE_PART ||
                       row->minimum == offsetof(struct config_certificate, chain_path);
    if (items_of(site) == NULL && makes_items) {
        TRY(reserve(site, kinds[row->kind].item_bytes));
    }
    if (row->kind == SETTING_CERTIFICATE_PART) {
        return parse_certificate_part(site, items_of(site));
    }
    size_t *count = count_of(site);
    TRY(kinds[row->kind].parse(site,
                               (char *)items_of(site) + *count * kinds[row->kind].item_bytes));
    (*count)++;
    return RESULT_OK;
}
