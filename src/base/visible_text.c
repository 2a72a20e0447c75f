/* One walk over the characters, towards memory or a stream; see the header. */
#include "base/visible_text.h"
#include "base/utf8.h"

#define PIECE_SIZE 4 /* the longest character, and \xHH */

/* The next character, or what stands for a byte that is none; what was taken is gone from left. */
static struct text take_piece(struct bytes *left, char memory[PIECE_SIZE])
{
    struct text piece = text_over(memory, PIECE_SIZE);
    size_t length = utf8_visible_length(*left);
    if (length > 0) {
        text_append(&piece, bytes_slice(*left, 0, length));
    } else {
        length = 1;
        text_append_string(&piece, "\\x");
        text_append_hex_upper(&piece, bytes_slice(*left, 0, length));
    }
    *left = bytes_slice(*left, length, left->length);
    return piece;
}

void visible_text_append(struct text *text, struct bytes line)
{
    while (line.length > 0) {
        char memory[PIECE_SIZE];
        struct text piece = take_piece(&line, memory);
        text_append(text, text_bytes(&piece));
    }
}

void visible_text_print(FILE *output, struct bytes line)
{
    while (line.length > 0) {
        char memory[PIECE_SIZE];
        struct text piece = take_piece(&line, memory);
        (void)fwrite(piece.at, 1, piece.length, output);
    }
}

void visible_text_print_lines(FILE *output, struct bytes lines)
{
    while (lines.length > 0) {
        size_t length = bytes_find(lines, '\n');
        visible_text_print(output, bytes_slice(lines, 0, length));
        if (length < lines.length) {
            (void)fputc('\n', output);
        }
        lines = bytes_slice(lines, length + 1, lines.length);
    }
}
