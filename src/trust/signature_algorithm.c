/*
 * Knows the signature algorithms by their OIDs and what parameters each may bring. Called when
 * certificates are read; what it does not know is not an error yet, since an unneeded certificate
 * may use it.
 */
#include "signature_algorithm.h"

#include "der.h"

#define SALT_LENGTH_MAX 512

enum parameters { PARAMETERS_ABSENT, PARAMETERS_NULL, PARAMETERS_PSS };

/* clang-format off */
static const struct {
    struct bytes oid;
    enum signature_kind kind;
    enum digest_kind digest;
    enum parameters parameters;
} algorithms[] = {
    {BYTES_OF("\x2A\x86\x48\xCE\x3D\x04\x03\x02"),     SIGNATURE_ECDSA,     DIGEST_SHA256, PARAMETERS_ABSENT},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0B"), SIGNATURE_RSA_PKCS1, DIGEST_SHA256, PARAMETERS_NULL},
    {BYTES_OF("\x2A\x86\x48\xCE\x3D\x04\x03\x03"),     SIGNATURE_ECDSA,     DIGEST_SHA384, PARAMETERS_ABSENT},
    {BYTES_OF("\x2A\x86\x48\xCE\x3D\x04\x03\x04"),     SIGNATURE_ECDSA,     DIGEST_SHA512, PARAMETERS_ABSENT},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0C"), SIGNATURE_RSA_PKCS1, DIGEST_SHA384, PARAMETERS_NULL},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0D"), SIGNATURE_RSA_PKCS1, DIGEST_SHA512, PARAMETERS_NULL},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A"), SIGNATURE_RSA_PSS,   DIGEST_NONE,   PARAMETERS_PSS},
    {BYTES_OF("\x2B\x65\x70"),                         SIGNATURE_ED25519,   DIGEST_NONE,   PARAMETERS_ABSENT},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x05"), SIGNATURE_RSA_PKCS1, DIGEST_SHA1,   PARAMETERS_NULL},
    {BYTES_OF("\x2A\x86\x48\xCE\x3D\x04\x01"),         SIGNATURE_ECDSA,     DIGEST_SHA1,   PARAMETERS_ABSENT},
};

static const struct {
    struct bytes oid;
    enum digest_kind digest;
} digests[] = {
    {BYTES_OF("\x60\x86\x48\x01\x65\x03\x04\x02\x01"), DIGEST_SHA256},
    {BYTES_OF("\x60\x86\x48\x01\x65\x03\x04\x02\x02"), DIGEST_SHA384},
    {BYTES_OF("\x60\x86\x48\x01\x65\x03\x04\x02\x03"), DIGEST_SHA512},
    {BYTES_OF("\x2B\x0E\x03\x02\x1A"),                 DIGEST_SHA1},
};
/* clang-format on */

#define OID_MGF1 BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x08")

/* RFC 4055 2.1: NULL, but absent must be understood too. */
static void skip_null(struct bytes_reader *reader)
{
    if (bytes_reader_left(reader) > 0 && der_take(reader, DER_NULL).length > 0) {
        reader->failed = true;
    }
}

enum digest_kind signature_algorithm_take_digest(struct bytes_reader *reader)
{
    struct bytes_reader inner = der_enter(reader, DER_SEQUENCE);
    struct bytes oid = der_take_oid(&inner);
    enum digest_kind digest = DIGEST_NONE;
    skip_null(&inner);
    der_leave(reader, &inner);
    for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
        if (bytes_equal(oid, digests[i].oid)) {
            digest = digests[i].digest;
        }
    }
    return digest;
}

/* The digest of MGF1, or DIGEST_NONE for another mask function. */
static enum digest_kind take_mask_digest(struct bytes_reader *reader)
{
    struct bytes_reader inner = der_enter(reader, DER_SEQUENCE);
    bool is_mgf1 = bytes_equal(der_take_oid(&inner), OID_MGF1);
    enum digest_kind digest = signature_algorithm_take_digest(&inner);
    der_leave(reader, &inner);
    return is_mgf1 ? digest : DIGEST_NONE;
}

