/* sallyport.conf(5): the format in words, then every setting from the schema. */
#include <ctype.h>

#include "base/roff.h"
#include "claim_set.h"
#include "config/config_report.h"
#include "setting_facts.h"
#include "setting_print.h"
#include "template_parse.h"

#define LINE_BYTES_MAX 2048

static const char format[] = "An INI file: sections in brackets, then `key = value` lines. Lists "
                             "repeat the key. A comment begins with ; or # at the\n"
                             "beginning of a line or after a blank. A value that needs one of "
                             "these, or blanks at its ends, goes in double quotes, with \\\" and\n"
                             "\\\\ inside. Durations take ms, s, m, h, d; sizes k, m, g; flags are "
                             "on/off, yes/no or true/false. Relative paths start from\n"
                             "the folder of the file that names them. Nothing is taken from the "
                             "environment. An unknown section or key is an error; `sallyport\n"
                             "check` tells every mistake in one run, each with its file and line.";

static void print_row(FILE *output, const struct setting *row)
{
    char memory[LINE_BYTES_MAX];
    struct text pattern = text_over(memory, sizeof(memory));
    text_append_string(&pattern, " = ");
    setting_print_pattern(row, &pattern);
    roff_print_item(output, row->key, text_terminate(&pattern));
    struct text help = text_over(memory, sizeof(memory));
    setting_facts_append_help(&help, row);
    text_append_char(&help, '\n');
    setting_facts_append(&help, row);
    roff_print_text(output, text_terminate(&help));
}

static void print_section(FILE *output, enum schema_section_kind kind)
{
    const struct schema_section *section = &schema_sections[kind];
    char memory[LINE_BYTES_MAX];
    struct text title = text_over(memory, sizeof(memory));
    text_append_format(&title, "[%s%s]", section->kind, section->is_named ? " NAME" : "");
    roff_print_subsection(output, text_terminate(&title));
    struct text help = text_over(memory, sizeof(memory));
    text_append_char(&help, (char)toupper((unsigned char)section->help[0]));
    text_append_format(&help, "%s.", section->help + 1);
    roff_print_text(output, text_terminate(&help));
    for (size_t i = 0; i < schema_setting_count; i++) {
        if (schema_settings[i].section == kind) {
            print_row(output, &schema_settings[i]);
        }
    }
}

static void print_claims(FILE *output)
{
    roff_print_section(output, "CLAIMS OF allow_identity");
    roff_print_text(output, "NAME=VALUE, NAME=VALUE: all must hold, each name once. A value with "
                            "blanks, commas, quotes or backslashes goes in double quotes.");
    for (enum config_claim_kind i = 0; i < CONFIG_CLAIM_KIND_COUNT; i++) {
        roff_print_item(output, claim_set_name(i), "");
        roff_print_text(output, claim_set_help(i));
    }
}

static void print_variables(FILE *output)
{
    char memory[LINE_BYTES_MAX];
    roff_print_section(output, "TEMPLATES");
    roff_print_text(output,
                    "In `request_header` and `response_header` text stands for itself, {{ and }} "
                    "for braces. {http_req_NAME} and {http_resp_NAME} are headers of the request "
                    "and of the answer, {var_NAME} one of these; empty when there is no value.");
    for (enum variable i = 0; i < VARIABLE_COUNT; i++) {
        struct text name = text_over(memory, sizeof(memory));
        text_append_format(&name, "{var_%s}", template_parse_variable_name(i));
        roff_print_item(output, text_terminate(&name), "");
        roff_print_text(output, template_parse_variable_help(i));
    }
}

void config_manual(FILE *output, const char *source)
{
    roff_print_title(output, "sallyport.conf", 5, source);
    roff_print_section(output, "NAME");
    roff_print_text(output, "sallyport.conf - configuration of the mutual-TLS gateway Sallyport");
    roff_print_section(output, "DESCRIPTION");
    roff_print_text(output, format);
    roff_print_section(output, "SETTINGS");
    for (enum schema_section_kind i = 0; i < SECTION_COUNT; i++) {
        print_section(output, i);
    }
    print_claims(output);
    print_variables(output);
    roff_print_section(output, "SEE ALSO");
    roff_print_text(
        output, "`sallyport`(8), `sallyport config reference`, /usr/share/doc/sallyport/examples");
}
