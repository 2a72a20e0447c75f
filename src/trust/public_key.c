/*
 * Reads SubjectPublicKeyInfos and judges their strength. Called when certificates are read, on any
 * thread. A key of an unknown kind is kept as such: only a path that needs it fails.
 */
#include "public_key.h"

#include "der.h"
#include "signature_algorithm.h"

#define RSA_BITS_MIN 2048
/* The longest that the library's build computes with; longer ones are as good as unsupported. */
#define RSA_BITS_MAX 4096
/* Exponents in use fit four bytes; a long one only costs us time. */
#define RSA_EXPONENT_LENGTH_MAX 4

static void take_rsa(struct bytes_reader *parameters, struct bytes bits, struct public_key *key);
static void take_rsa_pss(struct bytes_reader *parameters, struct bytes bits,
                         struct public_key *key);
static void take_curve(struct bytes_reader *parameters, struct bytes bits, struct public_key *key);
static void take_ed25519(struct bytes_reader *parameters, struct bytes bits,
                         struct public_key *key);

/* clang-format off */
static const struct {
    struct bytes oid;
    void (*take)(struct bytes_reader *parameters, struct bytes bits, struct public_key *key);
} algorithms[] = {
    {BYTES_OF("\x2A\x86\x48\xCE\x3D\x02\x01"),         take_curve},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"), take_rsa},
    {BYTES_OF("\x2B\x65\x70"),                         take_ed25519},
    {BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x01\x0A"), take_rsa_pss},
};

static const struct {
    struct bytes oid;
    enum public_key_kind kind;
    uint32_t bits;
    size_t coordinate_length;
} curves[] = {
    {BYTES_OF("\x2A\x86\x48\xCE\x3D\x03\x01\x07"), PUBLIC_KEY_P256, 256, 32},
    {BYTES_OF("\x2B\x81\x04\x00\x22"),             PUBLIC_KEY_P384, 384, 48},
    {BYTES_OF("\x2B\x81\x04\x00\x23"),             PUBLIC_KEY_P521, 521, 66},
};
/* clang-format on */

/* A positive INTEGER without the zero that only tells its sign. */
static struct bytes take_positive(struct bytes_reader *reader)
{
    struct bytes number = der_take_integer(reader);
    if (reader->failed || (number.at[0] & 0x80) != 0) {
        reader->failed = true;
        return (struct bytes){0};
    }
    return number.at[0] == 0 ? bytes_slice(number, 1, number.length) : number;
}

static uint32_t bit_length(struct bytes number)
{
    if (number.length == 0) {
        return 0;
    }
    uint32_t bits = (uint32_t)number.length * 8;
    for (uint8_t mask = 0x80; mask != 0 && (number.at[0] & mask) == 0; mask >>= 1) {
        bits--;
    }
    return bits;
}

static void take_rsa_numbers(struct bytes_reader *parameters, struct bytes bits,
                             struct public_key *key)
{
    struct bytes_reader reader = der_over(bits);
    struct bytes_reader numbers = der_enter(&reader, DER_SEQUENCE);
    key->modulus = take_positive(&numbers);
    key->exponent = take_positive(&numbers);
    der_leave(&reader, &numbers);
    if (!der_is_finished(&reader)) {
        parameters->failed = true;
        return;
    }
    key->bits = bit_length(key->modulus);
}

/* RFC 3279 2.3.1: NULL parameters; absent is seen in the field and means the same. */
static void take_rsa(struct bytes_reader *parameters, struct bytes bits, struct public_key *key)
{
    if (bytes_reader_left(parameters) > 0 && der_take(parameters, DER_NULL).length > 0) {
        parameters->failed = true;
    }
    key->kind = PUBLIC_KEY_RSA;
    take_rsa_numbers(parameters, bits, key);
}

static void take_rsa_pss(struct bytes_reader *parameters, struct bytes bits, struct public_key *key)
{
    key->kind = PUBLIC_KEY_RSA_PSS;
    take_rsa_numbers(parameters, bits, key);
    if (bytes_reader_left(parameters) > 0 &&
        !signature_algorithm_take_pss(parameters, &key->pss_digest, &key->pss_salt_length_min)) {
        key->kind = PUBLIC_KEY_UNSUPPORTED;
        key->bits = 0;
    }
}

/* RFC 5480 2.1.1: a named curve; and 2.2: the point, of which we read the uncompressed form. */
static void take_curve(struct bytes_reader *parameters, struct bytes bits, struct public_key *key)
{
    struct der_element element;
    (void)der_next(parameters, &element);
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (element.tag != DER_OID || !bytes_equal(element.content, curves[i].oid)) {
            continue;
        }
        if (bits.length != 1 + 2 * curves[i].coordinate_length || bits.at[0] != 0x04) {
            return;
        }
        key->kind = curves[i].kind;
        key->bits = curves[i].bits;
        key->point = bits;
    }
}

static void take_ed25519(struct bytes_reader *parameters, struct bytes bits, struct public_key *key)
{
    if (bits.length != 32) {
        parameters->failed = true;
        return;
    }
    key->kind = PUBLIC_KEY_ED25519;
    key->bits = 256;
    key->point = bits;
}

/* Unknown algorithms may bring any one element. */
static void skip_unknown(struct bytes_reader *parameters)
{
    struct der_element element;
    if (bytes_reader_left(parameters) > 0) {
        (void)der_next(parameters, &element);
    }
}

void public_key_take(struct bytes_reader *reader, struct public_key *ret_key)
{
    *ret_key = (struct public_key){.whole = der_take_whole(reader, DER_SEQUENCE)};
    struct bytes_reader outer = der_over(ret_key->whole);
    struct bytes_reader inner = der_enter(&outer, DER_SEQUENCE);
    struct bytes_reader algorithm = der_enter(&inner, DER_SEQUENCE);
    struct bytes oid = der_take_oid(&algorithm);
    struct bytes bits = der_take_whole_bytes(&inner);
    ret_key->content = bits;
    size_t count = sizeof(algorithms) / sizeof(algorithms[0]);
    size_t row = 0;
    while (row < count && !bytes_equal(oid, algorithms[row].oid)) {
        row++;
    }
    if (row == count) {
        skip_unknown(&algorithm);
    } else if (!inner.failed) {
        algorithms[row].take(&algorithm, bits, ret_key);
    }
    der_leave(&inner, &algorithm);
    der_leave(reader, &inner);
}

static bool is_odd(struct bytes number)
{
    return number.length > 0 && (number.at[number.length - 1] & 1) != 0;
}

static bool is_strong_rsa(const struct public_key *key)
{
    bool exponent_is_one = key->exponent.length == 1 && key->exponent.at[0] == 1;
    return key->bits >= RSA_BITS_MIN && key->bits <= RSA_BITS_MAX && is_odd(key->modulus) &&
           is_odd(key->exponent) && !exponent_is_one &&
           key->exponent.length <= RSA_EXPONENT_LENGTH_MAX;
}

bool public_key_is_strong(const struct public_key *key)
{
    switch (key->kind) {
    case PUBLIC_KEY_UNSUPPORTED:
        return false;
    case PUBLIC_KEY_RSA:
    case PUBLIC_KEY_RSA_PSS:
        return is_strong_rsa(key);
    case PUBLIC_KEY_P256:
    case PUBLIC_KEY_P384:
    case PUBLIC_KEY_P521:
    case PUBLIC_KEY_ED25519:
        return true;
    }
    return false;
}
