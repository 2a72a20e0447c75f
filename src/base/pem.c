/*
 * Reads PEM texts. Called on the control thread for trusted CA files, server certificates and keys.
 *
 * A block is checked whole before it is handed out. Nothing is copied here, and nothing of a key
 * stays behind but what pem_decode() writes for its caller.
 */
#include "base/pem.h"

#define BEGIN_MARK BYTES_OF("-----BEGIN ")
#define END_MARK   BYTES_OF("-----END ")
#define DASHES     BYTES_OF("-----")

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
static bool next_line(struct pem_reader *reader, struct bytes *ret_line)
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
    *ret_line = reader->is_lenient ? bytes_trim(line) : line;
    return true;
}

/* The label of "-----BEGIN label-----" or the same with END; false when line is no such delimiter.
 */
static bool label_of(struct bytes line, struct bytes mark, struct bytes *ret_label)
{
    size_t frame = mark.length + DASHES.length;
    if (line.length <= frame || !starts_with(line, mark) || !ends_with(line, DASHES)) {
        return false;
    }
    struct bytes label = bytes_slice(line, mark.length, line.length - frame);
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
    int bad_line; /* the first with something that is no base64; 0: none */
};

static void check_line(struct base64_check *check, struct bytes line, int line_number)
{
    for (size_t i = 0; i < line.length && check->bad_line == 0; i++) {
        int digit = digit_of(line.at[i]);
        if (line.at[i] == '=' && check->padding_count < 2) {
            check->padding_count++;
        } else if (digit < 0 || check->padding_count > 0) {
            check->bad_line = line_number;
        } else {
            check->digit_count++;
            check->last_digit = digit;
        }
    }
}

static bool is_whole(const struct base64_check *check)
{
    int unused_bits = check->padding_count == 2 ? 0x0F : check->padding_count == 1 ? 0x03 : 0;
    return check->bad_line == 0 && (check->digit_count + check->padding_count) % 4 == 0 &&
           check->digit_count % 4 != 1 && (check->last_digit & unused_bits) == 0;
}

/* Reads up to the line that ends the block, one that begins with dashes: *ret_end_line, and
 * *ret_before is the reader before it. Empty when there is none. */
static struct base64_check read_content(struct pem_reader *reader, struct pem_block *block,
                                        struct pem_reader *ret_before, struct bytes *ret_end_line)
{
    struct base64_check check = {0};
    bool may_be_header = reader->is_lenient; /* RFC 1421 4.4: before all else */
    size_t start = reader->position;
    *ret_before = *reader;
    *ret_end_line = (struct bytes){0};
    while (next_line(reader, ret_end_line) && !starts_with(*ret_end_line, DASHES)) {
        may_be_header = may_be_header && bytes_find(*ret_end_line, ':') < ret_end_line->length;
        if (may_be_header) {
            block->has_headers = true;
            start = reader->position;
        } else {
            check_line(&check, *ret_end_line, reader->line);
        }
        *ret_before = *reader;
        *ret_end_line = (struct bytes){0};
    }
    block->base64 = bytes_slice(reader->text, start, ret_before->position - start);
    return check;
}

/* Reads on to the END of the block that has begun. */
static enum pem_answer finish_block(struct pem_reader *reader, struct pem_block *block)
{
    struct pem_reader before;
    struct bytes line;
    struct bytes label;
    struct base64_check check = read_content(reader, block, &before, &line);
    if (!label_of(line, END_MARK, &label) || !bytes_equal(label, block->label)) {
        if (label_of(line, BEGIN_MARK, &label)) {
            *reader = before; /* The next block is whole, perhaps. */
        }
        return PEM_ANSWER_UNFINISHED;
    }
    if (is_whole(&check)) {
        return PEM_ANSWER_BLOCK;
    }
    block->line = check.bad_line != 0 ? check.bad_line : block->line;
    return PEM_ANSWER_BAD_BASE64;
}

static bool holds_delimiter(struct bytes line)
{
    return line.length > 0 && memmem(line.at, line.length, "-----BEGIN", 10) != NULL;
}

struct pem_reader pem_reader_over(struct bytes text)
{
    return (struct pem_reader){.text = text};
}

enum pem_answer pem_reader_next(struct pem_reader *reader, struct pem_block *ret_block)
{
    struct bytes line;
    struct pem_block block = {0};
    while (next_line(reader, &line)) {
        bool is_begin = label_of(line, BEGIN_MARK, &block.label);
        bool is_odd = !is_begin && (starts_with(line, DASHES) || holds_delimiter(line));
        if (!is_begin && (!is_odd || reader->is_lenient)) {
            continue;
        }
        block.line = reader->line;
        enum pem_answer answer = is_odd ? PEM_ANSWER_BAD_LINE : finish_block(reader, &block);
        *ret_block = block;
        return answer;
    }
    return PEM_ANSWER_END;
}

bool pem_block_names_private_key(const struct pem_block *block)
{
    return ends_with(block->label, BYTES_OF("PRIVATE KEY"));
}

size_t pem_decoded_size_max(const struct pem_block *block)
{
    return block->base64.length / 4 * 3 + 3;
}

/* Whether the lines of base64 are whole; the count of its digits then. Indentation was judged by
 * whoever cut the block out. */
static bool count_digits(struct bytes base64, size_t *ret_count)
{
    struct pem_reader reader = {.text = base64, .is_lenient = true};
    struct base64_check check = {0};
    struct bytes line;
    while (next_line(&reader, &line)) {
        check_line(&check, line, reader.line);
    }
    *ret_count = check.digit_count;
    return is_whole(&check);
}

bool pem_decode(const struct pem_block *block, uint8_t *output, size_t capacity_bytes,
                size_t *ret_length_bytes)
{
    /* Two digits of a group are 12 bits, three 18, four 24: a byte more each time and these left
     * over. */
    static const unsigned spare_bits[] = {0, 0, 4, 2};
    uint32_t group = 0;
    size_t digit_count = 0;
    size_t length = 0;
    if (!count_digits(block->base64, &digit_count) ||
        digit_count / 4 * 3 + digit_count % 4 * 3 / 4 > capacity_bytes) {
        return false;
    }
    digit_count = 0;
    for (size_t i = 0; i < block->base64.length; i++) {
        int digit = digit_of(block->base64.at[i]);
        if (digit < 0) {
            continue; /* Line ends and padding. */
        }
        group = group << 6 | (uint32_t)digit;
        digit_count++;
        if (digit_count % 4 != 1) {
            output[length++] = (uint8_t)(group >> spare_bits[digit_count % 4]);
        }
    }
    *ret_length_bytes = length;
    return true;
}
