/*
 * Walks one certificate from its first byte to its last. Called for what clients present and for
 * trusted CA files alike; what it lets through has every field in its one DER form, so later code
 * need not doubt it.
 */
#include "certificate.h"

#include "certificate_extensions.h"
#include "der.h"
#include "name.h"

/* Twenty bytes (RFC 5280 4.1.2.2), and the zero before a high bit that many CAs forget to count. */
#define SERIAL_LENGTH_MAX 21

static struct bytes take_name(struct bytes_reader *reader)
{
    struct bytes name = der_take_whole(reader, DER_SEQUENCE);
    if (!reader->failed && !name_is_valid(name)) {
        reader->failed = true;
    }
    return reader->failed ? (struct bytes){0} : name;
}

/* [0] EXPLICIT INTEGER DEFAULT v1: 1 is v2, 2 is v3. */
static uint8_t take_version(struct bytes_reader *reader)
{
    if (!der_is_next(reader, DER_CONTEXT_CONSTRUCTED(0))) {
        return 1;
    }
    struct bytes_reader inner = der_enter(reader, DER_CONTEXT_CONSTRUCTED(0));
    uint32_t number = der_take_small_number(&inner, DER_INTEGER, 2);
    der_leave(reader, &inner);
    if (number == 0) {
        reader->failed = true; /* DER leaves the default out. */
    }
    return (uint8_t)(number + 1);
}

static struct bytes take_serial(struct bytes_reader *reader)
{
    struct bytes serial = der_take_integer(reader);
    if (serial.length > SERIAL_LENGTH_MAX) {
        reader->failed = true;
    }
    return serial;
}

static void take_validity(struct bytes_reader *reader, struct certificate *certificate)
{
    struct bytes_reader inner = der_enter(reader, DER_SEQUENCE);
    certificate->not_before_seconds = der_take_time(&inner);
    certificate->not_after_seconds = der_take_time(&inner);
    der_leave(reader, &inner);
}

/* Versions 2 and 3 may carry them, nobody uses them. */
static void skip_unique_identifier(struct bytes_reader *reader, unsigned tag,
                                   const struct certificate *certificate)
{
    if (!der_is_next(reader, tag)) {
        return;
    }
    (void)der_take_named_bits(reader, tag);
    if (certificate->version < 2) {
        reader->failed = true;
    }
}

static void take_extensions(struct bytes_reader *reader, struct certificate *certificate)
{
    if (!der_is_next(reader, DER_CONTEXT_CONSTRUCTED(3))) {
        return;
    }
    struct bytes_reader inner = der_enter(reader, DER_CONTEXT_CONSTRUCTED(3));
    certificate_extensions_take(&inner, certificate);
    der_leave(reader, &inner);
    if (certificate->version < 3) {
        reader->failed = true;
    }
}

/* Reads the part that is signed; returns the algorithm that it names. */
static struct bytes take_tbs(struct bytes_reader *reader, struct certificate *certificate)
{
    struct signature_algorithm inner_algorithm;
    struct bytes_reader tbs = der_enter(reader, DER_SEQUENCE);
    certificate->version = take_version(&tbs);
    certificate->serial = take_serial(&tbs);
    signature_algorithm_take(&tbs, &inner_algorithm);
    certificate->issuer = take_name(&tbs);
    take_validity(&tbs, certificate);
    certificate->subject = take_name(&tbs);
    public_key_take(&tbs, &certificate->key);
    skip_unique_identifier(&tbs, DER_CONTEXT(1), certificate);
    skip_unique_identifier(&tbs, DER_CONTEXT(2), certificate);
    take_extensions(&tbs, certificate);
    der_leave(reader, &tbs);
    return inner_algorithm.whole;
}

bool certificate_read(struct bytes der, struct certificate *ret_certificate)
{
    if (der.length > CERTIFICATE_SIZE_MAX) {
        return false;
    }
    *ret_certificate = (struct certificate){
        .der = der,
        .path_length = CERTIFICATE_NO_NUMBER,
        .require_explicit_policy = CERTIFICATE_NO_NUMBER,
        .inhibit_policy_mapping = CERTIFICATE_NO_NUMBER,
        .inhibit_any_policy = CERTIFICATE_NO_NUMBER,
    };
    struct bytes_reader reader = der_over(der);
    struct bytes_reader outer = der_enter(&reader, DER_SEQUENCE);
    struct bytes_reader at_tbs = outer;
    struct bytes inner_algorithm = take_tbs(&outer, ret_certificate);
    ret_certificate->tbs = der_take_whole(&at_tbs, DER_SEQUENCE);
    signature_algorithm_take(&outer, &ret_certificate->signature_algorithm);
    ret_certificate->signature = der_take_whole_bytes(&outer);
    der_leave(&reader, &outer);
    /* RFC 5280 4.1.1.2: both must be the same; and 4.1.2.4: an issuer has a name. */
    if (!der_is_finished(&reader) ||
        !bytes_equal(inner_algorithm, ret_certificate->signature_algorithm.whole) ||
        name_is_empty(ret_certificate->issuer)) {
        return false;
    }
    ret_certificate->is_self_issued = name_equal(ret_certificate->issuer, ret_certificate->subject);
    return true;
}

bool certificate_may_be_issued_by(const struct certificate *certificate,
                                  const struct certificate *issuer)
{
    bool both_have_key_ids =
        certificate->authority_key_id.length > 0 && issuer->subject_key_id.length > 0;
    if (both_have_key_ids && !bytes_equal(certificate->authority_key_id, issuer->subject_key_id)) {
        return false;
    }
    return name_equal(certificate->issuer, issuer->subject);
}
