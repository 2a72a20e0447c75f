/*
 * Reading HTTP/1 messages; the only file that knows llhttp. Called by the proxy, on a worker.
 *
 * A head is gathered whole, its start line is read by start_line.c, and then llhttp reads it all
 * once, with every leniency off. So two readers must agree on a head before it counts, and how it
 * was cut into pieces cannot matter. Bodies are framed here: llhttp bounds neither chunk lines nor
 * trailers.
 */
#include "http/http1_parser.h"

#include <llhttp.h>

#include "base/check.h"
#include "byte_class.h"
#include "head_rules.h"
#include "head_store.h"
#include "start_line.h"

enum phase {
    PHASE_START_LINE,
    PHASE_FIELDS,
    PHASE_NO_BODY,
    PHASE_LENGTH,
    PHASE_CHUNKED,
    PHASE_UNTIL_CLOSE,
    PHASE_DONE,
    PHASE_FAILED,
    PHASE_COUNT,
};

/* One run of llhttp over a head. */
struct reading {
    llhttp_t llhttp;
    struct http1_parser *parser;
    struct http1_field *field; /* the one being read */
    enum http1_fault fault;
    bool is_in_name;
    bool has_value;
    bool is_complete;
};

/* What a line may hold, and what it is when it does not keep to that. */
struct line_rule {
    uint8_t class; /* set of enum byte_class; 0: judged later */
    enum http1_fault invalid;
    enum http1_fault too_long;
};

/* clang-format off */
static const struct line_rule start_lines[] = {
    [HTTP1_REQUEST]  = {BYTE_OF_REQUEST_LINE, HTTP1_FAULT_REQUEST_LINE_INVALID, HTTP1_FAULT_TARGET_TOO_LONG},
    [HTTP1_RESPONSE] = {BYTE_OF_STATUS_LINE,  HTTP1_FAULT_STATUS_LINE_INVALID,  HTTP1_FAULT_FIELDS_TOO_LARGE},
};
static const struct line_rule field_line = {0, HTTP1_FAULT_FIELD_INVALID, HTTP1_FAULT_FIELDS_TOO_LARGE};
/* clang-format on */

static struct bytes skip(struct bytes input, size_t length)
{
    return bytes_from(input.at + length, input.length - length);
}

static enum http1_event fail(struct http1_parser *parser, enum http1_fault fault)
{
    parser->fault = fault;
    parser->phase = PHASE_FAILED;
    return HTTP1_ERROR;
}

static int refuse(struct reading *reading, enum http1_fault fault)
{
    reading->fault = fault;
    return HPE_USER;
}

/* llhttp may give a name or a value in several parts; they must follow each other. */
static bool extend(uint32_t at, uint16_t *length, uint32_t part_at, size_t part_length)
{
    *length = (uint16_t)(*length + part_length);
    return part_at + part_length == at + *length;
}

static int note_name(llhttp_t *llhttp, const char *at, size_t length)
{
    struct reading *reading = llhttp->data;
    uint32_t offset = (uint32_t)((const uint8_t *)at - reading->parser->text);
    if (!reading->is_in_name) {
        enum http1_fault fault = head_store_add_field(reading->parser, &reading->field);
        if (fault != HTTP1_FAULT_NONE) {
            return refuse(reading, fault);
        }
        reading->field->name_at = offset;
        reading->is_in_name = true;
        reading->has_value = false;
    }
    return extend(reading->field->name_at, &reading->field->name_length, offset, length)
               ? 0
               : refuse(reading, HTTP1_FAULT_PARSERS_DISAGREE);
}

static int note_value(llhttp_t *llhttp, const char *at, size_t length)
{
    struct reading *reading = llhttp->data;
    uint32_t offset = (uint32_t)((const uint8_t *)at - reading->parser->text);
    if (reading->field == NULL) {
        return refuse(reading, HTTP1_FAULT_PARSERS_DISAGREE);
    }
    if (!reading->has_value) {
        reading->field->value_at = offset;
        reading->has_value = true;
    }
    return extend(reading->field->value_at, &reading->field->value_length, offset, length)
               ? 0
               : refuse(reading, HTTP1_FAULT_PARSERS_DISAGREE);
}

static int finish_field(llhttp_t *llhttp)
{
    struct reading *reading = llhttp->data;
    struct http1_parser *parser = reading->parser;
    struct http1_field *field = reading->field;
    if (field == NULL) {
        return refuse(reading, HTTP1_FAULT_PARSERS_DISAGREE);
    }
    struct bytes name = bytes_from(parser->text + field->name_at, field->name_length);
    struct bytes value =
        bytes_trim(bytes_from(parser->text + field->value_at, field->value_length));
    field->value_at = value.length == 0 ? field->name_at : (uint32_t)(value.at - parser->text);
    field->value_length = (uint16_t)value.length;
    field->known = (uint8_t)field_name_find(name);
    field->is_plain = field->known != FIELD_NAME_UNKNOWN || field_name_is_plain(name);
    reading->is_in_name = false;
    reading->field = NULL;
    return 0;
}

