/*
 * Compares Names without ever building a canonical copy: two cursors yield folded characters side
 * by side. Called when paths are built and constraints checked, so most calls end at the
 * byte-for-byte comparison.
 */
#include "name.h"

#include "der.h"

/* Yields the characters of a string, folded: what RFC 5280 7.1 leaves when case and space do not
 * count. */
struct folded_text {
    struct bytes_reader reader;
    unsigned tag;
    bool space_is_due;
    bool has_started;
    uint32_t held; /* the character after a space that was yielded first */
    bool holds;
};

#define END_OF_TEXT     UINT32_MAX
#define NOT_A_CHARACTER (UINT32_MAX - 1)

static bool tag_is_text(unsigned tag)
{
    const uint32_t text_tags = 1u << DER_UTF8_STRING | 1u << DER_PRINTABLE_STRING |
                               1u << DER_T61_STRING | 1u << DER_IA5_STRING |
                               1u << DER_UNIVERSAL_STRING | 1u << DER_BMP_STRING;
    return tag < 32 && (text_tags >> tag & 1) != 0;
}

/* RFC 3629 section 3: shortest form only, no surrogates, nothing past U+10FFFF. */
static uint32_t take_utf8(struct bytes_reader *reader)
{
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    uint8_t first = bytes_reader_u8(reader);
    if (first < 0x80) {
        return first;
    }
    unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4) {
        return NOT_A_CHARACTER;
    }
    uint32_t character = first & (0x3Fu >> more);
    for (unsigned i = 0; i < more; i++) {
        uint8_t next = bytes_reader_u8(reader);
        if ((next & 0xC0) != 0x80) {
            return NOT_A_CHARACTER;
        }
        character = character << 6 | (next & 0x3Fu);
    }
    return character < smallest[more] ? NOT_A_CHARACTER : character;
}

static uint32_t take_character(struct bytes_reader *reader, unsigned tag)
{
    uint32_t character;
    if (bytes_reader_left(reader) == 0) {
        return END_OF_TEXT;
    }
    if (tag == DER_UTF8_STRING) {
        character = take_utf8(reader);
    } else if (tag == DER_BMP_STRING) {
        character = bytes_reader_u16(reader);
    } else if (tag == DER_UNIVERSAL_STRING) {
        character = bytes_reader_u32(reader);
    } else {
        character = bytes_reader_u8(reader);
    }
    bool is_surrogate = character >= 0xD800 && character <= 0xDFFF;
    return reader->failed || is_surrogate || character > 0x10FFFF ? NOT_A_CHARACTER : character;
}

static bool is_space(uint32_t character)
{
    return character == ' ' || (character >= '\t' && character <= '\r');
}

static uint32_t next_folded(struct folded_text *text)
{
    if (text->holds) {
        text->holds = false;
        return text->held;
    }
    uint32_t character = take_character(&text->reader, text->tag);
    while (is_space(character)) {
        text->space_is_due = text->has_started;
        character = take_character(&text->reader, text->tag);
    }
    if (character >= 'A' && character <= 'Z') {
        character += 'a' - 'A';
    }
    bool yields_space = text->space_is_due && character != END_OF_TEXT;
    text->space_is_due = false;
    text->has_started = true;
    if (yields_space) {
        text->held = character;
        text->holds = true;
        return ' ';
    }
    return character;
}

static struct folded_text folded_over(const struct name_attribute *attribute)
{
    return (struct folded_text){.reader = der_over(attribute->value), .tag = attribute->tag};
}

static bool values_equal(const struct name_attribute *a, const struct name_attribute *b)
{
    if (a->tag == b->tag && bytes_equal(a->value, b->value)) {
        return true;
    }
    if (!tag_is_text(a->tag) || !tag_is_text(b->tag)) {
        return false;
    }
    struct folded_text text_a = folded_over(a);
    struct folded_text text_b = folded_over(b);
    for (;;) {
        uint32_t character = next_folded(&text_a);
        if (character != next_folded(&text_b) || character == NOT_A_CHARACTER) {
            return false;
        }
        if (character == END_OF_TEXT) {
            return true;
        }
    }
}

static struct name_attribute take_attribute(struct bytes_reader *reader)
{
    struct bytes_reader inner = der_enter(reader, DER_SEQUENCE);
    struct bytes type = der_take_oid(&inner);
    struct der_element value = {0};
    (void)der_next(&inner, &value);
    der_leave(reader, &inner);
    return (struct name_attribute){type, value.tag, value.content};
}

