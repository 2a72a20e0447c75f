/*
 * Reads PEM files. Called when trusted CA files are loaded. A block is checked whole before it is
 * handed out, so decoding cannot fail.
 */
#include "ca_pem.h"

#include "base/check.h"

#define DASHES BYTES_OF("-----")

static bool starts_with(struct bytes text, struct bytes start)
{
    return bytes_equal(bytes_slice(text, 0, start.length), start);
}

static bool ends_with(struct bytes text, struct bytes end)
{
    return text.length >= end.length &&
           bytes_equal(bytes_slice(text, text.length - end.length, end.length), end);
}

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* The next line without its end and trailing blanks; false at the end of the text. */
static bool next_line(struct ca_pem_reader *reader, struct bytes *ret_line)
{
    struct bytes rest = bytes_slice(reader->text, reader->position, reader->text.length);
    if (rest.length == 0) {
        return false;
    }
    size_t length = bytes_find(rest, '\n');
    struct bytes line = bytes_slice(rest, 0, length);
    reader->position += length < rest.length ? length + 1 : length;
    reader->line++;
    while (line.length > 0 && is_blank(line.at[line.length - 1])) {
        line.length--;
    }
    *ret_line = line;
    return true;
}

/* The label of "-----BEGIN label-----" or the same with END; false when line is no such delimiter.
 */
static bool label_of(struct bytes line, struct bytes start, struct bytes *ret_label)
{
    if (!starts_with(line, start) || line.length < start.length + DASHES.length ||
        !ends_with(line, DASHES)) {
        return false;
    }
    struct bytes label =
        bytes_slice(line, start.length, line.length - start.length - DASHES.length);
    for (size_t i = 0; i < label.length; i++) {
        if (label.at[i] < 0x20 || label.at[i] > 0x7E || label.at[i] == '-') {
            return false;
        }
    }
    *ret_label = label;
    return true;
}

static int digit_of(uint8_t byte)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = byte != '\0' ? strchr(alphabet, byte) : NULL;
    return found == NULL ? -1 : (int)(found - alphabet);
}

/*
 * Whole groups over all lines together, padding only at the very end and its bits zero, so that one
 * certificate has one spelling.
 */
struct base64_check {
    size_t digit_count;
    size_t padding_count;
    int last_digit;
    bool is_bad;
};

static void check_line(struct base64_check *check, struct bytes line)
{
    for (size_t i = 0; i < line.length; i++) {
        int digit = digit_of(line.at[i]);
        if (line.at[i] == '=' && check->padding_count < 2) {
            check->padding_count++;
        } else if (digit < 0 || check->padding_count > 0) {
            check->is_bad = true;
        } else {
            check->digit_count++;
            check->last_digit = digit;
        }
    }
}

static bool is_whole(const struct base64_check *check)
{
    int unused_bits = check->padding_count == 2 ? 0x0F : check->padding_count == 1 ? 0x03 : 0;
    return !check->is_bad && (check->digit_count + check->padding_count) % 4 == 0 &&
           check->digit_count % 4 != 1 && (check->last_digit & unused_bits) == 0;
}

struct ca_pem_reader ca_pem_over(struct bytes text)
{
    return (struct ca_pem_reader){.text = text};
}

/* Reads on to the END of the block that has begun. */
static enum ca_pem_answer finish_block(struct ca_pem_reader *reader, struct ca_pem_block *block)
{
    struct base64_check check = {0};
    struct ca_pem_reader before = *reader;
    struct bytes line = {0};
    struct bytes label;
    size_t start = reader->position;
    int bad_line = 0;
    while (next_line(reader, &line) && !starts_with(line, DASHES)) {
        check_line(&check, line);
        if (check.is_bad && bad_line == 0) {
            bad_line = reader->line;
        }
        before = *reader;
    }
    block->base64 = bytes_slice(reader->text, start, before.position - start);
    if (!label_of(line, BYTES_OF("-----END "), &label) || !bytes_equal(label, block->label)) {
        if (label_of(line, BYTES_OF("-----BEGIN "), &label)) {
            *reader = before; /* The next block is whole, perhaps. */
        }
        return CA_PEM_UNFINISHED;
    }
    if (is_whole(&check)) {
        return CA_PEM_BLOCK;
    }
    block->line = bad_line != 0 ? bad_line : block->line;
    return CA_PEM_BAD_BASE64;
}

static bool holds_delimiter(struct bytes line)
{
    return line.length > 0 && memmem(line.at, line.length, "-----BEGIN", 10) != NULL;
}

enum ca_pem_answer ca_pem_next(struct ca_pem_reader *reader, struct ca_pem_block *ret_block)
{
    struct bytes line;
    *ret_block = (struct ca_pem_block){0};
    while (next_line(reader, &line)) {
        ret_block->line = reader->line;
        if (label_of(line, BYTES_OF("-----BEGIN "), &ret_block->label)) {
            return finish_block(reader, ret_block);
        }
        if (starts_with(line, DASHES) || holds_delimiter(line)) {
            return CA_PEM_BAD_LINE;
        }
    }
    return CA_PEM_END;
}

bool ca_pem_is_private_key(const struct ca_pem_block *block)
{
    return ends_with(block->label, BYTES_OF("PRIVATE KEY"));
}

size_t ca_pem_decode(const struct ca_pem_block *block, uint8_t *output, size_t capacity)
{
    /* Two digits of a group are 12 bits, three 18, four 24: a byte more each time and these left
     * over. */
    static const unsigned spare_bits[] = {0, 0, 4, 2};
    uint32_t group = 0;
    size_t digit_count = 0;
    size_t length = 0;
    for (size_t i = 0; i < block->base64.length; i++) {
        int digit = digit_of(block->base64.at[i]);
        if (digit < 0) {
            continue; /* Line ends and padding. */
        }
        group = group << 6 | (uint32_t)digit;
        digit_count++;
        if (digit_count % 4 != 1) {
            CHECK(length < capacity);
            output[length++] = (uint8_t)(group >> spare_bits[digit_count % 4]);
        }
    }
    return length;
}
