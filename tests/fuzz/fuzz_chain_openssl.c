/*
 * Who gets in here gets in with OpenSSL at its strictest, too: the path that was found for a chain
 * must satisfy X509_verify_cert() with X509_V_FLAG_X509_STRICT, purpose sslclient, level 2,
 * policies checked and no partial chains. The other way round nothing is claimed: we may be the
 * stricter.
 *
 * A changed certificate would end at its signature, so each is signed anew after the change, all
 * with one key: what is compared are the rules behind the signatures. Input: certificates, each
 * after two bytes: bit 15 is set for a trusted one, bits 0 to 13 are its length.
 */
#include <stdio.h>
#include <stdlib.h>

#include <openssl/evp.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "../../src/trust/path.h"
#include "../../src/trust/x509_signature.h"
#include "base/check.h"
#include "der_mutator.h"
#include "finished_trust_set.h"

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#define NOW            1800000000
#define AUTH_LEVEL     2
#define TRUSTED_MAX    8
#define INPUT_MAX      32768
#define MARK_TRUSTED   0x8000
#define MARK_LENGTH    0x3FFF
#define MARK_SIZE      2
#define KEY_SIZE       32
#define SIGNATURE_SIZE 64
#define ANY_POLICY     "2.5.29.32.0"
#define NOT_THERE      (-1) /* of an extension */

/* Everybody's. The seeds hold its public half. */
static const uint8_t key_bytes[KEY_SIZE] = "sallyport fuzz: everybody's key";

static EVP_PKEY *key;
static X509_VERIFY_PARAM *strict;

static bool is_always(X509 *certificate, int depth)
{
    (void)certificate;
    (void)depth;
    return true;
}

static bool is_ca_for_any_purpose(X509 *certificate, int depth)
{
    return depth > 0 && (X509_get_extended_key_usage(certificate) & XKU_ANYEKU) != 0;
}

static bool is_leaf(X509 *certificate, int depth)
{
    (void)certificate;
    return depth == 0;
}

/* OpenSSL tells by names and key identifiers alone. */
static bool is_not_signed_by_itself(X509 *certificate, int depth)
{
    EVP_PKEY *own_key = X509_get0_pubkey(certificate);
    return depth == 0 && (own_key == NULL || X509_verify(certificate, own_key) != 1);
}

static bool is_without_key_usage(X509 *certificate, int depth)
{
    return depth > 0 && X509_get_ext_by_NID(certificate, NID_key_usage, -1) < 0;
}

/*
 * What OpenSSL refuses and we let in, on purpose; the rest of the path must please it still. The
 * rows of its strict flag are duties of whoever issues (RFC 5280 section 4), which validation
 * (section 6) does not ask for, and which CAs in use do not all keep.
 */
/* clang-format off */
static const struct {
    int error;
    bool (*applies)(X509 *certificate, int depth);
    const char *why;
} explained[] = {
    {X509_V_ERR_INVALID_PURPOSE, is_ca_for_any_purpose,
     "4.2.1.12: anyExtendedKeyUsage restricts nothing, so a CA that bears it may issue clients"},
    {X509_V_ERR_MISSING_AUTHORITY_KEY_IDENTIFIER, is_always,
     "4.2.1.1: helps to find an issuer; where it stands it is heeded, and the signature decides"},
    {X509_V_ERR_MISSING_SUBJECT_KEY_IDENTIFIER, is_always,
     "4.2.1.2: the other half of the same"},
    {X509_V_ERR_CA_BCONS_NOT_CRITICAL, is_always,
     "4.2.1.9: critical or not, it is read and heeded"},
    {X509_V_ERR_CA_CERT_MISSING_KEY_USAGE, is_always,
     "6.1.4 n: keyCertSign must be set if the extension is there; old roots are without"},
    {X509_V_ERR_PATHLEN_WITHOUT_KU_KEY_CERT_SIGN, is_without_key_usage,
     "the same of a CA that bounds the path below it"},
    {X509_V_ERR_KU_KEY_CERT_SIGN_INVALID_FOR_NON_CA, is_always,
     "4.2.1.9: who is no CA issues nothing here, whatever its key usage says"},
    {X509_V_ERR_INVALID_CA, is_leaf,
     "the same of a client that says nothing else of being a CA"},
    {X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, is_not_signed_by_itself,
     "6.1: self-issued is not self-signed: a CA may issue a certificate of its own name for another key"},
    {X509_V_ERR_SUBJECT_NAME_EMPTY, is_always,
     "4.1.2.6: a client without any name has none in its identity either, and meets no rule by one"},
    {X509_V_ERR_EMPTY_SUBJECT_SAN_NOT_CRITICAL, is_always,
     "4.2.1.6: critical or not, it is read and heeded"},
};
/* clang-format on */