static bool is_valid_text(const struct name_attribute *attribute)
{
    struct bytes_reader reader = der_over(attribute->value);
    uint32_t character;
    do {
        character = take_character(&reader, attribute->tag);
    } while (character < NOT_A_CHARACTER);
    return character == END_OF_TEXT;
}

/* X.690 11.2.1: bits that are not used are zero, and there are none without a byte of theirs. */
static bool is_valid_bits(struct bytes value)
{
    unsigned unused_count = value.length > 0 ? value.at[0] : 8;
    if (value.length <= 1 || unused_count > 7) {
        return value.length == 1 && unused_count == 0;
    }
    return (value.at[value.length - 1] & ((1u << unused_count) - 1)) == 0;
}

static bool is_valid_sequence(struct bytes value)
{
    struct bytes_reader reader = der_over(value);
    struct der_element element;
    while (bytes_reader_left(&reader) > 0 && der_next(&reader, &element)) {
    }
    return der_is_finished(&reader);
}

/* Whether a constraint on names permits it could not be told otherwise. */
static bool must_be_text(const struct name_attribute *attribute)
{
    return name_attribute_is_common_name(attribute) || name_attribute_is_email(attribute);
}

/*
 * X.520 has text in names, and twice something else: bits (x500UniqueIdentifier) and a sequence
 * (postalAddress). Any other type is malformed: OpenSSL does not read it, so nobody has it for a
 * good reason, and two programs that read a name must not see two.
 */
static bool is_valid_value(const struct name_attribute *attribute)
{
    if (tag_is_text(attribute->tag)) {
        return is_valid_text(attribute);
    }
    if (must_be_text(attribute)) {
        return false;
    }
    switch (attribute->tag) {
    case DER_NUMERIC_STRING:
        return true;
    case DER_BIT_STRING:
        return is_valid_bits(attribute->value);
    case DER_SEQUENCE:
        return is_valid_sequence(attribute->value);
    default:
        return false;
    }
}

static bool is_valid_rdn(struct bytes_reader *rdns)
{
    struct bytes_reader attributes = der_enter(rdns, DER_SET);
    unsigned count = 0;
    do {
        struct name_attribute attribute = take_attribute(&attributes);
        if (attributes.failed || !is_valid_value(&attribute) ||
            ++count > NAME_RDN_ATTRIBUTE_COUNT) {
            return false;
        }
    } while (bytes_reader_left(&attributes) > 0);
    return true;
}

bool name_is_valid(struct bytes name)
{
    struct bytes_reader reader = der_over(name);
    struct bytes_reader rdns = der_enter(&reader, DER_SEQUENCE);
    if (name.length > NAME_SIZE_MAX) {
        return false;
    }
    while (bytes_reader_left(&rdns) > 0) {
        if (!is_valid_rdn(&rdns)) {
            return false;
        }
    }
    der_leave(&reader, &rdns);
    return der_is_finished(&reader);
}

static struct bytes_reader rdns_of(struct bytes name)
{
    struct bytes_reader reader = der_over(name);
    return der_enter(&reader, DER_SEQUENCE);
}

bool name_is_empty(struct bytes name)
{
    struct bytes_reader rdns = rdns_of(name);
    return bytes_reader_left(&rdns) == 0;
}

/* Finds attribute among the ones of b that no earlier attribute of a has taken. */
static bool take_equal(struct bytes_reader b, const struct name_attribute *attribute,
                       uint32_t *taken)
{
    for (uint32_t bit = 1; bytes_reader_left(&b) > 0; bit <<= 1) {
        struct name_attribute other = take_attribute(&b);
        if ((*taken & bit) == 0 && bytes_equal(attribute->type, other.type) &&
            values_equal(attribute, &other)) {
            *taken |= bit;
            return true;
        }
    }
    return false;
}

static bool rdns_equal(struct bytes rdn_a, struct bytes rdn_b)
{
    struct bytes_reader a = der_over(rdn_a);
    struct bytes_reader b = der_over(rdn_b);
    uint32_t taken = 0;
    uint32_t count_b = 0;
    while (bytes_reader_left(&a) > 0) {
        struct name_attribute attribute = take_attribute(&a);
        if (!take_equal(b, &attribute, &taken)) {
            return false;
        }
    }
    while (bytes_reader_left(&b) > 0) {
        (void)take_attribute(&b);
        count_b++;
    }
    return taken == (1u << count_b) - 1;
}