static int stop_behind_head(llhttp_t *llhttp)
{
    struct reading *reading = llhttp->data;
    reading->is_complete = true;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_header_field = note_name,
    .on_header_value = note_value,
    .on_header_value_complete = finish_field,
    .on_headers_complete = stop_behind_head,
};

/* What llhttp found wrong, in our words; where it has one word for two faults the fields tell them
 * apart. */
static enum http1_fault fault_of(const struct reading *reading, llhttp_errno_t error)
{
    const struct http1_head *head = &reading->parser->head;
    bool has_length = http1_head_find(head, FIELD_NAME_CONTENT_LENGTH) != NULL;
    bool has_coding = http1_head_find(head, FIELD_NAME_TRANSFER_ENCODING) != NULL;
    /* clang-format off */
    const struct {
        llhttp_errno_t error;
        enum http1_fault fault;
    } rows[] = {
        {HPE_USER,                      reading->fault},
        {HPE_CR_EXPECTED,               HTTP1_FAULT_LINE_END_INVALID},
        {HPE_LF_EXPECTED,               HTTP1_FAULT_LINE_END_INVALID},
        {HPE_INVALID_URL,               HTTP1_FAULT_TARGET_INVALID},
        {HPE_INVALID_CONTENT_LENGTH,    has_coding ? HTTP1_FAULT_LENGTH_WITH_CODING : HTTP1_FAULT_LENGTH_INVALID},
        {HPE_UNEXPECTED_CONTENT_LENGTH, has_coding ? HTTP1_FAULT_LENGTH_WITH_CODING : HTTP1_FAULT_LENGTH_REPEATED},
        {HPE_INVALID_TRANSFER_ENCODING, has_length ? HTTP1_FAULT_LENGTH_WITH_CODING : HTTP1_FAULT_CODING_INVALID},
    };
    /* clang-format on */
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (rows[i].error == error) {
            return rows[i].fault;
        }
    }
    return HTTP1_FAULT_FIELD_INVALID;
}

/* Whether llhttp has read the start line as we have. */
static bool start_lines_agree(const struct reading *reading)
{
    const struct http1_parser *parser = reading->parser;
    const struct http1_head *head = &parser->head;
    const llhttp_t *llhttp = &reading->llhttp;
    if (llhttp->http_major != 1 || llhttp->http_minor != head->version_minor) {
        return false;
    }
    if (parser->kind == HTTP1_RESPONSE) {
        return llhttp->status_code == head->status;
    }
    return bytes_equal(bytes_from_string(llhttp_method_name((llhttp_method_t)llhttp->method)),
                       http_method_name(head->method));
}

static enum http1_fault read_fields(struct http1_parser *parser)
{
    struct reading reading = {.parser = parser};
    const char *text = (const char *)parser->text;
    llhttp_init(&reading.llhttp, parser->kind == HTTP1_REQUEST ? HTTP_REQUEST : HTTP_RESPONSE,
                &settings);
    reading.llhttp.data = &reading;
    llhttp_errno_t error = llhttp_execute(&reading.llhttp, text, parser->text_length);
    parser->head.text = parser->text;
    parser->head.fields = parser->fields;
    if (error == HPE_OK || (error == HPE_PAUSED && !reading.is_complete)) {
        return HTTP1_FAULT_PARSERS_DISAGREE;
    }
    if (error != HPE_PAUSED) {
        return fault_of(&reading, error);
    }
    /* llhttp must have stopped where we saw the end, having found as many fields as we lines. */
    bool agree = llhttp_get_error_pos(&reading.llhttp) == text + parser->text_length &&
                 parser->head.field_count + 2 == parser->line_count && start_lines_agree(&reading);
    return agree ? HTTP1_FAULT_NONE : HTTP1_FAULT_PARSERS_DISAGREE;
}

static enum http1_fault judge_head(struct http1_parser *parser)
{
    struct http1_head *head = &parser->head;
    head->size_bytes = parser->text_length;
    if (!head_store_reserve(parser, HTTP_HOST_BYTES_MAX)) {
        return HTTP1_FAULT_OUT_OF_MEMORY;
    }
    enum http1_fault fault = read_fields(parser);
    if (fault != HTTP1_FAULT_NONE) {
        return fault;
    }
    return parser->kind == HTTP1_REQUEST
               ? head_rules_judge_request(head, (char *)parser->text + parser->text_length)
               : head_rules_judge_response(head, parser->request_method, parser->upgrade_was_asked);
}

