/*
 * Requests: the cut of the input makes no difference, what is accepted can be passed on, and what
 * is written of it is read again as the same request, whatever the edits hold.
 */
#include "http/head_writer.h"
#include "http_pieces.h"

static struct http1_parser received;
static struct http1_parser reread;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each field that was written has a line of its own, and is one that was received or an edit. */
static void judge_written(struct bytes written, const struct http_edit *edit)
{
    struct bytes body;
    const struct http1_head *before = http1_parser_head(&received);
    const struct http1_head *after = http1_parser_head(&reread);
    http1_parser_init(&reread, HTTP1_REQUEST, &reading_default_limits);
    CHECK(http1_parser_next(&reread, &written, &body) == HTTP1_HEAD);
    CHECK(written.length == 0);
    CHECK(before->method == after->method && before->framing == after->framing);
    CHECK(before->content_length == after->content_length);
    CHECK(before->expects_continue == after->expects_continue);
    CHECK(bytes_equal(before->upgrade, after->upgrade));
    CHECK(before->host.length == 0 || bytes_equal(before->host, after->host));
    uint32_t edited = 0;
    for (uint32_t i = 0; i < after->field_count; i++) {
        struct bytes name = http1_head_name(after, &after->fields[i]);
        CHECK(field_name_is_plain(name));
        if (field_name_is_alike(name, edit->name)) {
            edited++;
            CHECK(http_pieces_value_is_clean(http1_head_value(after, &after->fields[i]),
                                             edit->value));
        }
    }
    CHECK(edited == 1);
    http1_parser_deinit(&reread);
}

static void pass_on(struct bytes input)
{
    static char memory[200000];
    struct bytes body;
    struct bytes left = input;
    http1_parser_init(&received, HTTP1_REQUEST, &reading_default_limits);
    if (http1_parser_next(&received, &left, &body) == HTTP1_HEAD) {
        const struct http1_head *head = http1_parser_head(&received);
        const struct http_edit edits[] = {
            {BYTES_OF("X-Forwarded-For"), {0}, true},
            {BYTES_OF("X-Client-Cert"), bytes_slice(input, input.length / 2, 1000), false},
            {BYTES_OF("Host"), BYTES_OF("backend"), false},
        };
        struct head_writer_options options = {
            .framing = head->framing,
            .content_length = head->content_length,
            .connection =
                head->upgrade.length > 0 ? HEAD_CONNECTION_UPGRADE : HEAD_CONNECTION_UNSAID,
            .edits = edits,
            .edit_count = head->authority.length == 0 ? 3 : 2,
        };
        struct text text = text_over(memory, sizeof(memory));
        head_writer_write_request(&text, head, &options);
        CHECK(!text.overflowed && text.length <= head_writer_size_max(head, &options));
        /* A head at its limits is past them with our fields in it. */
        if (text.length < HTTP_FIELDS_BYTES_MAX && head->field_count < HTTP_FIELD_COUNT_MAX - 3) {
            judge_written(text_bytes(&text), &edits[1]);
        }
    }
    http1_parser_deinit(&received);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reading_request request = {.kind = HTTP1_REQUEST, .input = bytes_from(data, size)};
    free(http_pieces_compare(request).transcript);
    pass_on(request.input);
    return 0;
}
