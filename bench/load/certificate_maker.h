/*
 * Issues client certificates of a test CA: a new P-256 key each, for clientAuth, valid from a day
 * ago for a month. The main thread's.
 */
#ifndef LOAD_CERTIFICATE_MAKER_H
#define LOAD_CERTIFICATE_MAKER_H

#include <stdint.h>

#include "base/result.h"

struct certificate_maker;
struct identity;

/*
 * issuer: a CA certificate in PEM, with what its clients send behind their own when it is not a
 * root, and its P-256 key. ERROR_BAD_INPUT when they cannot be used.
 */
struct result certificate_maker_create(const struct identity *issuer,
                                       struct certificate_maker **ret_maker);
void certificate_maker_destroy(struct certificate_maker *maker);

/* One named "load-client-NUMBER"; its memory is the caller's. */
struct result certificate_maker_make(struct certificate_maker *maker, uint64_t number,
                                     struct identity *ret_identity);

#endif
