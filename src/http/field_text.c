/* Writing field lines; a certificate as a field value has thousands of bytes, so eight are looked
 * at at once. */
#include "field_text.h"
#include "byte_class.h"

#define EACH_BYTE(byte) (UINT64_C(0x0101010101010101) * (byte))

/* The high bit of each byte that is below limit (at most 0x80); of others it may be set only above
 * such one. */
static uint64_t bytes_below(uint64_t word, uint8_t limit)
{
    return (word - EACH_BYTE(limit)) & ~word & EACH_BYTE(0x80);
}

/* Whether some byte is below space or DEL; true too for a tab, which is fine but rare. */
static bool may_have_control(struct bytes value)
{
    size_t at = 0;
    for (; at + sizeof(uint64_t) <= value.length; at += sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, value.at + at, sizeof(word));
        if ((bytes_below(word, ' ') | bytes_below(word ^ EACH_BYTE(0x7F), 1)) != 0) {
            return true;
        }
    }
    return byte_class_span(bytes_slice(value, at, value.length), BYTE_OF_VALUE) < value.length - at;
}

static void append_cleaned(struct text *text, struct bytes value)
{
    for (size_t i = 0; i < value.length; i++) {
        uint8_t byte = value.at[i];
        text_append_char(text, byte_class_has(byte, BYTE_OF_VALUE) ? (char)byte : ' ');
    }
}

void field_text_append(struct text *text, struct bytes name, struct bytes value)
{
    if (!may_have_control(value)) {
        field_text_append_checked(text, name, value);
        return;
    }
    text_append(text, name);
    text_append(text, BYTES_OF(": "));
    append_cleaned(text, value);
    text_append(text, BYTES_OF("\r\n"));
}

void field_text_append_checked(struct text *text, struct bytes name, struct bytes value)
{
    text_append(text, name);
    text_append(text, BYTES_OF(": "));
    text_append(text, value);
    text_append(text, BYTES_OF("\r\n"));
}
