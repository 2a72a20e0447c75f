/*
 * ADDRESS - USER [TIME] "REQUEST" STATUS BYTES "REFERER" "USER-AGENT"
 *
 * USER is the common name of a certificate that was found good, and of no other. The bytes are
 * those of the whole answer, its head included. What is not there is "-". Nothing that a client
 * says leaves its quotes: see text_append_log_escaped().
 */
#include "access_combined.h"

#include <time.h>

#include "access_line.h"
#include "variables.h"

/* A blank would end a value that has no quotes. */
static void append_word(struct text *text, struct bytes bytes)
{
    while (bytes.length > 0) {
        size_t length = bytes_find(bytes, ' ');
        text_append_log_escaped(text, bytes_slice(bytes, 0, length));
        if (length < bytes.length) {
            text_append_string(text, "\\x20");
        }
        bytes = bytes_slice(bytes, length + 1, bytes.length);
    }
}

static void add_value(struct access_line *line, struct bytes value, access_line_escape escape)
{
    access_line_append(line, value.length == 0 ? BYTES_OF("-") : value, escape);
}

static void add_user(struct access_line *line, const struct connection *connection)
{
    struct bytes name = {0};
    if (connection->identity != NULL && verdict_is_success(&connection->verdict)) {
        name = connection->identity->common_name;
    }
    add_value(line, name, append_word);
}

/* [31/Mar/2026:12:00:00 +0000] */
static void add_time(struct access_line *line, int64_t wall_us)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm parts;
    time_t seconds = (time_t)(wall_us / 1000000);
    (void)gmtime_r(&seconds, &parts);
    text_append_format(&line->text, " [%02d/%s/%04d:%02d:%02d:%02d +0000] ", parts.tm_mday,
                       months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour, parts.tm_min,
                       parts.tm_sec);
}

static void add_quoted(struct access_line *line, struct bytes value)
{
    text_append_string(&line->text, " \"");
    add_value(line, value, text_append_log_escaped);
    text_append_char(&line->text, '"');
}

static void add_request(struct access_line *line, const struct http1_head *head)
{
    if (head->target.length == 0) {
        text_append_string(&line->text, "\"-\"");
        return;
    }
    text_append_char(&line->text, '"');
    access_line_append(line, http_method_name(head->method), text_append_log_escaped);
    text_append_char(&line->text, ' ');
    access_line_append(line, head->target, text_append_log_escaped);
    text_append_format(&line->text, " %s\"", access_line_version(head));
}

/* Three digits, also for 0: no answer was given. */
static void add_answer(struct access_line *line, uint16_t status, uint64_t sent_bytes)
{
    text_append_format(&line->text, " %03u ", status);
    text_append_number(&line->text, sent_bytes);
}

static void add_field(struct access_line *line, const struct http1_head *head, struct bytes name)
{
    const struct http1_field *field =
        head->target.length == 0 ? NULL : http1_head_find_text(head, name);
    const struct bytes none = {0};
    add_quoted(line, field == NULL ? none : http1_head_value(head, field));
}

void access_combined_exchange(const struct exchange *exchange, uint64_t ended_ns)
{
    const struct connection *connection = exchange->connection;
    const struct http1_head *head = exchange_request(exchange);
    struct access_line line = access_line_begin(connection->proxy);
    (void)ended_ns; /* the format has no place for it */
    variables_append_client_ip(connection, &line.text);
    text_append_string(&line.text, " - ");
    add_user(&line, connection);
    add_time(&line, exchange->started_us);
    add_request(&line, head);
    add_answer(&line, exchange->status, exchange->sent_bytes);
    add_field(&line, head, BYTES_OF("Referer"));
    add_field(&line, head, BYTES_OF("User-Agent"));
    access_line_finish(&line, connection->proxy);
}

void access_combined_handshake(const struct connection *connection, uint16_t status)
{
    struct access_line line = access_line_begin(connection->proxy);
    variables_append_client_ip(connection, &line.text);
    text_append_string(&line.text, " - -");
    add_time(&line, connection->accepted_us);
    text_append_string(&line.text, "\"-\"");
    add_answer(&line, status, connection->stream.sent_bytes);
    text_append_string(&line.text, " \"-\" \"-\"");
    access_line_finish(&line, connection->proxy);
}