static enum http1_event finish_head(struct http1_parser *parser)
{
    static const enum phase body_phases[] = {
        [HTTP_FRAMING_NONE] = PHASE_NO_BODY,
        [HTTP_FRAMING_LENGTH] = PHASE_LENGTH,
        [HTTP_FRAMING_CHUNKED] = PHASE_CHUNKED,
        [HTTP_FRAMING_UNTIL_CLOSE] = PHASE_UNTIL_CLOSE,
    };
    enum http1_fault fault = judge_head(parser);
    if (fault != HTTP1_FAULT_NONE) {
        return fail(parser, fault);
    }
    parser->phase = (uint8_t)body_phases[parser->head.framing];
    parser->body_left = parser->head.content_length;
    chunk_decoder_init(&parser->chunks);
    return HTTP1_HEAD;
}

/*
 * Takes input up to and with the next LF. HTTP1_NEEDS_MORE: it is not there yet; HTTP1_END: it is;
 * else HTTP1_ERROR. Bytes are judged before the limit is, so that the cut of the input cannot
 * change the fault.
 */
static enum http1_event take_line(struct http1_parser *parser, struct bytes *input,
                                  const struct line_rule *rule)
{
    if (input->length == 0) {
        return HTTP1_NEEDS_MORE;
    }
    size_t length = bytes_find(*input, '\n');
    bool is_whole = length < input->length;
    size_t room = parser->head_length_max - parser->text_length;
    length += is_whole ? 1 : 0;
    bool fits = length <= room;
    struct bytes taken = bytes_slice(*input, 0, fits ? length : room);
    if (rule->class != 0 && byte_class_span(taken, rule->class) < taken.length) {
        return fail(parser, rule->invalid);
    }
    if (!fits || !head_store_append(parser, taken)) {
        return fail(parser, fits ? HTTP1_FAULT_OUT_OF_MEMORY : rule->too_long);
    }
    *input = skip(*input, length);
    parser->line_count += is_whole ? 1 : 0;
    return is_whole ? HTTP1_END : HTTP1_NEEDS_MORE;
}

static enum http1_event take_fields(struct http1_parser *parser, struct bytes *input,
                                    struct bytes *ret_body)
{
    (void)ret_body;
    for (;;) {
        enum http1_event event = take_line(parser, input, &field_line);
        if (event != HTTP1_END) {
            return event;
        }
        /* The start line is before it, so there are three bytes. An end without CR is for llhttp to
         * refuse. */
        const uint8_t *end = parser->text + parser->text_length;
        if (end[-2] == '\n' || (end[-2] == '\r' && end[-3] == '\n')) {
            return finish_head(parser);
        }
    }
}

static enum http1_fault read_start_line(struct http1_parser *parser)
{
    uint32_t length = parser->text_length;
    if (length < 2 || parser->text[length - 2] != '\r') {
        return HTTP1_FAULT_LINE_END_INVALID;
    }
    struct bytes line = bytes_from(parser->text, length - 2);
    enum http1_fault fault =
        parser->kind == HTTP1_REQUEST
            ? start_line_read_request(line, parser->limits->target_bytes_max, &parser->head)
            : start_line_read_response(line, &parser->head);
    size_t length_max = parser->limits->fields_bytes_max + parser->head.target.length;
    parser->head_length_max = (uint32_t)(length_max > length ? length_max : length);
    return fault;
}

/* One empty line before a request is to be ignored (RFC 9112 2.2); more are not. */
static bool line_is_skipped(struct http1_parser *parser)
{
    bool is_skipped = parser->kind == HTTP1_REQUEST && !parser->has_skipped_line &&
                      parser->text_length == 2 && parser->text[0] == '\r';
    if (is_skipped) {
        parser->has_skipped_line = true;
        parser->text_length = 0;
        parser->line_count = 0;
    }
    return is_skipped;
}

static enum http1_event take_start_line(struct http1_parser *parser, struct bytes *input,
                                        struct bytes *ret_body)
{
    do {
        enum http1_event event = take_line(parser, input, &start_lines[parser->kind]);
        if (event != HTTP1_END) {
            return event;
        }
    } while (line_is_skipped(parser));
    enum http1_fault fault = read_start_line(parser);
    if (fault != HTTP1_FAULT_NONE) {
        return fail(parser, fault);
    }
    parser->phase = PHASE_FIELDS;
    return take_fields(parser, input, ret_body);
}

static enum http1_event finish_message(struct http1_parser *parser, struct bytes *input,
                                       struct bytes *ret_body)
{
    (void)input;
    (void)ret_body;
    parser->phase = PHASE_DONE;
    return HTTP1_END;
}

