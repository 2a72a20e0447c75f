/*
 * What a configuration may do to headers: any but those that frame a message or belong to one
 * connection, which are the gateway's own business; to touch them is how requests get smuggled.
 */
#include <string.h>

#include "header_rule.h"
#include "template_parse.h"
#include "value.h"

#define PROBLEM_BYTES_MAX 512

/* clang-format off */
static const struct {
    const char *name;
    const char *reason;
} untouchable[] = {
    {"Connection",        "belongs to one connection"},
    {"Keep-Alive",        "belongs to one connection"},
    {"Proxy-Connection",  "belongs to one connection"},
    {"TE",                "belongs to one connection"},
    {"Trailer",           "frames the message"},
    {"Transfer-Encoding", "frames the message"},
    {"Content-Length",    "frames the message"},
    {"Upgrade",           "belongs to one connection"},
    {"HTTP2-Settings",    "belongs to one connection"},
    {"Expect",            "is answered by the gateway"},
};

/* What is known only when the answer is there. */
static const enum variable answer_variables[] = {VARIABLE_HTTP_STATUS, VARIABLE_SENT_BYTES};
/* clang-format on */

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static struct result check_name(const struct setting_site *site, struct bytes name)
{
    if (!value_is_header_name(name)) {
        return SETTING_SITE_REFUSE(site, "expected the name of a header, such as X-Client-Cert%s",
                                   site->row->kind == SETTING_HEADER_RULE ? ", and ':'" : "");
    }
    for (size_t i = 0; i < COUNT_OF(untouchable); i++) {
        if (bytes_equal_ignoring_case(name, bytes_from_string(untouchable[i].name))) {
            return SETTING_SITE_REFUSE(site, "%s %s: expected another header", untouchable[i].name,
                                       untouchable[i].reason);
        }
    }
    return RESULT_OK;
}

static bool is_host(struct bytes name)
{
    return bytes_equal_ignoring_case(name, BYTES_OF("Host"));
}

static bool is_answer_variable(const struct template_segment *segment)
{
    for (size_t i = 0; i < COUNT_OF(answer_variables); i++) {
        if (segment->kind == TEMPLATE_VARIABLE && segment->variable == answer_variables[i]) {
            return true;
        }
    }
    return false;
}

/* A request is on its way before there is an answer to take from. */
static struct result check_request_template(const struct setting_site *site, struct bytes name,
                                            const struct template *template)
{
    for (size_t i = 0; i < template->segment_count; i++) {
        const struct template_segment *segment = &template->segments[i];
        if (segment->kind == TEMPLATE_RESPONSE_HEADER) {
            return SETTING_SITE_REFUSE(site,
                                       "{http_resp_%.*s} is not known yet: expected it in a "
                                       "response_header only",
                                       (int)segment->text.length, (const char *)segment->text.at);
        }
        if (is_answer_variable(segment)) {
            return SETTING_SITE_REFUSE(
                site, "{var_%s} is not known yet: expected it in a response_header only",
                template_parse_variable_name(segment->variable));
        }
    }
    if (is_host(name) && template->segment_count == 0) {
        return SETTING_SITE_REFUSE(site, "a request needs its Host: expected a value");
    }
    if (is_host(name) && template_tells_identity(template)) {
        return SETTING_SITE_REFUSE(site, "Host cannot carry the identity, which is removed from "
                                         "what clients send: expected another header");
    }
    return RESULT_OK;
}

static struct result parse_template(const struct setting_site *site, const char *source,
                                    struct template **ret_template)
{
    char memory[PROBLEM_BYTES_MAX];
    struct text problem = text_over(memory, sizeof(memory));
    struct result result = template_parse(source, &problem, ret_template);
    if (result.code == ERROR_BAD_CONFIG) {
        setting_site_reject(site, "%s", text_terminate(&problem));
    }
    return result;
}

static struct result check_not_twice(const struct setting_site *site, struct bytes name,
                                     const struct config_header_rule *earlier, size_t earlier_count)
{
    for (size_t i = 0; i < earlier_count; i++) {
        if (bytes_equal_ignoring_case(name, bytes_from_string(earlier[i].name))) {
            return SETTING_SITE_REFUSE(site, "%s is set already in line %d: expected one %s for it",
                                       earlier[i].name, earlier[i].place.line, site->row->key);
        }
    }
    return RESULT_OK;
}

struct result header_rule_parse(const struct setting_site *site,
                                const struct config_header_rule *earlier, size_t earlier_count,
                                struct config_header_rule *ret_rule)
{
    struct bytes value = bytes_from_string(site->given->value);
    size_t colon = bytes_find(value, ':');
    struct bytes name = bytes_slice(value, 0, colon);
    struct template *template = NULL;
    if (colon == value.length) {
        return SETTING_SITE_REFUSE(site, "expected 'Name: value', or 'Name:' to remove the header");
    }
    if (bytes_trim(value).length != value.length) {
        return SETTING_SITE_REFUSE(site, "blanks around the rule would be lost: expected none");
    }
    TRY(check_name(site, name));
    TRY(check_not_twice(site, name, earlier, earlier_count));
    const char *source = site->given->value + colon + 1;
    TRY(parse_template(site, source + strspn(source, " \t"), &template));
    struct result result =
        site->row->minimum == 0 ? RESULT_OK : check_request_template(site, name, template);
    const char *copy = arena_copy(site->loading->document->arena, name);
    if (result_is_ok(result) && copy == NULL) {
        result = result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (!result_is_ok(result)) {
        template_destroy(template);
        return result;
    }
    *ret_rule = (struct config_header_rule){
        .name = copy,
        .value = template,
        .place = site->given->place,
        .source = {.text = site->given->value, .place = site->given->place},
    };
    return RESULT_OK;
}

struct result header_rule_parse_name(const struct setting_site *site, struct config_text *ret_name)
{
    struct bytes name = bytes_from_string(site->given->value);
    TRY(check_name(site, name));
    if (is_host(name)) {
        return SETTING_SITE_REFUSE(site, "a request needs its Host: expected another header");
    }
    *ret_name = (struct config_text){.text = site->given->value, .place = site->given->place};
    return RESULT_OK;
}
