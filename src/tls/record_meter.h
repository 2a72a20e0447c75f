/*
 * Counts TLS records as they pass, so that a client which sends many of them and says nothing is
 * noticed: KeyUpdates, empty records, warning alerts, fragments of a byte (RFC 8446 5.5 and 4.6.3
 * leave it to us).
 *
 * Belongs to one session. Works on the plain record headers, knows no keys.
 */
#ifndef TLS_RECORD_METER_H
#define TLS_RECORD_METER_H

#include <stdint.h>

#include "base/bytes.h"
#include "tls/tls_failure.h"

/* Records of a handshake: 64 KiB of certificates in fragments of 128 bytes pass, single bytes do
 * not. */
#define RECORD_METER_HANDSHAKE_MAX 512

/* Afterwards: records in excess of the data they carried, at a record for each KiB. */
#define RECORD_METER_SERVING_MAX         64
#define RECORD_METER_BYTES_PER_RECORD    1024
#define RECORD_METER_FORGIVEN_PER_SECOND 1 /* whoever rekeys now and then may do so for ever */

/* RFC 8446 5.2. TLS 1.2 would allow 2048 instead of 256, but no suite of ours needs so much. */
#define RECORD_METER_BODY_MAX (16384 + 256)

struct record_meter {
    uint32_t balance;   /* records not yet paid for by data */
    uint32_t limit;     /* of balance */
    uint16_t body_left; /* bytes of the present record still to come */
    uint8_t header_size;
    uint8_t length_high;  /* of the header being read */
    uint16_t body_size;   /* of the latest record */
    uint32_t paid_bytes;  /* less than a KiB, kept for the next payment */
    uint64_t forgiven_ms; /* monotonic: until when time has paid */
};

void record_meter_init(struct record_meter *meter);

/* From here on, now_ms by the monotonic clock, the limit of an established connection holds. */
void record_meter_end_handshake(struct record_meter *meter, uint64_t now_ms);

/* RECORD_FLOOD or RECORD_TOO_LARGE when a record that begins in these bytes passes a limit, else
 * NONE. */
enum tls_failure record_meter_count(struct record_meter *meter, struct bytes ciphertext);

/* The record of application data that input begins with, with its header, when all of it is there;
 * else nothing. */
struct bytes record_meter_first(struct bytes input);

/* Whether the latest byte was not the last of its record. */
bool record_meter_is_within(const struct record_meter *meter);

/*
 * The most bytes, up to limit, after which a record ends, if all to come are as large as the latest
 * one: who receives so many at a time has whole records. limit when that cannot be told.
 */
size_t record_meter_whole(const struct record_meter *meter, size_t limit);

/* A read yielded so many bytes of application data. */
void record_meter_credit(struct record_meter *meter, size_t data_bytes);

#endif