static int judge_error(int is_fine, X509_STORE_CTX *verification)
{
    int error = X509_STORE_CTX_get_error(verification);
    int depth = X509_STORE_CTX_get_error_depth(verification);
    X509 *certificate = X509_STORE_CTX_get_current_cert(verification);
    for (size_t i = 0; !is_fine && i < sizeof(explained) / sizeof(explained[0]); i++) {
        is_fine = explained[i].error == error && explained[i].applies(certificate, depth);
    }
    if (!is_fine) {
        (void)fprintf(stderr, "OpenSSL refuses: error %d at depth %d: %s\n", error, depth,
                      X509_verify_cert_error_string(error));
    }
    return is_fine;
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    (void)argument_count;
    (void)arguments;
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key_bytes, KEY_SIZE);
    strict = X509_VERIFY_PARAM_new();
    CHECK(key != NULL && strict != NULL);
    CHECK(X509_VERIFY_PARAM_set_flags(strict, X509_V_FLAG_X509_STRICT | X509_V_FLAG_POLICY_CHECK));
    CHECK(X509_VERIFY_PARAM_set_purpose(strict, X509_PURPOSE_SSL_CLIENT));
    CHECK(X509_VERIFY_PARAM_add0_policy(strict, OBJ_txt2obj(ANY_POLICY, 1)));
    X509_VERIFY_PARAM_set_auth_level(strict, AUTH_LEVEL);
    X509_VERIFY_PARAM_set_depth(strict, PATH_LENGTH_MAX);
    X509_VERIFY_PARAM_set_time(strict, NOW);
    return 0;
}

/*
 * One more difference: serial number and issuer of an authority key identifier do not count. A CA
 * that is renewed keeps its key and gets another number, and its clients stay in; the signature
 * decides (4.2.1.1 helps to find an issuer, section 6 does not ask for it).
 */
static int may_have_issued(X509_STORE_CTX *verification, X509 *certificate, X509 *issuer)
{
    int error = X509_check_issued(issuer, certificate);
    (void)verification;
    return error == X509_V_OK || error == X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH;
}

static X509 *read_for_openssl(struct bytes der)
{
    const unsigned char *at = der.at;
    X509 *certificate = d2i_X509(NULL, &at, (long)der.length);
    if (certificate == NULL || at != der.at + der.length) {
        (void)fprintf(stderr, "OpenSSL cannot read a certificate of the path\n");
        abort();
    }
    return certificate;
}

/* Whether each says where or by whom, which it must (4.2.1.13). */
static bool are_complete(const CRL_DIST_POINTS *points)
{
    for (int i = 0; i < sk_DIST_POINT_num(points); i++) {
        const DIST_POINT *point = sk_DIST_POINT_value(points, i);
        if (point->distpoint == NULL && sk_GENERAL_NAME_num(point->CRLissuer) <= 0) {
            return false;
        }
    }
    return points != NULL;
}

/*
 * A certificate that OpenSSL takes for no one's because of an extension that is nobody's concern
 * here: without CRLs, distribution points that are not critical are ignored unread (4.2).
 */
static bool has_unreadable_points(X509 *certificate)
{
    int criticality;
    CRL_DIST_POINTS *points =
        X509_get_ext_d2i(certificate, NID_crl_distribution_points, &criticality, NULL);
    bool is_there = criticality != NOT_THERE;
    bool is_readable = are_complete(points);
    CRL_DIST_POINTS_free(points);
    return is_there && !is_readable;
}

/* Of policies that have been read here, what is in a qualifier: it restricts nothing, and is
 * ignored unread as well (4.2.1.4). */
static bool has_unreadable_qualifiers(X509 *certificate)
{
    int criticality;
    CERTIFICATEPOLICIES *policies =
        X509_get_ext_d2i(certificate, NID_certificate_policies, &criticality, NULL);
    bool is_readable = policies != NULL;
    CERTIFICATEPOLICIES_free(policies);
    return criticality != NOT_THERE && !is_readable;
}

