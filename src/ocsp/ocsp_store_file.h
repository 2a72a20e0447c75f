/*
 * The form of the OCSP cache's file: frames, each with checksums of its own, and a last one that
 * says how many there were. Numbers are little-endian. Any thread; plain values, no I/O.
 *
 *   frame   "SPOC", version u16, kind u16, length of the body u32, checksum of the body u64,
 *           checksum of the 20 bytes before u64; the body
 *   record  received_at i64; timeout, connect_timeout, read_timeout, retry_after, max_age,
 *           stale_grace u32; flags u8; lengths of the manner's URL, serial and URL u16, of issuer
 *           and response u32; these five
 *   end     count of records u64
 *
 * The checksums (FNV-1a, 64 bits) find what was cut off or has rotted; they are no proof against
 * anybody. A damaged frame is lost alone: the next one is found by its mark.
 */
#ifndef OCSP_OCSP_STORE_FILE_H
#define OCSP_OCSP_STORE_FILE_H

#include "trust/ocsp_cache.h"

#define OCSP_STORE_FILE_URL_SIZE_MAX    2048
#define OCSP_STORE_FILE_ISSUER_SIZE_MAX (64 * 1024)

#define OCSP_STORE_FILE_HEADER_SIZE 28
#define OCSP_STORE_FILE_FIXED_SIZE  47 /* of a record's body: what comes before the five parts */
#define OCSP_STORE_FILE_END_SIZE    (OCSP_STORE_FILE_HEADER_SIZE + 8)
#define OCSP_STORE_FILE_RECORD_SIZE_MAX                                                      \
    (OCSP_STORE_FILE_HEADER_SIZE + OCSP_STORE_FILE_FIXED_SIZE + OCSP_URL_SIZE_MAX +          \
     OCSP_SERIAL_SIZE_MAX + OCSP_STORE_FILE_URL_SIZE_MAX + OCSP_STORE_FILE_ISSUER_SIZE_MAX + \
     OCSP_RESPONSE_SIZE_MAX)

/* The bytes of the record's frame; 0 for one that is not stored: it has no answer, or `unknown`,
 * which is soon asked again, or a part that is larger than the maxima. */
size_t ocsp_store_file_record_size(const struct ocsp_record *record);

/* out has room for that many bytes, which are not 0. */
void ocsp_store_file_write_record(const struct ocsp_record *record, uint8_t *out);

void ocsp_store_file_write_end(uint64_t count, uint8_t out[OCSP_STORE_FILE_END_SIZE]);

/* Views into the file, but for the manner. */
struct ocsp_store_item {
    int64_t received_at_seconds;
    struct ocsp_manner manner;
    struct bytes serial;
    struct bytes url;
    struct bytes issuer;
    struct bytes response;
};

struct ocsp_store_file_reader {
    struct bytes left;
    uint64_t record_count; /* frames of records, good and bad */
    bool has_gap;
    bool has_ended;
};

struct ocsp_store_file_reader ocsp_store_file_reader_over(struct bytes file);

enum ocsp_store_piece {
    OCSP_STORE_RECORD, /* whole; whether it is true is another question */
    OCSP_STORE_BAD,    /* one damaged stretch, or the end is missing */
    OCSP_STORE_END,
};

/* The next piece of a file, hostile; its work is linear in its bytes. ret_item is set with
 * OCSP_STORE_RECORD only. */
enum ocsp_store_piece ocsp_store_file_next(struct ocsp_store_file_reader *reader,
                                           struct ocsp_store_item *ret_item);

#endif
