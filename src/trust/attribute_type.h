/* The short names of the attribute types that Names are made of: CN, O, emailAddress. Any thread;
 * constants. */
#ifndef TRUST_ATTRIBUTE_TYPE_H
#define TRUST_ATTRIBUTE_TYPE_H

#include "base/bytes.h"

/* type is the content of an OID. NULL when it has no name here: print its numbers then. */
const char *attribute_type_short_name(struct bytes type);

/* Longest OID that has a name here. */
#define ATTRIBUTE_TYPE_SIZE_MAX 16

/*
 * The way back, for people's names of types: as they are printed, in any case, and those of
 * Windows (E, S, G, T, I). Writes the content of the OID; returns its length, 0 when there is no
 * such type.
 */
size_t attribute_type_from_name(struct bytes name, uint8_t out[ATTRIBUTE_TYPE_SIZE_MAX]);

#endif