static bool has_what_only_openssl_reads(struct bytes der)
{
    X509 *certificate = read_for_openssl(der);
    bool has_some = has_unreadable_points(certificate) || has_unreadable_qualifiers(certificate);
    X509_free(certificate);
    return has_some;
}

/* The difference of may_have_issued(), where OpenSSL asks nobody: it takes such a root for none and
 * looks for its issuer for ever. The loader has held its signature against its own key. */
static bool names_another_number(struct bytes root_der)
{
    X509 *root = read_for_openssl(root_der);
    bool is_other = X509_check_issued(root, root) == X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH;
    X509_free(root);
    return is_other;
}

static bool is_comparable(const struct path_outcome *outcome)
{
    if (names_another_number(outcome->certificates[outcome->count - 1]->der)) {
        return false;
    }
    for (size_t i = 0; i < outcome->count; i++) {
        if (has_what_only_openssl_reads(outcome->certificates[i]->der)) {
            return false;
        }
    }
    return true;
}

/* Nothing but the path: which of several to take is not what is compared. */
static void ask_openssl(const struct path_outcome *outcome)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *verification = X509_STORE_CTX_new();
    STACK_OF(X509) *trusted = sk_X509_new_null();
    STACK_OF(X509) *between = sk_X509_new_null();
    CHECK(store != NULL && verification != NULL && trusted != NULL && between != NULL);
    X509 *leaf = read_for_openssl(outcome->certificates[0]->der);
    for (size_t i = 1; i + 1 < outcome->count; i++) {
        CHECK(sk_X509_push(between, read_for_openssl(outcome->certificates[i]->der)) > 0);
    }
    X509 *root = read_for_openssl(outcome->certificates[outcome->count - 1]->der);
    CHECK(sk_X509_push(trusted, root) > 0);
    X509_STORE_set_check_issued(store, may_have_issued);
    CHECK(X509_STORE_CTX_init(verification, store, leaf, between));
    X509_STORE_CTX_set0_trusted_stack(verification, trusted);
    CHECK(X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(verification), strict));
    X509_STORE_CTX_set_verify_cb(verification, judge_error);
    if (X509_verify_cert(verification) != 1) {
        abort();
    }
    X509_STORE_CTX_free(verification);
    X509_STORE_free(store);
    sk_X509_pop_free(trusted, X509_free);
    sk_X509_pop_free(between, X509_free);
    X509_free(leaf);
}

/* What the loader of trusted files takes for a root (trusted_chain.c). */
static bool is_root(const struct certificate *ca)
{
    return certificate_may_be_issued_by(ca, ca) &&
           x509_signature_is_valid(&ca->key, &ca->signature_algorithm, ca->tbs, ca->signature);
}

/* In place: an Ed25519 signature always has the same length. */
static void sign(uint8_t *der, size_t length)
{
    struct certificate certificate;
    size_t signature_length = SIGNATURE_SIZE;
    if (!certificate_read(bytes_from(der, length), &certificate) ||
        certificate.signature.length != SIGNATURE_SIZE) {
        return;
    }
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    CHECK(signing != NULL && EVP_DigestSignInit(signing, NULL, NULL, NULL, key));
    CHECK(EVP_DigestSign(signing, der + (certificate.signature.at - der), &signature_length,
                         certificate.tbs.at, certificate.tbs.length));
    EVP_MD_CTX_free(signing);
}

static uint16_t mark_at(const uint8_t *data)
{
    return (uint16_t)(data[0] << 8 | data[1]);
}

/* The next certificate of the input from *at on; empty at the end. */
static struct bytes take(const uint8_t *data, size_t size, size_t *at, uint16_t *ret_mark)
{
    if (size - *at <= MARK_SIZE) {
        return (struct bytes){0};
    }
    *ret_mark = mark_at(data + *at);
    size_t length = *ret_mark & MARK_LENGTH;
    size_t left = size - *at - MARK_SIZE;
    struct bytes der = bytes_from(data + *at + MARK_SIZE, length < left ? length : left);
    *at += MARK_SIZE + der.length;
    return der;
}

