/* PEM texts: a strict and a lenient reader end, stay inside the text, and what they call a block
 * decodes within the room promised. */
#include "base/check.h"
#include "base/pem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t output[8192];

static void check_block(struct bytes text, const struct pem_block *block, enum pem_answer answer)
{
    size_t room = pem_decoded_size_max(block);
    size_t length = 0;
    CHECK(block->base64.length <= text.length && block->line > 0);
    if (room <= sizeof(output)) {
        bool is_decoded = pem_decode(block, output, room, &length);
        CHECK(is_decoded || answer != PEM_ANSWER_BLOCK);
        CHECK(length <= room);
        CHECK(!is_decoded || length == 0 || !pem_decode(block, output, length - 1, &length));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    for (int is_lenient = 0; is_lenient < 2; is_lenient++) {
        struct pem_reader reader = pem_reader_over(bytes_from(data, size));
        struct pem_block block;
        enum pem_answer answer;
        reader.is_lenient = is_lenient == 1;
        for (size_t before = 0; (answer = pem_reader_next(&reader, &block)) != PEM_ANSWER_END;) {
            CHECK(reader.position > before && reader.position <= size);
            CHECK(!reader.is_lenient || answer != PEM_ANSWER_BAD_LINE);
            before = reader.position;
            check_block(reader.text, &block, answer);
        }
        CHECK(reader.position == size);
    }
    return 0;
}
