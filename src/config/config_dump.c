/*
 * The effective configuration, from the schema. Only the keys of one certificate need care: they
 * must stand together, since a key belongs to the certificate in the line before it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/config_report.h"
#include "config/json_print.h"
#include "setting_print.h"

#define COLUMN_OF_COMMENTS 64

/* Room for one value; config dump is no place to save memory. */
struct printer {
    FILE *output;
    char value[SETTING_PRINT_BYTES_MAX];
};

static void dump_as_ini(const struct config *config, struct printer *printer);
static void dump_as_json(const struct config *config, struct printer *printer);

void config_dump(const struct config *config, FILE *output, bool json)
{
    struct printer *printer = calloc(1, sizeof(*printer));
    if (printer == NULL) {
        fputs("; out of memory\n", output);
        return;
    }
    printer->output = output;
    if (json) {
        dump_as_json(config, printer);
    } else {
        dump_as_ini(config, printer);
    }
    free(printer);
}

static const char *name_of(enum schema_section_kind kind, const void *target)
{
    const char *name = NULL;
    if (schema_sections[kind].is_named) {
        memcpy(&name, (const char *)target + schema_sections[kind].name_field, sizeof(name));
    }
    return name;
}

/* The value as text in printer->value, or NULL when it is absent. */
static const char *value_at(struct printer *printer, const struct setting *row, const void *target,
                            size_t index)
{
    struct text text = text_over(printer->value, sizeof(printer->value));
    return setting_print(row, target, index, &text) ? text_terminate(&text) : NULL;
}

/* ---- INI ---- */

static bool needs_quotes(const char *value)
{
    size_t length = strlen(value);
    bool is_blank_before = true;
    for (size_t i = 0; i < length; i++) {
        if (value[i] == '"' || (is_blank_before && (value[i] == ';' || value[i] == '#'))) {
            return true;
        }
        is_blank_before = value[i] == ' ' || value[i] == '\t';
    }
    return length > 0 && (is_blank_before || value[0] == ' ' || value[0] == '\t');
}

/* How many columns it took. */
static int print_quoted(FILE *output, const char *value)
{
    int columns = 2;
    fputc('"', output);
    for (const char *at = value; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') {
            fputc('\\', output);
            columns++;
        }
        fputc(*at, output);
        columns++;
    }
    fputc('"', output);
    return columns;
}

/* What follows from other settings is a comment: given again, some of it would be refused. */
static void dump_line(struct printer *printer, const struct setting *row, const void *target,
                      size_t index)
{
    const char *value = value_at(printer, row, target, index);
    bool is_given = setting_print_is_given(row, target, index);
    bool is_derived = !is_given && row->default_text == NULL;
    if (value == NULL) {
        return;
    }
    int columns = fprintf(printer->output, "%s%s = ", is_derived ? "; " : "", row->key);
    columns += needs_quotes(value) ? print_quoted(printer->output, value)
                                   : fprintf(printer->output, "%s", value);
    if (!is_given) {
        int gap = columns < COLUMN_OF_COMMENTS ? COLUMN_OF_COMMENTS - columns : 1;
        fprintf(printer->output, "%*s; default", gap, "");
    }
    fputc('\n', printer->output);
}

static void dump_certificates(struct printer *printer, const void *target)
{
    const struct setting *first = schema_find(SECTION_LISTENER, "certificate");
    for (size_t index = 0; index < setting_print_count(first, target); index++) {
        for (size_t i = 0; i < schema_setting_count; i++) {
            const struct setting *row = &schema_settings[i];
            const char *value = row->kind == SETTING_CERTIFICATE_PART
                                    ? value_at(printer, row, target, index)
                                    : NULL;
            if (value != NULL) {
                dump_line(printer, row, target, index);
            }
        }
    }
}

static void dump_section(struct printer *printer, enum schema_section_kind kind, const void *target)
{
    const char *name = name_of(kind, target);
    fprintf(printer->output, "\n[%s%s%s]\n", schema_sections[kind].kind, name == NULL ? "" : " ",
            name == NULL ? "" : name);
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        if (row->section != kind) {
            continue;
        }
        if (row->kind == SETTING_CERTIFICATE_PART) {
            if (row->minimum == offsetof(struct config_certificate, chain_path)) {
                dump_certificates(printer, target);
            }
            continue;
        }
        for (size_t index = 0; index < setting_print_count(row, target); index++) {
            dump_line(printer, row, target, index);
        }
    }
}

