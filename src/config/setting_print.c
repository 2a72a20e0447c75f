/* A printer for each kind of value, in one table; the counterpart of setting_store.c. */
#include <string.h>

#include "base/check.h"
#include "setting_print.h"
#include "value.h"

#define IS_LIST(row) ((row)->count_field != 0)

/* Prints the value at field; false when there is none. */
typedef bool (*print_value)(const struct setting *row, const void *field, struct text *output);

static bool print_string(const char *string, struct text *output)
{
    text_append_string(output, string == NULL ? "" : string);
    return string != NULL;
}

static bool print_flag(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(*(const bool *)field ? "on" : "off", output);
}

static bool print_waiver(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(*(const bool *)field ? "off" : "on", output);
}

static bool print_word(const struct setting *row, const void *field, struct text *output)
{
    int value = 0;
    memcpy(&value, field, sizeof(value));
    for (const struct setting_word *word = row->words; word->text != NULL; word++) {
        if (word->refusal == NULL && word->value == value) {
            return print_string(word->text, output);
        }
    }
    return false;
}

static bool print_word_flag(const struct setting *row, const void *field, struct text *output)
{
    int value = *(const bool *)field;
    return print_word(row, &value, output);
}

static bool print_word_text(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(*(const char *const *)field, output);
}

static bool print_text(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(((const struct config_text *)field)->text, output);
}

static bool print_log(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(((const struct config_log *)field)->source.text, output);
}

static bool print_count(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    text_append_number(output, *(const uint32_t *)field);
    return true;
}

static bool print_duration(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    value_print_duration(output, *(const uint32_t *)field);
    return true;
}

static bool print_size(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    value_print_size(output, *(const uint64_t *)field);
    return true;
}

static bool print_address(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(((const struct config_address *)field)->source.text, output);
}

static bool print_server(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(((const struct config_server *)field)->source.text, output);
}

static bool print_statuses(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(((const struct config_status_range *)field)->source.text, output);
}

static bool print_header_rule(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(((const struct config_header_rule *)field)->source.text, output);
}

static bool print_claim_set(const struct setting *row, const void *field, struct text *output)
{
    (void)row;
    return print_string(((const struct config_claim_set *)field)->source.text, output);
}

static bool print_certificate_part(const struct setting *row, const void *field,
                                   struct text *output)
{
    return print_text(row, (const char *)field + row->minimum, output);
}

static bool print_reference(const struct setting *row, const void *field, struct text *output)
{
    const char *target = NULL;
    const char *name = NULL;
    memcpy(&target, field, sizeof(target));
    if (target == NULL) {
        return false;
    }
    memcpy(&name, target + schema_sections[row->minimum].name_field, sizeof(name));
    return print_string(name, output);
}

/* clang-format off */
static const struct {
    print_value print;
    size_t item_bytes; /* when the row is a list; as in setting_store.c */
} kinds[SETTING_KIND_COUNT] = {
    [SETTING_FLAG]             = {print_flag,             0},
    [SETTING_WAIVER]           = {print_waiver,           0},
    [SETTING_WORD]             = {print_word,             0},
    [SETTING_WORD_FLAG]        = {print_word_flag,        0},
    [SETTING_WORD_TEXT]        = {print_word_text,        0},
    [SETTING_WORD_SET]         = {NULL,                   0}, /* a value a word: print_word_of_set() */
    [SETTING_WORD_LIST]        = {print_text,             sizeof(struct config_text)},
    [SETTING_COUNT]            = {print_count,            0},
    [SETTING_DURATION]         = {print_duration,         0},
    [SETTING_SIZE]             = {print_size,             0},
    [SETTING_WORKERS]          = {print_text,             0},
    [SETTING_CPU_LIST]         = {print_text,             0},
    [SETTING_ADDRESS]          = {print_address,          sizeof(struct config_address)},
    [SETTING_HOST_NAME]        = {print_text,             sizeof(struct config_text)},
    [SETTING_PATH]             = {print_text,             sizeof(struct config_text)},
    [SETTING_PATH_OR_OFF]      = {print_text,             0},
    [SETTING_LOG]              = {print_log,              0},
    [SETTING_ERROR_LOG]        = {print_log,              0},
    [SETTING_HTTP_URL]         = {print_text,             0},
    [SETTING_INCLUDE]          = {NULL,                   0}, /* has been followed */
    [SETTING_CERTIFICATE_PART] = {print_certificate_part, sizeof(struct config_certificate)},
    [SETTING_REFERENCE]        = {print_reference,        0},
    [SETTING_SERVER]           = {print_server,           sizeof(struct config_server)},
    [SETTING_HEADER_RULE]      = {print_header_rule,      sizeof(struct config_header_rule)},
    [SETTING_HEADER_NAME]      = {print_text,             sizeof(struct config_text)},
    [SETTING_CLAIM_SET]        = {print_claim_set,        sizeof(struct config_claim_set)},
    [SETTING_ACCOUNT]          = {print_text,             0},
    [SETTING_REQUEST_TARGET]   = {print_text,             0},
    [SETTING_AUTHORITY]        = {print_text,             0},
    [SETTING_STATUS_RANGE]     = {print_statuses,         0},
};
/* clang-format on */

