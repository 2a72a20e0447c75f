/*
 * Writing one field line. Called by head_writer.c and answer.c; writes into the caller's text.
 */
#ifndef HTTP_FIELD_TEXT_H
#define HTTP_FIELD_TEXT_H

#include "base/text.h"

/*
 * "name: value" and a line end. name is a token; control bytes of value become spaces, so that no
 * value, from wherever it was put together, can end its line (RFC 9110 5.5).
 */
void field_text_append(struct text *text, struct bytes name, struct bytes value);

/* The same for a value that a parser has checked. */
void field_text_append_checked(struct text *text, struct bytes name, struct bytes value);

#endif