/* Fills chain and set from the input, each certificate signed anew; false: there is no leaf. */
static bool read_input(uint8_t *data, size_t size, struct presented_chain *chain,
                       struct trust_set *trusted)
{
    size_t at = 0;
    uint16_t mark;
    chain->count = 0;
    for (struct bytes der = take(data, size, &at, &mark);
         der.length > 0 && chain->count < PATH_PRESENTED_COUNT_MAX;
         der = take(data, size, &at, &mark)) {
        struct certificate certificate;
        sign(data + (der.at - data), der.length);
        bool is_readable = certificate_read(der, &certificate);
        if ((mark & MARK_TRUSTED) == 0) {
            chain->certificates[chain->count] = certificate;
            chain->is_readable[chain->count++] = is_readable;
        } else if (is_readable && certificate.is_ca && trusted->count < TRUSTED_MAX) {
            trust_set_add(trusted, &certificate, is_root(&certificate));
        }
    }
    return chain->count > 0 && chain->is_readable[0];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct presented_chain chain;
    static uint8_t memory[INPUT_MAX];
    struct trust_set trusted;
    struct path_outcome outcome;
    size = size < INPUT_MAX ? size : INPUT_MAX;
    memcpy(memory, data, size);
    if (!result_is_ok(trust_set_init(&trusted, TRUSTED_MAX))) {
        return 0;
    }
    if (read_input(memory, size, &chain, &trusted) && finish_trust_set(&trusted)) {
        path_find(&chain, &trusted, NOW, &outcome);
        if (outcome.fault == PATH_FAULT_NONE && is_comparable(&outcome)) {
            ask_openssl(&outcome);
        }
    }
    trust_set_deinit(&trusted);
    return 0;
}

/* Mutation. */

static uint32_t pick(uint32_t *chance, size_t count)
{
    *chance = *chance * 1664525 + 1013904223;
    return (*chance >> 8) % (uint32_t)count;
}

/* One of the input's certificates; empty when it has none. */
static struct bytes pick_certificate(const uint8_t *data, size_t size, uint32_t *chance)
{
    struct bytes found[PATH_PRESENTED_COUNT_MAX];
    size_t count = 0;
    size_t at = 0;
    uint16_t mark;
    for (struct bytes der = take(data, size, &at, &mark);
         der.length > 0 && count < PATH_PRESENTED_COUNT_MAX; der = take(data, size, &at, &mark)) {
        found[count++] = der;
    }
    return count == 0 ? (struct bytes){0} : found[pick(chance, count)];
}

static struct bytes pick_element(struct bytes der, uint32_t *chance)
{
    static struct der_parts parts;
    der_list(der, &parts);
    if (parts.count == 0) {
        return (struct bytes){0};
    }
    struct der_part part = parts.items[pick(chance, parts.count)];
    return bytes_slice(der, part.at, part.end - part.at);
}

/* Changes one element of one certificate; 0 when that cannot be. */
static size_t change_element(uint8_t *data, size_t size, size_t max_size, uint32_t *chance)
{
    static struct der_parts parts;
    static struct der_buffer buffer;
    struct bytes der = pick_certificate(data, size, chance);
    struct bytes other = pick_element(pick_certificate(data, size, chance), chance);
    der_list(der, &parts);
    if (parts.count == 0) {
        return 0;
    }
    struct der_part part = parts.items[pick(chance, parts.count)];
    enum der_change change = (enum der_change)pick(chance, DER_CHANGE_COUNT);
    if (!der_write_change(der, &part, change, other, &buffer) ||
        !der_put(der, &parts, part, &buffer) || size - der.length + buffer.length > max_size) {
        return 0;
    }
    uint8_t *start = data + (der.at - data);
    size_t after = size - (size_t)(der.at - data) - der.length;
    memmove(start + buffer.length, start + der.length, after);
    memcpy(start, buffer.at, buffer.length);
    start[-2] = (uint8_t)((start[-2] & ~(MARK_LENGTH >> 8)) | buffer.length >> 8);
    start[-1] = (uint8_t)buffer.length;
    return size - der.length + buffer.length;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    uint32_t chance = seed;
    size_t changed = pick(&chance, 8) == 0 ? 0 : change_element(data, size, max_size, &chance);
    return changed > 0 ? changed : LLVMFuzzerMutate(data, size, max_size);
}