static enum http1_event take_length(struct http1_parser *parser, struct bytes *input,
                                    struct bytes *ret_body)
{
    if (parser->body_left == 0) {
        return finish_message(parser, input, ret_body);
    }
    if (input->length == 0) {
        return HTTP1_NEEDS_MORE;
    }
    size_t length = input->length < parser->body_left ? input->length : (size_t)parser->body_left;
    *ret_body = bytes_slice(*input, 0, length);
    *input = skip(*input, length);
    parser->body_left -= length;
    return HTTP1_BODY;
}

static enum http1_event take_chunked(struct http1_parser *parser, struct bytes *input,
                                     struct bytes *ret_body)
{
    enum chunk_event event = chunk_decoder_next(&parser->chunks, input, ret_body);
    if (event == CHUNK_END) {
        return finish_message(parser, input, ret_body);
    }
    if (event == CHUNK_ERROR) {
        return fail(parser, parser->chunks.fault);
    }
    return event == CHUNK_BODY ? HTTP1_BODY : HTTP1_NEEDS_MORE;
}

static enum http1_event take_until_close(struct http1_parser *parser, struct bytes *input,
                                         struct bytes *ret_body)
{
    (void)parser;
    if (input->length == 0) {
        return HTTP1_NEEDS_MORE;
    }
    *ret_body = *input;
    *input = skip(*input, input->length);
    return HTTP1_BODY;
}

static enum http1_event stay_failed(struct http1_parser *parser, struct bytes *input,
                                    struct bytes *ret_body)
{
    (void)input;
    (void)ret_body;
    return fail(parser, parser->fault);
}

/* clang-format off */
static enum http1_event (*const steps[PHASE_COUNT])(struct http1_parser *parser, struct bytes *input,
                                                    struct bytes *ret_body) = {
    [PHASE_START_LINE]  = take_start_line,
    [PHASE_FIELDS]      = take_fields,
    [PHASE_NO_BODY]     = finish_message,
    [PHASE_LENGTH]      = take_length,
    [PHASE_CHUNKED]     = take_chunked,
    [PHASE_UNTIL_CLOSE] = take_until_close,
    [PHASE_DONE]        = finish_message,
    [PHASE_FAILED]      = stay_failed,
};
/* clang-format on */

void http1_parser_init(struct http1_parser *parser, enum http1_kind kind,
                       const struct http1_limits *limits)
{
    CHECK(limits->target_bytes_max <= HTTP_TARGET_BYTES_MAX);
    CHECK(limits->fields_bytes_max <= HTTP_FIELDS_BYTES_MAX);
    CHECK(limits->field_count_max <= HTTP_FIELD_COUNT_MAX);
    parser->kind = kind;
    parser->limits = limits;
    parser->request_method = HTTP_METHOD_GET;
    parser->upgrade_was_asked = false;
    parser->text = NULL;
    parser->fields = NULL;
    http1_parser_reset(parser);
}

void http1_parser_deinit(struct http1_parser *parser)
{
    head_store_deinit(parser);
}

void http1_parser_reset(struct http1_parser *parser)
{
    head_store_deinit(parser);
    head_store_init(parser);
    parser->phase = PHASE_START_LINE;
    parser->has_skipped_line = false;
    parser->fault = HTTP1_FAULT_NONE;
    parser->line_count = 0;
    parser->head_length_max = parser->kind == HTTP1_REQUEST
                                  ? parser->limits->target_bytes_max + START_LINE_BYTES_MAX
                                  : parser->limits->fields_bytes_max;
    parser->head = (struct http1_head){0};
    parser->body_left = 0;
}

void http1_parser_expect(struct http1_parser *parser, enum http_method request_method,
                         bool upgrade_was_asked)
{
    CHECK(http1_parser_is_idle(parser));
    parser->request_method = request_method;
    parser->upgrade_was_asked = upgrade_was_asked;
}

enum http1_event http1_parser_next(struct http1_parser *parser, struct bytes *input,
                                   struct bytes *ret_body)
{
    return steps[parser->phase](parser, input, ret_body);
}

enum http1_event http1_parser_finish(struct http1_parser *parser)
{
    struct bytes none = {0};
    switch ((enum phase)parser->phase) {
    case PHASE_NO_BODY:
    case PHASE_UNTIL_CLOSE:
    case PHASE_DONE:
        return finish_message(parser, &none, &none);
    case PHASE_LENGTH:
        return parser->body_left == 0 ? finish_message(parser, &none, &none)
                                      : fail(parser, HTTP1_FAULT_TRUNCATED);
    case PHASE_FAILED:
        return HTTP1_ERROR;
    case PHASE_START_LINE:
    case PHASE_FIELDS:
    case PHASE_CHUNKED:
    case PHASE_COUNT:
        break;
    }
    return fail(parser, HTTP1_FAULT_TRUNCATED);
}

bool http1_parser_is_idle(const struct http1_parser *parser)
{
    return parser->phase == PHASE_START_LINE && parser->text_length == 0;
}
