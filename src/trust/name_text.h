/*
 * Names, OIDs and times as text for headers and logs. Any thread. What they write is printable
 * ASCII, whatever the certificate holds.
 */
#ifndef TRUST_NAME_TEXT_H
#define TRUST_NAME_TEXT_H

#include "base/text.h"

/*
 * RFC 2253 as `openssl x509 -nameopt RFC2253` prints it: last RDN first, short names, text
 * converted to UTF-8 and everything beyond ASCII as \XX; unknown attribute types by number with the
 * value's DER in hex.
 */
void name_text_append_rfc2253(struct bytes name, struct text *text);

/* The last common name, without RFC 2253's escapes: \XX for what is not printable ASCII, \5C for a
 * backslash. */
void name_text_append_common_name(struct bytes name, struct text *text);

/* 1.2.840.113549; the content of an OID. */
void name_text_append_oid(struct bytes oid, struct text *text);

/* The bytes as they are; \XX for what is not printable ASCII, for a backslash and for `also`. */
void name_text_append_escaped(struct bytes bytes, char also, struct text *text);

/* Apr 30 15:32:00 2023 GMT, the day padded with a space. */
void name_text_append_time(int64_t seconds, struct text *text);

#endif
