/*
 * Writing the head of a message that is passed on. One pass over the fields, one over the edits;
 * called by the proxy for each request and each response.
 */
#include "http/head_writer.h"
#include "base/check.h"
#include "field_list.h"
#include "field_text.h"
#include "http/http_limits.h"
#include "http/request_uri.h"

/* Lines that may come on top: our framing, Connection, Upgrade without its value, Host and a longer
 * start line. */
#define OWN_LINES_BYTES_MAX 192
/* ": " and a line end. */
#define FIELD_OVERHEAD_BYTES 4

/* One head on its way. */
struct writing {
    struct text *text;
    const struct http1_head *head;
    const struct head_writer_options *options;
    uint64_t edit_lengths; /* bit n: some edit's name has n bytes, modulo 64: most fields need no
                              look at them */
    bool is_request;
    bool has_host;
    size_t nominated_count;
    struct bytes nominated[HTTP_CONNECTION_OPTION_COUNT_MAX];
};

/* What Connection nominates goes no further (RFC 9110 7.6.1). The parser bounds how many there are.
 */
static void gather_nominated(struct writing *writing)
{
    const struct http1_head *head = writing->head;
    for (uint32_t i = 0; i < head->field_count; i++) {
        if (head->fields[i].known != FIELD_NAME_CONNECTION) {
            continue;
        }
        struct bytes rest = http1_head_value(head, &head->fields[i]);
        while (writing->nominated_count < HTTP_CONNECTION_OPTION_COUNT_MAX &&
               field_list_next(&rest, &writing->nominated[writing->nominated_count])) {
            writing->nominated_count++;
        }
    }
}

static bool is_nominated(const struct writing *writing, struct bytes name)
{
    for (size_t i = 0; i < writing->nominated_count; i++) {
        if (bytes_equal_ignoring_case(writing->nominated[i], name)) {
            return true;
        }
    }
    return false;
}

static uint64_t length_bit(struct bytes name)
{
    return UINT64_C(1) << (name.length & 63);
}

/* The hop's and the framing's fields are ours alone, and HTTP/1.1 must not be without Host. */
static bool known_edit_counts(const struct writing *writing, const struct http_edit *edit,
                              enum field_name known)
{
    if (known == FIELD_NAME_UNKNOWN) {
        return field_name_is_valid(edit->name);
    }
    return field_name_fate(known) == FIELD_IS_FORWARDED &&
           !(writing->is_request && known == FIELD_NAME_HOST && edit->is_removal);
}

static bool edit_counts(const struct writing *writing, const struct http_edit *edit)
{
    return known_edit_counts(writing, edit, field_name_find(edit->name));
}

static bool is_edited(const struct writing *writing, struct bytes name)
{
    const struct head_writer_options *options = writing->options;
    if ((writing->edit_lengths & length_bit(name)) == 0) {
        return false;
    }
    for (size_t i = 0; i < options->edit_count; i++) {
        if (field_name_is_alike(options->edits[i].name, name) &&
            edit_counts(writing, &options->edits[i])) {
            return true;
        }
    }
    return false;
}

static bool field_is_kept(const struct writing *writing, const struct http1_field *field,
                          struct bytes name)
{
    if (field_name_fate((enum field_name)field->known) != FIELD_IS_FORWARDED ||
        (writing->is_request && !field->is_plain) ||
        (field->known == FIELD_NAME_EXPECT && !writing->head->expects_continue)) {
        return false;
    }
    /* Who nominates Host would leave the backend without one. */
    if (field->known != FIELD_NAME_HOST && is_nominated(writing, name)) {
        return false;
    }
    return !is_edited(writing, name);
}

static void write_received(struct writing *writing)
{
    const struct http1_head *head = writing->head;
    for (uint32_t i = 0; i < head->field_count; i++) {
        const struct http1_field *field = &head->fields[i];
        struct bytes name = http1_head_name(head, field);
        if (!field_is_kept(writing, field, name)) {
            continue;
        }
        writing->has_host |= field->known == FIELD_NAME_HOST;
        field_text_append_checked(writing->text, name, http1_head_value(head, field));
    }
}

static bool is_overruled(const struct writing *writing, size_t index)
{
    const struct head_writer_options *options = writing->options;
    for (size_t later = index + 1; later < options->edit_count; later++) {
        if (field_name_is_alike(options->edits[later].name, options->edits[index].name) &&
            edit_counts(writing, &options->edits[later])) {
            return true;
        }
    }
    return false;
}

static void write_edits(struct writing *writing)
{
    const struct head_writer_options *options = writing->options;
    for (size_t i = 0; i < options->edit_count; i++) {
        const struct http_edit *edit = &options->edits[i];
        if (edit->is_removal) {
            continue;
        }
        enum field_name known = field_name_find(edit->name);
        if (!known_edit_counts(writing, edit, known) || is_overruled(writing, i)) {
            continue;
        }
        writing->has_host |= known == FIELD_NAME_HOST;
        field_text_append(writing->text, edit->name, edit->value);
    }
}