bool signature_algorithm_take_pss(struct bytes_reader *reader, enum digest_kind *ret_digest,
                                  uint32_t *ret_salt_length)
{
    struct bytes_reader params = der_enter(reader, DER_SEQUENCE);
    enum digest_kind digest = DIGEST_SHA1;
    enum digest_kind mask_digest = DIGEST_SHA1;
    uint32_t salt_length = 20;
    if (der_is_next(&params, DER_CONTEXT_CONSTRUCTED(0))) {
        struct bytes_reader field = der_enter(&params, DER_CONTEXT_CONSTRUCTED(0));
        digest = signature_algorithm_take_digest(&field);
        der_leave(&params, &field);
    }
    if (der_is_next(&params, DER_CONTEXT_CONSTRUCTED(1))) {
        struct bytes_reader field = der_enter(&params, DER_CONTEXT_CONSTRUCTED(1));
        mask_digest = take_mask_digest(&field);
        der_leave(&params, &field);
    }
    if (der_is_next(&params, DER_CONTEXT_CONSTRUCTED(2))) {
        struct bytes_reader field = der_enter(&params, DER_CONTEXT_CONSTRUCTED(2));
        salt_length = der_take_small_number(&field, DER_INTEGER, SALT_LENGTH_MAX);
        der_leave(&params, &field);
    }
    if (der_is_next(&params, DER_CONTEXT_CONSTRUCTED(3))) {
        struct bytes_reader field = der_enter(&params, DER_CONTEXT_CONSTRUCTED(3));
        (void)der_take_small_number(&field, DER_INTEGER, 1);
        der_leave(&params, &field);
    }
    der_leave(reader, &params);
    if (reader->failed || digest == DIGEST_NONE || digest != mask_digest) {
        return false;
    }
    *ret_digest = digest;
    *ret_salt_length = salt_length;
    return true;
}

static void take_parameters(struct bytes_reader *reader, enum parameters parameters,
                            struct signature_algorithm *algorithm)
{
    switch (parameters) {
    case PARAMETERS_ABSENT:
        break;
    case PARAMETERS_NULL:
        skip_null(reader);
        break;
    case PARAMETERS_PSS:
        if (!signature_algorithm_take_pss(reader, &algorithm->digest,
                                          &algorithm->pss_salt_length)) {
            algorithm->kind = SIGNATURE_UNSUPPORTED;
        }
        break;
    }
}

/* Unknown algorithms may bring any one element. */
static void skip_unknown_parameters(struct bytes_reader *reader)
{
    struct der_element element;
    if (bytes_reader_left(reader) > 0) {
        (void)der_next(reader, &element);
    }
}

void signature_algorithm_take(struct bytes_reader *reader,
                              struct signature_algorithm *ret_algorithm)
{
    struct bytes whole = der_take_whole(reader, DER_SEQUENCE);
    struct bytes_reader outer = der_over(whole);
    struct bytes_reader inner = der_enter(&outer, DER_SEQUENCE);
    struct bytes oid = der_take_oid(&inner);
    size_t count = sizeof(algorithms) / sizeof(algorithms[0]);
    size_t row = 0;
    *ret_algorithm = (struct signature_algorithm){.whole = whole};
    while (row < count && !bytes_equal(oid, algorithms[row].oid)) {
        row++;
    }
    if (row == count) {
        skip_unknown_parameters(&inner);
    } else {
        ret_algorithm->kind = algorithms[row].kind;
        ret_algorithm->digest = algorithms[row].digest;
        take_parameters(&inner, algorithms[row].parameters, ret_algorithm);
    }
    der_leave(reader, &inner);
}

bool signature_algorithm_is_strong(const struct signature_algorithm *algorithm)
{
    return algorithm->kind == SIGNATURE_ED25519 ||
           (algorithm->kind != SIGNATURE_UNSUPPORTED && algorithm->digest >= DIGEST_SHA256);
}