static const char *item_at(const struct setting *row, const void *target, size_t index)
{
    const char *items = NULL;
    memcpy(&items, (const char *)target + row->field, sizeof(items));
    return items + index * kinds[row->kind].item_bytes;
}

static bool print_word_of_set(const struct setting *row, const void *target, size_t index,
                              struct text *output)
{
    unsigned set = 0;
    memcpy(&set, (const char *)target + row->field, sizeof(set));
    const struct setting_word *word = &row->words[index];
    return (set & (unsigned)word->value) != 0 && print_string(word->text, output);
}

size_t setting_print_count(const struct setting *row, const void *target)
{
    size_t count = 0;
    if (row->kind == SETTING_WORD_SET) {
        while (row->words[count].text != NULL) {
            count++;
        }
        return count;
    }
    if (IS_LIST(row)) {
        memcpy(&count, (const char *)target + row->count_field, sizeof(count));
        return count;
    }
    return kinds[row->kind].print != NULL;
}

bool setting_print(const struct setting *row, const void *target, size_t index, struct text *output)
{
    CHECK(index < setting_print_count(row, target));
    if (row->kind == SETTING_WORD_SET) {
        return print_word_of_set(row, target, index, output);
    }
    const void *field =
        IS_LIST(row) ? item_at(row, target, index) : (const char *)target + row->field;
    return kinds[row->kind].print(row, field, output);
}

bool setting_print_is_given(const struct setting *row, const void *target, size_t index)
{
    struct config_setting_set given;
    if (IS_LIST(row) && kinds[row->kind].print == print_text) {
        const struct config_text *item =
            (const struct config_text *)(const void *)item_at(row, target, index);
        return item->place.file != NULL;
    }
    memcpy(&given, (const char *)target + schema_sections[row->section].given_field, sizeof(given));
    return schema_is_in(&given, row);
}

void setting_print_pattern(const struct setting *row, struct text *output)
{
    size_t length_before = output->length;
    if (row->words == NULL) {
        text_append_string(output, schema_kinds[row->kind].pattern);
        return;
    }
    for (const struct setting_word *word = row->words; word->text != NULL; word++) {
        if (word->refusal == NULL) {
            text_append_string(output, output->length == length_before ? "" : " | ");
            text_append_string(output, word->text);
        }
    }
}

void setting_print_bounds(const struct setting *row, struct text *output)
{
    bool has_bounds = row->kind == SETTING_COUNT || row->kind == SETTING_DURATION ||
                      row->kind == SETTING_SIZE || row->kind == SETTING_WORKERS;
    if (!has_bounds) {
        return;
    }
    void (*print)(struct text *, uint64_t) = row->kind == SETTING_DURATION ? value_print_duration
                                             : row->kind == SETTING_SIZE   ? value_print_size
                                                                           : text_append_number;
    text_append_string(output, "from ");
    print(output, row->minimum);
    text_append_string(output, " to ");
    print(output, row->maximum);
}
