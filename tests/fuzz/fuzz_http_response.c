/*
 * Responses: the cut of the input makes no difference, and what is written of an accepted one is
 * read again as the same. The first byte says what the response answers.
 */
#include "http/head_writer.h"
#include "http_pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum http1_event read_head(struct http1_parser *parser, struct bytes *input,
                                  const struct reading_request *request)
{
    struct bytes body;
    http1_parser_init(parser, HTTP1_RESPONSE, &reading_default_limits);
    http1_parser_expect(parser, request->answers, request->upgrade_was_asked);
    return http1_parser_next(parser, input, &body);
}

static void pass_on(const struct reading_request *request)
{
    static char memory[200000];
    static struct http1_parser received, reread;
    const struct http1_head *before = http1_parser_head(&received);
    const struct http1_head *after = http1_parser_head(&reread);
    struct bytes left = request->input;
    if (read_head(&received, &left, request) == HTTP1_HEAD) {
        const struct http_edit edit = {BYTES_OF("X-Reason"), bytes_slice(left, 0, 200), false};
        struct head_writer_options options = {
            .framing = before->framing,
            .content_length = before->content_length,
            .connection =
                before->upgrade.length > 0 ? HEAD_CONNECTION_UPGRADE : HEAD_CONNECTION_UNSAID,
            .edits = &edit,
            .edit_count = 1,
        };
        struct text text = text_over(memory, sizeof(memory));
        head_writer_write_response(&text, before, &options);
        CHECK(!text.overflowed && text.length <= head_writer_size_max(before, &options));
        struct bytes written = text_bytes(&text);
        if (written.length < HTTP_FIELDS_BYTES_MAX &&
            before->field_count < HTTP_FIELD_COUNT_MAX - 3) {
            CHECK(read_head(&reread, &written, request) == HTTP1_HEAD);
            CHECK(written.length == 0);
            CHECK(before->status == after->status && before->framing == after->framing);
            CHECK(before->has_content_length == after->has_content_length);
            CHECK(before->content_length == after->content_length);
            CHECK(http1_head_find_text(after, edit.name) != NULL);
            http1_parser_deinit(&reread);
        }
    }
    http1_parser_deinit(&received);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    struct reading_request request = {
        .kind = HTTP1_RESPONSE,
        .input = bytes_from(data + 1, size - 1),
        .answers = (data[0] & 1) != 0 ? HTTP_METHOD_HEAD : HTTP_METHOD_GET,
        .upgrade_was_asked = (data[0] & 2) != 0,
        .finishes = (data[0] & 4) != 0,
    };
    free(http_pieces_compare(request).transcript);
    pass_on(&request);
    return 0;
}
