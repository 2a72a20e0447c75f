/* The gateway's own answers, from one table. Called by the proxy, and by the stats socket for its
 * refusals. */
#include "http/answer.h"
#include "base/check.h"
#include "field_text.h"
#include "http/field_name.h"

#define ANSWER_ROW(id, status, body, phrase) {status, BODY_##body, phrase},

enum body_kind { BODY_HTML, BODY_JSON };

static const struct {
    uint16_t status;
    enum body_kind body;
    const char *phrase; /* NULL: the reason alone */
} answers[ANSWER_COUNT] = {ANSWER_LIST(ANSWER_ROW)};

/* clang-format off */
static const struct {
    uint16_t status;
    struct bytes reason;
} reasons[] = {
    {400, BYTES_OF("Bad Request")},
    {401, BYTES_OF("Unauthorized")},
    {405, BYTES_OF("Method Not Allowed")},
    {408, BYTES_OF("Request Timeout")},
    {413, BYTES_OF("Content Too Large")},
    {414, BYTES_OF("URI Too Long")},
    {417, BYTES_OF("Expectation Failed")},
    {421, BYTES_OF("Misdirected Request")},
    {431, BYTES_OF("Request Header Fields Too Large")},
    {500, BYTES_OF("Internal Server Error")},
    {501, BYTES_OF("Not Implemented")},
    {502, BYTES_OF("Bad Gateway")},
    {503, BYTES_OF("Service Unavailable")},
    {504, BYTES_OF("Gateway Timeout")},
    {505, BYTES_OF("HTTP Version Not Supported")},
};
/* clang-format on */

struct bytes answer_reason(uint16_t status)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
        if (reasons[i].status == status) {
            return reasons[i].reason;
        }
    }
    return (struct bytes){0};
}

uint16_t answer_status(enum answer answer)
{
    CHECK(answer < ANSWER_COUNT);
    return answers[answer].status;
}

enum answer answer_for_status(uint16_t status)
{
    for (unsigned answer = 0; answer < ANSWER_COUNT; answer++) {
        if (answers[answer].status == status && answers[answer].phrase == NULL) {
            return (enum answer)answer;
        }
    }
    return ANSWER_INTERNAL_ERROR;
}

static void append_status_and_reason(struct text *text, uint16_t status)
{
    text_append_number(text, status);
    text_append_char(text, ' ');
    text_append(text, answer_reason(status));
}

/* The phrase takes the reason's place in the title, as users of the original know it. */
static void write_html(struct text *text, enum answer answer)
{
    uint16_t status = answers[answer].status;
    const char *phrase = answers[answer].phrase;
    text_append(text, BYTES_OF("<!DOCTYPE html>\n<html>\n<head><title>"));
    if (phrase == NULL) {
        append_status_and_reason(text, status);
    } else {
        text_append_number(text, status);
        text_append_char(text, ' ');
        text_append_string(text, phrase);
    }
    text_append(text, BYTES_OF("</title></head>\n<body>\n<h1>"));
    append_status_and_reason(text, status);
    text_append(text, BYTES_OF("</h1>\n"));
    if (phrase != NULL) {
        text_append(text, BYTES_OF("<p>"));
        text_append_string(text, phrase);
        text_append(text, BYTES_OF("</p>\n"));
    }
    text_append(text, BYTES_OF("</body>\n</html>\n"));
}

/* As API Management words it, without a blank. */
static void write_json(struct text *text, enum answer answer)
{
    text_append(text, BYTES_OF("{\"statusCode\":"));
    text_append_number(text, answers[answer].status);
    text_append(text, BYTES_OF(",\"message\":\""));
    text_append_json_escaped(text, bytes_from_string(answers[answer].phrase));
    text_append(text, BYTES_OF("\"}"));
}

static const struct {
    struct bytes content_type;
    void (*write)(struct text *text, enum answer answer);
} bodies[] = {
    [BODY_HTML] = {BYTES_OF("text/html"), write_html},
    [BODY_JSON] = {BYTES_OF("application/json"), write_json},
};

static void write_connection(struct text *text, const struct answer_options *options)
{
    if (!options->keep_alive) {
        text_append(text, BYTES_OF("Connection: close\r\n"));
    } else if (options->says_keep_alive) {
        text_append(text, BYTES_OF("Connection: keep-alive\r\n"));
    }
}

static void write_fields(struct text *text, uint16_t status, const struct answer_options *options)
{
    text_append(text, BYTES_OF("Server: sallyport\r\n"));
    if (options->date.length > 0) {
        field_text_append(text, BYTES_OF("Date"), options->date);
    }
    if (status == 405) {
        /* RFC 9110 15.5.6 asks for it; TRACE and CONNECT are all that is refused. */
        text_append(text, BYTES_OF("Allow: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS\r\n"));
    }
    for (size_t i = 0; i < options->field_count; i++) {
        CHECK(field_name_is_valid(options->fields[i].name));
        field_text_append(text, options->fields[i].name, options->fields[i].value);
    }
    write_connection(text, options);
}

void answer_write(struct text *text, enum answer answer, const struct answer_options *options)
{
    char memory[ANSWER_BYTES_MAX];
    struct text page = text_over(memory, sizeof(memory));
    uint16_t status = answer_status(answer);
    bodies[answers[answer].body].write(&page, answer);
    CHECK(!page.overflowed);

    text_append(text, BYTES_OF("HTTP/1.1 "));
    append_status_and_reason(text, status);
    text_append(text, BYTES_OF("\r\n"));
    write_fields(text, status, options);
    text_append(text, BYTES_OF("Content-Type: "));
    text_append(text, bodies[answers[answer].body].content_type);
    text_append(text, BYTES_OF("\r\nContent-Length: "));
    text_append_number(text, page.length);
    text_append(text, BYTES_OF("\r\n\r\n"));
    if (!options->without_body) {
        text_append(text, text_bytes(&page));
    }
}

void answer_write_continue(struct text *text)
{
    text_append(text, BYTES_OF("HTTP/1.1 100 Continue\r\n\r\n"));
}
