/*
 * Writes the head of a message that is passed on: what was received, less what belongs to the hop,
 * changed by edits, framed anew. Called by the proxy on a worker; no memory but the caller's text.
 *
 * Never written, whatever head and edits hold: a control byte (it becomes a space, RFC 9110 5.5), a
 * field name that is no token, a field of FIELD_IS_OF_THE_HOP or one that Connection nominates, two
 * framings. From requests also fields whose name is not of letters, digits and hyphens alone.
 */
#ifndef HTTP_HEAD_WRITER_H
#define HTTP_HEAD_WRITER_H

#include "base/text.h"
#include "http/http1_head.h"

/*
 * Replaces all fields of a name by one, or removes them. A name matches as field_name_is_alike()
 * says. Of two edits of one name the later one holds. Edits of the hop's and of framing fields are
 * ignored, and the removal of a request's Host too. An empty value is written as such.
 */
struct http_edit {
    struct bytes name;
    struct bytes value;
    bool is_removal;
};

enum head_connection {
    HEAD_CONNECTION_UNSAID, /* HTTP/1.1 keeps the connection */
    HEAD_CONNECTION_CLOSE,
    HEAD_CONNECTION_KEEP_ALIVE, /* said to an HTTP/1.0 client */
    HEAD_CONNECTION_UPGRADE,    /* with the protocol of head->upgrade, which must not be empty */
};

struct head_writer_options {
    enum http_framing framing;
    uint64_t content_length; /* of HTTP_FRAMING_LENGTH */
    enum head_connection connection;
    const struct http_edit *edits;
    size_t edit_count;
};

/*
 * To a backend: as HTTP/1.1, target in origin form, Expect only when the head expects_continue.
 * Without a host in head->authority (HTTP/1.0) the caller sets Host by an edit, or it is empty,
 * which many servers refuse. Framing must not be HTTP_FRAMING_UNTIL_CLOSE. The text may overflow.
 */
void head_writer_write_request(struct text *text, const struct http1_head *head,
                               const struct head_writer_options *options);

/*
 * To a client, as HTTP/1.1. With HTTP_FRAMING_NONE a Content-Length that was received stays (HEAD,
 * 304), but not in 1xx and 204 (RFC 9110 8.6).
 */
void head_writer_write_response(struct text *text, const struct http1_head *head,
                                const struct head_writer_options *options);

/* Room in which neither of them overflows. */
size_t head_writer_size_max(const struct http1_head *head,
                            const struct head_writer_options *options);

#endif
