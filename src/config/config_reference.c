/* Every setting there is, from the schema, for people and (as JSON) for their editors. */
#include "claim_set.h"
#include "config/config_report.h"
#include "config/json_print.h"
#include "setting_facts.h"
#include "setting_print.h"
#include "template_parse.h"

#define LINE_BYTES_MAX 2048
#define WRAP_COLUMN    92
#define INDENTATION    "      "

static void print_row(const struct setting *row, FILE *output);
static void print_claims(FILE *output);
static void print_variables(FILE *output);
static void print_as_json(FILE *output);

void config_reference(FILE *output, bool json)
{
    if (json) {
        print_as_json(output);
        return;
    }
    for (size_t kind = 0; kind < SECTION_COUNT; kind++) {
        const struct schema_section *section = &schema_sections[kind];
        fprintf(output, "%s[%s%s]\n  %s\n", kind == 0 ? "" : "\n", section->kind,
                section->is_named ? " NAME" : "", section->help);
        for (size_t i = 0; i < schema_setting_count; i++) {
            if (schema_settings[i].section == kind) {
                print_row(&schema_settings[i], output);
            }
        }
    }
    print_claims(output);
    print_variables(output);
}

/* Breaks text at blanks. */
static void print_wrapped(const char *text, FILE *output)
{
    struct bytes rest = bytes_from_string(text);
    while (rest.length > 0) {
        size_t length = rest.length;
        if (length > WRAP_COLUMN) {
            length = WRAP_COLUMN;
            while (length > 0 && rest.at[length] != ' ') {
                length--;
            }
            length = length == 0 ? bytes_find(rest, ' ') : length;
        }
        fprintf(output, INDENTATION "%.*s\n", (int)length, (const char *)rest.at);
        rest = bytes_slice(rest, length + 1, rest.length);
    }
}

static void print_row(const struct setting *row, FILE *output)
{
    char memory[LINE_BYTES_MAX];
    struct text line = text_over(memory, sizeof(memory));
    text_append_format(&line, "%s = ", row->key);
    setting_print_pattern(row, &line);
    fputc('\n', output);
    if (line.length <= WRAP_COLUMN) {
        fprintf(output, "  %s\n", text_terminate(&line));
    } else {
        fprintf(output, "  %s =\n", row->key);
        line.length = 0;
        setting_print_pattern(row, &line);
        print_wrapped(text_terminate(&line), output);
    }
    char help[LINE_BYTES_MAX];
    struct text sentence = text_over(help, sizeof(help));
    setting_facts_append_help(&sentence, row);
    print_wrapped(text_terminate(&sentence), output);
    struct text facts = text_over(help, sizeof(help));
    setting_facts_append(&facts, row);
    print_wrapped(text_terminate(&facts), output);
}

static void print_claims(FILE *output)
{
    char memory[LINE_BYTES_MAX];
    fputs("\nClaims of allow_identity\n", output);
    print_wrapped("NAME=VALUE, NAME=VALUE: all must hold, each name once. A value with blanks, "
                  "commas, quotes or backslashes goes in double quotes, with \\\" and \\\\ inside.",
                  output);
    for (size_t i = 0; i < CONFIG_CLAIM_KIND_COUNT; i++) {
        struct text help = text_over(memory, sizeof(memory));
        text_append_string(&help, claim_set_help((enum config_claim_kind)i));
        fprintf(output, "  %s\n", claim_set_name((enum config_claim_kind)i));
        print_wrapped(text_terminate(&help), output);
    }
}

static void print_variables(FILE *output)
{
    fputs("\nTemplates of request_header and response_header\n", output);
    print_wrapped("Text stands for itself, {{ and }} for braces. {http_req_NAME} and "
                  "{http_resp_NAME} are headers of the request and of the answer, {var_NAME} one "
                  "of the variables below; empty when there is no value.",
                  output);
    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        fprintf(output, "\n  {var_%s}\n" INDENTATION "%s\n",
                template_parse_variable_name((enum variable)i),
                template_parse_variable_help((enum variable)i));
    }
}

/* ---- JSON ---- */

static void print_json_words(const struct setting *row, FILE *output)
{
    bool is_first = true;
    fputc('[', output);
    for (const struct setting_word *word = row->words; word != NULL && word->text != NULL; word++) {
        if (word->refusal == NULL) {
            fputs(is_first ? "" : ", ", output);
            json_print_string(output, word->text);
            is_first = false;
        }
    }
    fputc(']', output);
}

static void print_json_row(const struct setting *row, FILE *output)
{
    char memory[LINE_BYTES_MAX];
    struct text bounds = text_over(memory, sizeof(memory));
    setting_print_bounds(row, &bounds);
    fprintf(output, "    {\"section\": \"%s\", \"key\": \"%s\", \"type\": \"%s\", \"words\": ",
            schema_sections[row->section].kind, row->key, schema_kinds[row->kind].name);
    print_json_words(row, output);
    fputs(", \"bounds\": ", output);
    json_print_string(output, bounds.length == 0 ? NULL : text_terminate(&bounds));
    fputs(", \"default\": ", output);
    json_print_string(output, row->default_text);
    fprintf(output, ", \"required\": %s, \"times_max\": %u, \"takes_effect\": \"%s\", \"help\": ",
            row->is_required ? "true" : "false", row->times_max,
            schema_takes_effect_texts[row->takes_effect]);
    json_print_string(output, row->help);
    fputc('}', output);
}

static void print_as_json(FILE *output)
{
    fputs("{\n  \"sections\": [", output);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        fprintf(output,
                "%s\n    {\"section\": \"%s\", \"named\": %s, \"help\": ", i == 0 ? "" : ",",
                schema_sections[i].kind, schema_sections[i].is_named ? "true" : "false");
        json_print_string(output, schema_sections[i].help);
        fputc('}', output);
    }
    fputs("\n  ],\n  \"settings\": [\n", output);
    for (size_t i = 0; i < schema_setting_count; i++) {
        print_json_row(&schema_settings[i], output);
        fputs(i + 1 == schema_setting_count ? "\n" : ",\n", output);
    }
    fputs("  ],\n  \"variables\": [", output);
    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        fprintf(output, "%s\n    {\"name\": \"%s\", \"help\": ", i == 0 ? "" : ",",
                template_parse_variable_name((enum variable)i));
        json_print_string(output, template_parse_variable_help((enum variable)i));
        fputc('}', output);
    }
    fputs("\n  ]\n}\n", output);
}
