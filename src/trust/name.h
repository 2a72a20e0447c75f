/*
 * X.501 Names, as issuer and subject of a certificate: checking, comparing, printing. Any thread.
 *
 * A name is its whole DER, header included. Comparing is RFC 5280 7.1 as the field practises it:
 * text of any string type, ASCII case folded, runs of white space one space, none at the ends; the
 * attributes of a multi-valued RDN in any order; other types byte for byte. All but name_is_valid()
 * want a valid name.
 */
#ifndef TRUST_NAME_H
#define TRUST_NAME_H

#include "base/bytes.h"
#include "base/text.h"

/* Longest encoding, and most attributes in one RDN, that are read. */
#define NAME_SIZE_MAX            4096
#define NAME_RDN_ATTRIBUTE_COUNT 16

/* One attribute: its type, and the value with its tag. */
struct name_attribute {
    struct bytes type; /* content of the OID */
    uint8_t tag;
    struct bytes value;
};

bool name_is_valid(struct bytes name);

bool name_is_empty(struct bytes name);

bool name_equal(struct bytes a, struct bytes b);

/* Equal names have equal hashes. */
uint64_t name_hash(struct bytes name);

/* Whether the RDNs of base are the first ones of name (a subtree, RFC 5280 4.2.1.10). */
bool name_is_within(struct bytes name, struct bytes base);

/* Walks over all attributes of all RDNs in order. */
struct name_walk {
    struct bytes_reader rdns;
    struct bytes_reader attributes;
};
struct name_walk name_walk_over(struct bytes name);
bool name_walk_next(struct name_walk *walk, struct name_attribute *ret_attribute);

/* 2.5.4.3 and 1.2.840.113549.1.9.1. */
bool name_attribute_is_common_name(const struct name_attribute *attribute);
bool name_attribute_is_email(const struct name_attribute *attribute);

/* Whether the value is text and reads exactly so: no case folded, no blank forgiven. */
bool name_attribute_reads(const struct name_attribute *attribute, struct bytes utf8);

/* The value, if it is text, written into room one byte a character: NAME_NOT_ASCII for whatever is
 * beyond ASCII. */
#define NAME_NOT_ASCII 0xFF
struct bytes name_attribute_ascii(const struct name_attribute *attribute,
                                  uint8_t room[NAME_SIZE_MAX]);

#endif
