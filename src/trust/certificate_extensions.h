/* The extensions of a certificate (RFC 5280 4.2), read into it. Called by certificate.c only. */
#ifndef TRUST_CERTIFICATE_EXTENSIONS_H
#define TRUST_CERTIFICATE_EXTENSIONS_H

#include "certificate.h"

/* Reads SEQUENCE OF Extension; a malformed or repeated one fails the reader. */
void certificate_extensions_take(struct bytes_reader *reader, struct certificate *certificate);

#endif