/* Whether all RDNs of base are at the front of name; ret_left tells what name has more. */
static bool starts_with(struct bytes name, struct bytes base, size_t *ret_left)
{
    struct bytes_reader name_rdns = rdns_of(name);
    struct bytes_reader base_rdns = rdns_of(base);
    while (bytes_reader_left(&base_rdns) > 0) {
        struct bytes wanted = der_take(&base_rdns, DER_SET);
        struct bytes rdn = der_take(&name_rdns, DER_SET);
        if (name_rdns.failed || !rdns_equal(rdn, wanted)) {
            return false;
        }
    }
    *ret_left = bytes_reader_left(&name_rdns);
    return true;
}

bool name_equal(struct bytes a, struct bytes b)
{
    size_t left;
    return bytes_equal(a, b) || (starts_with(a, b, &left) && left == 0);
}

bool name_is_within(struct bytes name, struct bytes base)
{
    size_t left;
    return starts_with(name, base, &left);
}

/* FNV-1a, widened: names of trusted CAs come from the operator, so nobody can aim at a collision
 * among them. */
#define HASH_START 0xCBF29CE484222325u
#define HASH_PRIME 0x100000001B3u

static uint64_t mix(uint64_t hash, uint32_t value)
{
    return (hash ^ value) * HASH_PRIME;
}

static uint64_t hash_attribute(const struct name_attribute *attribute)
{
    uint64_t hash = HASH_START;
    for (size_t i = 0; i < attribute->type.length; i++) {
        hash = mix(hash, attribute->type.at[i]);
    }
    if (tag_is_text(attribute->tag)) {
        struct folded_text text = folded_over(attribute);
        uint32_t character = next_folded(&text);
        for (; character < NOT_A_CHARACTER; character = next_folded(&text)) {
            hash = mix(hash, character);
        }
        return hash;
    }
    for (size_t i = 0; i < attribute->value.length; i++) {
        hash = mix(hash, attribute->value.at[i]);
    }
    return hash;
}

uint64_t name_hash(struct bytes name)
{
    uint64_t hash = HASH_START;
    struct bytes_reader rdns = rdns_of(name);
    while (bytes_reader_left(&rdns) > 0) {
        struct bytes_reader attributes = der_enter(&rdns, DER_SET);
        uint64_t sum = 0;
        while (bytes_reader_left(&attributes) > 0) {
            struct name_attribute attribute = take_attribute(&attributes);
            sum += hash_attribute(&attribute); /* A sum, since a set has no order. */
        }
        hash = (hash ^ sum) * HASH_PRIME;
    }
    return hash;
}

struct name_walk name_walk_over(struct bytes name)
{
    return (struct name_walk){rdns_of(name), der_over((struct bytes){0})};
}

bool name_walk_next(struct name_walk *walk, struct name_attribute *ret_attribute)
{
    if (bytes_reader_left(&walk->attributes) == 0) {
        if (bytes_reader_left(&walk->rdns) == 0) {
            return false;
        }
        walk->attributes = der_enter(&walk->rdns, DER_SET);
    }
    *ret_attribute = take_attribute(&walk->attributes);
    return !walk->attributes.failed;
}

bool name_attribute_is_common_name(const struct name_attribute *attribute)
{
    return bytes_equal(attribute->type, BYTES_OF("\x55\x04\x03"));
}

bool name_attribute_is_email(const struct name_attribute *attribute)
{
    return bytes_equal(attribute->type, BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01"));
}

bool name_attribute_reads(const struct name_attribute *attribute, struct bytes utf8)
{
    struct bytes_reader value = der_over(attribute->value);
    struct bytes_reader wanted = der_over(utf8);
    uint32_t character;
    if (!tag_is_text(attribute->tag)) {
        return false;
    }
    do {
        character = take_character(&value, attribute->tag);
        if (character == NOT_A_CHARACTER || character != take_character(&wanted, DER_UTF8_STRING)) {
            return false;
        }
    } while (character != END_OF_TEXT);
    return true;
}

struct bytes name_attribute_ascii(const struct name_attribute *attribute,
                                  uint8_t room[NAME_SIZE_MAX])
{
    struct bytes_reader reader = der_over(attribute->value);
    size_t length = 0;
    if (!tag_is_text(attribute->tag)) {
        return (struct bytes){0};
    }
    uint32_t character = take_character(&reader, attribute->tag);
    while (character < NOT_A_CHARACTER && length < NAME_SIZE_MAX) {
        room[length++] = character < 0x80 ? (uint8_t)character : NAME_NOT_ASCII;
        character = take_character(&reader, attribute->tag);
    }
    return bytes_from(room, length);
}