static void write_length(struct text *text, uint64_t length)
{
    text_append(text, BYTES_OF("Content-Length: "));
    text_append_number(text, length);
    text_append(text, BYTES_OF("\r\n"));
}

static void write_framing(const struct writing *writing)
{
    const struct http1_head *head = writing->head;
    switch (writing->options->framing) {
    case HTTP_FRAMING_LENGTH:
        write_length(writing->text, writing->options->content_length);
        break;
    case HTTP_FRAMING_CHUNKED:
        text_append(writing->text, BYTES_OF("Transfer-Encoding: chunked\r\n"));
        break;
    case HTTP_FRAMING_NONE:
        /* The parser has taken it out of 1xx and 204. */
        if (!writing->is_request && head->has_content_length) {
            write_length(writing->text, head->content_length);
        }
        break;
    case HTTP_FRAMING_UNTIL_CLOSE:
        break;
    }
}

static void write_connection(const struct writing *writing)
{
    struct text *text = writing->text;
    switch (writing->options->connection) {
    case HEAD_CONNECTION_UNSAID:
        break;
    case HEAD_CONNECTION_CLOSE:
        text_append(text, BYTES_OF("Connection: close\r\n"));
        break;
    case HEAD_CONNECTION_KEEP_ALIVE:
        text_append(text, BYTES_OF("Connection: keep-alive\r\n"));
        break;
    case HEAD_CONNECTION_UPGRADE:
        CHECK(writing->head->upgrade.length > 0);
        text_append(text, BYTES_OF("Connection: Upgrade\r\n"));
        field_text_append_checked(text, BYTES_OF("Upgrade"), writing->head->upgrade);
        break;
    }
}

static void write_fields(struct writing *writing)
{
    for (size_t i = 0; i < writing->options->edit_count; i++) {
        writing->edit_lengths |= length_bit(writing->options->edits[i].name);
    }
    gather_nominated(writing);
    write_received(writing);
    write_edits(writing);
    if (writing->is_request && !writing->has_host) {
        /* From HTTP/1.0; an empty one is what RFC 9112 3.2 asks for when there is no name. */
        field_text_append_checked(writing->text, BYTES_OF("Host"), writing->head->authority);
    }
    write_framing(writing);
    write_connection(writing);
    text_append(writing->text, BYTES_OF("\r\n"));
}

/* RFC 9112 3.2.1 and, for OPTIONS of a whole server through a proxy, 3.2.4. */
static void write_target(struct text *text, const struct http1_head *head)
{
    struct request_uri uri;
    bool is_valid = request_uri_split(head->target, &uri);
    CHECK(is_valid); /* the parser has seen to it */
    if (uri.is_absolute && uri.path_and_query.length == 0 && head->method == HTTP_METHOD_OPTIONS) {
        text_append_char(text, '*');
        return;
    }
    if (uri.is_absolute && (uri.path_and_query.length == 0 || uri.path_and_query.at[0] == '?')) {
        text_append_char(text, '/');
    }
    text_append(text, uri.path_and_query);
}

void head_writer_write_request(struct text *text, const struct http1_head *head,
                               const struct head_writer_options *options)
{
    struct writing writing;
    writing.text = text;
    writing.head = head;
    writing.options = options;
    writing.edit_lengths = 0;
    writing.is_request = true;
    writing.has_host = false;
    writing.nominated_count = 0;
    CHECK(options->framing != HTTP_FRAMING_UNTIL_CLOSE);

    text_append(text, http_method_name(head->method));
    text_append_char(text, ' ');
    write_target(text, head);
    text_append(text, BYTES_OF(" HTTP/1.1\r\n"));
    write_fields(&writing);
}

void head_writer_write_response(struct text *text, const struct http1_head *head,
                                const struct head_writer_options *options)
{
    struct writing writing;
    writing.text = text;
    writing.head = head;
    writing.options = options;
    writing.edit_lengths = 0;
    writing.is_request = false;
    writing.has_host = false;
    writing.nominated_count = 0;

    text_append(text, BYTES_OF("HTTP/1.1 "));
    text_append_number(text, head->status);
    text_append_char(text, ' ');
    text_append(text, head->reason);
    text_append(text, BYTES_OF("\r\n"));
    write_fields(&writing);
}

size_t head_writer_size_max(const struct http1_head *head,
                            const struct head_writer_options *options)
{
    /* A field without a space behind its colon gets one. */
    size_t size = head->size_bytes + head->field_count + OWN_LINES_BYTES_MAX;
    for (size_t i = 0; i < options->edit_count; i++) {
        const struct http_edit *edit = &options->edits[i];
        size += edit->name.length + edit->value.length + FIELD_OVERHEAD_BYTES;
    }
    return size;
}