static void dump_as_ini(const struct config *config, struct printer *printer)
{
    const struct config_gateway *gateway = &config->gateway;
    fprintf(printer->output, "; %u %s, %s", gateway->worker_count,
            text_noun(gateway->worker_count, "worker", "workers"),
            gateway->cpus == NULL ? "not pinned" : "pinned to CPU");
    for (uint32_t i = 0; gateway->cpus != NULL && i < gateway->worker_count; i++) {
        fprintf(printer->output, "%s%u", i == 0 ? " " : ",", gateway->cpus[i]);
    }
    fputc('\n', printer->output);
    for (size_t kind = 0; kind < SECTION_COUNT; kind++) {
        enum schema_section_kind section = (enum schema_section_kind)kind;
        for (size_t i = 0; i < schema_target_count(section, config); i++) {
            dump_section(printer, section, schema_target(section, config, i));
        }
    }
}

/* ---- JSON ---- */

static void dump_json_values(struct printer *printer, const struct setting *row, const void *target)
{
    bool is_array = row->times_max > 1;
    bool is_first = true;
    fputs(is_array ? "[" : "", printer->output);
    for (size_t index = 0; index < setting_print_count(row, target); index++) {
        const char *value = value_at(printer, row, target, index);
        if (value == NULL && row->kind == SETTING_WORD_SET) {
            continue; /* but an absent part of a certificate is null: its place counts */
        }
        fputs(is_first ? "" : ", ", printer->output);
        json_print_string(printer->output, value);
        is_first = false;
    }
    fputs(is_array ? "]" : "", printer->output);
}

static void dump_json_defaults(struct printer *printer, enum schema_section_kind kind,
                               const void *target)
{
    bool is_first = true;
    struct config_setting_set given;
    memcpy(&given, (const char *)target + schema_sections[kind].given_field, sizeof(given));
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        if (row->section == kind && row->kind != SETTING_INCLUDE && !schema_is_in(&given, row)) {
            fprintf(printer->output, "%s\"%s\"", is_first ? "" : ", ", row->key);
            is_first = false;
        }
    }
}

static void dump_json_section(struct printer *printer, enum schema_section_kind kind,
                              const void *target)
{
    bool is_first = true;
    fprintf(printer->output, "    {\"section\": \"%s\", \"name\": ", schema_sections[kind].kind);
    json_print_string(printer->output, name_of(kind, target));
    fputs(", \"settings\": {", printer->output);
    for (size_t i = 0; i < schema_setting_count; i++) {
        const struct setting *row = &schema_settings[i];
        if (row->section == kind && row->kind != SETTING_INCLUDE) {
            fprintf(printer->output, "%s\n      \"%s\": ", is_first ? "" : ",", row->key);
            dump_json_values(printer, row, target);
            is_first = false;
        }
    }
    fputs("\n    }, \"defaults\": [", printer->output);
    dump_json_defaults(printer, kind, target);
    fputs("]}", printer->output);
}

static void dump_as_json(const struct config *config, struct printer *printer)
{
    const struct config_gateway *gateway = &config->gateway;
    bool is_first = true;
    fprintf(printer->output, "{\n  \"worker_count\": %u,\n  \"cpus\": ", gateway->worker_count);
    fputs(gateway->cpus == NULL ? "null" : "[", printer->output);
    for (uint32_t i = 0; gateway->cpus != NULL && i < gateway->worker_count; i++) {
        fprintf(printer->output, "%s%u", i == 0 ? "" : ", ", gateway->cpus[i]);
    }
    fprintf(printer->output, "%s,\n  \"sections\": [", gateway->cpus == NULL ? "" : "]");
    for (size_t kind = 0; kind < SECTION_COUNT; kind++) {
        enum schema_section_kind section = (enum schema_section_kind)kind;
        for (size_t i = 0; i < schema_target_count(section, config); i++) {
            fputs(is_first ? "\n" : ",\n", printer->output);
            dump_json_section(printer, section, schema_target(section, config, i));
            is_first = false;
        }
    }
    fputs("\n  ]\n}\n", printer->output);
}
