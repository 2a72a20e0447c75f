/* The table of sequences, and what is kept from people's eyes; see the header. */
#include "base/utf8.h"

/* RFC 3629 section 4. */
size_t utf8_length(struct bytes bytes)
{
    static const struct {
        uint8_t first_low, first_high, second_low, second_high;
        size_t length;
    } rows[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    if (bytes.at[0] < 0x80) {
        return 1;
    }
    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        if (bytes.at[0] < rows[row].first_low || bytes.at[0] > rows[row].first_high) {
            continue;
        }
        if (bytes.length < rows[row].length || bytes.at[1] < rows[row].second_low ||
            bytes.at[1] > rows[row].second_high) {
            return 0;
        }
        for (size_t i = 2; i < rows[row].length; i++) {
            if ((bytes.at[i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return rows[row].length;
    }
    return 0;
}

/* Of a sequence of that length. */
static uint32_t character_of(struct bytes bytes, size_t length)
{
    uint32_t character = length == 1 ? bytes.at[0] : bytes.at[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        character = character << 6 | (bytes.at[i] & 0x3FU);
    }
    return character;
}

size_t utf8_visible_length(struct bytes bytes)
{
    static const struct {
        uint32_t first, last;
    } hidden[] = {{0x00, 0x1F}, {0x7F, 0x9F}, {0x2028, 0x202E}, {0x2066, 0x2069}};
    size_t length = utf8_length(bytes);
    uint32_t character = character_of(bytes, length);
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (character >= hidden[i].first && character <= hidden[i].last) {
            return 0;
        }
    }
    return length;
}
