/*
 * A strict reader of DER (X.690): what is not the one allowed encoding fails. Any thread; plain
 * values.
 *
 * Works on base/bytes.h readers, whose failure sticks: a structure is read whole and asked about
 * once, at its end, by der_leave(). Everything that cryptography or names are later read from comes
 * through here.
 */
#ifndef TRUST_DER_H
#define TRUST_DER_H

#include "base/bytes.h"

enum der_tag {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_NULL = 0x05,
    DER_OID = 0x06,
    DER_ENUMERATED = 0x0A,
    DER_UTF8_STRING = 0x0C,
    DER_NUMERIC_STRING = 0x12,
    DER_PRINTABLE_STRING = 0x13,
    DER_T61_STRING = 0x14,
    DER_IA5_STRING = 0x16,
    DER_UTC_TIME = 0x17,
    DER_GENERALIZED_TIME = 0x18,
    DER_VISIBLE_STRING = 0x1A,
    DER_UNIVERSAL_STRING = 0x1C,
    DER_BMP_STRING = 0x1E,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
};

/* Context-specific tags, primitive and constructed; number below 31. */
#define DER_CONTEXT(number)             (0x80 | (number))
#define DER_CONTEXT_CONSTRUCTED(number) (0xA0 | (number))

/* 126 bits. The UUIDs below 2.25 (X.667) may need two more: such names are not read. */
#define DER_ARC_LENGTH_MAX 18

/* Longest content read; four length bytes would promise more than any message brings. */
#define DER_LENGTH_MAX 0xFFFFFF

struct der_element {
    uint8_t tag;
    struct bytes content;
    struct bytes whole; /* with tag and length */
};

/*
 * The next element. Fails on the end, a tag number of 31 or more, an indefinite or not minimal
 * length, or one that goes past the reader's end; then ret_element is empty and the reader stays
 * failed.
 */
bool der_next(struct bytes_reader *reader, struct der_element *ret_element);

/* Whether bytes are left and the next tag is this one. */
bool der_is_next(const struct bytes_reader *reader, unsigned tag);

/* The content of the next element, which must have this tag; whole brings its header too. */
struct bytes der_take(struct bytes_reader *reader, unsigned tag);
struct bytes der_take_whole(struct bytes_reader *reader, unsigned tag);

/* A reader over the next element's content; failed when there is none of this tag. */
struct bytes_reader der_enter(struct bytes_reader *reader, unsigned tag);

/* The same over bytes at hand, which may be empty. */
struct bytes_reader der_over(struct bytes bytes);

/* Ends reading what der_enter() began: bytes left over or a failure within fail the outer reader.
 */
void der_leave(struct bytes_reader *reader, const struct bytes_reader *inner);

/* Whether nothing failed and nothing is left. */
bool der_is_finished(const struct bytes_reader *reader);

/* BOOLEAN DEFAULT FALSE: false when the next element is no BOOLEAN. An encoded FALSE is let
 * through. */
bool der_take_flag(struct bytes_reader *reader);

/* A minimal INTEGER's content, of any sign. */
struct bytes der_take_integer(struct bytes_reader *reader);

/* A minimal INTEGER's content from 0 to maximum; one of another size or sign fails. */
uint32_t der_take_small_number(struct bytes_reader *reader, unsigned tag, uint32_t maximum);

/* Whether this is the content of an OBJECT IDENTIFIER, no arc of which takes more than
 * DER_ARC_LENGTH_MAX bytes. */
bool der_is_oid(struct bytes content);

/* The content of an OBJECT IDENTIFIER, checked. */
struct bytes der_take_oid(struct bytes_reader *reader);

/* A BIT STRING of whole bytes, as keys and signatures are. */
struct bytes der_take_whole_bytes(struct bytes_reader *reader);

/* The first 16 bits of a BIT STRING of named bits, the first bit highest; padding bits must be 0.
 */
uint16_t der_take_named_bits(struct bytes_reader *reader, unsigned tag);

/* Time (RFC 5280 4.1.2.5): UTCTime to 2049, GeneralizedTime from 2050 on, whole seconds and Z. */
int64_t der_take_time(struct bytes_reader *reader);

/* GeneralizedTime of any year, as OCSP has it: whole seconds and Z. */
int64_t der_take_generalized_time(struct bytes_reader *reader);

#endif
