/*
 * Cuts the value of a rewrite rule into texts and references. Called at load time only. {{ and }}
 * stand for the braces themselves.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "config/suggestion.h"
#include "template_parse.h"
#include "value.h"

/* clang-format off */
#define VARIABLE_ROW(id, name, help) [VARIABLE_##id] = {#name, help},
static const struct {
    const char *name;
    const char *help;
} variables[VARIABLE_COUNT] = {VARIABLE_LIST(VARIABLE_ROW)};

static const struct {
    const char *prefix;
    enum template_segment_kind kind;
} references[] = {
    {"var_",       TEMPLATE_VARIABLE},
    {"http_req_",  TEMPLATE_REQUEST_HEADER},
    {"http_resp_", TEMPLATE_RESPONSE_HEADER},
};
/* clang-format on */

#define REFERENCE_COUNT (sizeof(references) / sizeof(references[0]))

/* Of what the file says, in a message. */
#define QUOTED_BYTES_MAX 60

struct parser {
    struct bytes rest;
    struct template *template;
    size_t written; /* of template->text */
    struct text *problem;
};

static struct template *allocate(const char *source);
static bool parse_next(struct parser *parser);

struct result template_parse(const char *source, struct text *ret_problem,
                             struct template **ret_template)
{
    struct parser parser = {
        .rest = bytes_from_string(source),
        .template = allocate(source),
        .problem = ret_problem,
    };
    if (parser.template == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    while (parser.rest.length > 0) {
        if (!parse_next(&parser)) {
            template_destroy(parser.template);
            return result_failure(ERROR_BAD_CONFIG);
        }
    }
    *ret_template = parser.template;
    return RESULT_OK;
}

const char *template_parse_variable_name(enum variable variable)
{
    CHECK(variable < VARIABLE_COUNT);
    return variables[variable].name;
}

const char *template_parse_variable_help(enum variable variable)
{
    CHECK(variable < VARIABLE_COUNT);
    return variables[variable].help;
}

/* Each brace ends one segment and begins another at most. */
static struct template *allocate(const char *source)
{
    size_t braces = 0;
    for (const char *at = source; *at != '\0'; at++) {
        braces += *at == '{' || *at == '}';
    }
    struct template *template = calloc(1, sizeof(*template));
    if (template == NULL) {
        return NULL;
    }
    template->segments = calloc(2 * braces + 1, sizeof(*template->segments));
    template->text = calloc(1, strlen(source) + 1);
    if (template->segments == NULL || template->text == NULL) {
        template_destroy(template);
        return NULL;
    }
    return template;
}

static bool refuse(struct parser *parser, const char *what)
{
    text_append_string(parser->problem, what);
    return false;
}

/* Copies text behind what the template has, and yields the copy. */
static struct bytes keep(struct parser *parser, struct bytes text)
{
    char *copy = parser->template->text + parser->written;
    memcpy(copy, text.at, text.length);
    parser->written += text.length;
    return bytes_from(copy, text.length);
}

static struct template_segment *add_segment(struct parser *parser, enum template_segment_kind kind)
{
    struct template_segment *segment =
        &parser->template->segments[parser->template->segment_count++];
    *segment = (struct template_segment){.kind = kind};
    return segment;
}

/* Joins text to the segment before it when that is text too. */
static void add_text(struct parser *parser, struct bytes text)
{
    struct template *template = parser->template;
    struct bytes copy = keep(parser, text);
    if (template->segment_count > 0 &&
        template->segments[template->segment_count - 1].kind == TEMPLATE_TEXT) {
        template->segments[template->segment_count - 1].text.length += copy.length;
        return;
    }
    add_segment(parser, TEMPLATE_TEXT)->text = copy;
}

static bool refuse_variable(struct parser *parser, struct bytes name)
{
    char word[64];
    struct text copy = text_over(word, sizeof(word));
    text_append(&copy, bytes_slice(name, 0, sizeof(word) - 1));
    struct suggestion suggestion = suggestion_for(text_terminate(&copy));
    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        suggestion_consider(&suggestion, variables[i].name);
    }
    text_append_format(parser->problem, "unknown variable '%s'", word);
    if (suggestion.best != NULL) {
        text_append_format(parser->problem, " (did you mean '%s'?)", suggestion.best);
    }
    return false;
}

static bool add_variable(struct parser *parser, struct bytes name)
{
    for (size_t i = 0; i < VARIABLE_COUNT; i++) {
        if (bytes_equal(name, bytes_from_string(variables[i].name))) {
            add_segment(parser, TEMPLATE_VARIABLE)->variable = (enum variable)i;
            return true;
        }
    }
    return refuse_variable(parser, name);
}

static bool add_header(struct parser *parser, enum template_segment_kind kind, struct bytes name)
{
    if (!value_is_header_name(name)) {
        name = bytes_slice(name, 0, QUOTED_BYTES_MAX);
        text_append_format(parser->problem, "'%.*s' is not the name of a header", (int)name.length,
                           (const char *)name.at);
        return false;
    }
    struct bytes copy = keep(parser, name);
    add_segment(parser, kind)->text = copy;
    return true;
}

/* What stands between the braces of a reference. */
static bool add_reference(struct parser *parser, struct bytes inside)
{
    for (size_t i = 0; i < REFERENCE_COUNT; i++) {
        struct bytes prefix = bytes_from_string(references[i].prefix);
        struct bytes name = bytes_slice(inside, prefix.length, inside.length);
        if (!bytes_equal(bytes_slice(inside, 0, prefix.length), prefix)) {
            continue;
        }
        return references[i].kind == TEMPLATE_VARIABLE
                   ? add_variable(parser, name)
                   : add_header(parser, references[i].kind, name);
    }
    inside = bytes_slice(inside, 0, QUOTED_BYTES_MAX);
    text_append_format(parser->problem,
                       "unknown reference {%.*s}: expected {var_NAME}, {http_req_NAME} or "
                       "{http_resp_NAME} ({{ stands for a brace)",
                       (int)inside.length, (const char *)inside.at);
    return false;
}

/* Parses up to and including one brace, or to the end. */
static bool parse_next(struct parser *parser)
{
    struct bytes rest = parser->rest;
    size_t length = 0;
    while (length < rest.length && rest.at[length] != '{' && rest.at[length] != '}') {
        uint8_t byte = rest.at[length++];
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
            return refuse(parser, "a control character: expected plain text");
        }
    }
    if (length > 0) {
        add_text(parser, bytes_slice(rest, 0, length));
        parser->rest = bytes_slice(rest, length, rest.length);
        return true;
    }
    if (rest.length > 1 && rest.at[0] == rest.at[1]) {
        add_text(parser, bytes_slice(rest, 0, 1));
        parser->rest = bytes_slice(rest, 2, rest.length);
        return true;
    }
    size_t end = bytes_find(rest, '}');
    if (rest.at[0] == '}') {
        return refuse(parser, "'}' without a '{' before it: expected '}}' for a brace");
    }
    if (end == rest.length) {
        return refuse(parser, "'{' is not closed: expected '}', or '{{' for a brace");
    }
    parser->rest = bytes_slice(rest, end + 1, rest.length);
    return add_reference(parser, bytes_slice(rest, 1, end - 1));
}
