/*
 * What wolfCrypt takes for the primitives of a handshake and of a record, without TLS around them:
 * what the gateway cannot go below, however lean it is. bench/PROFILE.md adds them up.
 *
 * A server's part of a full TLS 1.3 handshake with a client certificate is: an X25519 key, the
 * shared secret, a signature, and the check of the client's. Signatures of the chain are in the
 * trust cache. A resumed one is the first two.
 */
#include <wolfssl/options.h>

#include <wolfssl/wolfcrypt/aes.h>
#include <wolfssl/wolfcrypt/curve25519.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/sha256.h>

#include <stdlib.h>

#include "base/check.h"
#include "bench.h"
#include "tls/tls_library.h"

#define KEY_BYTES       32
#define SIGNATURE_MAX   80
#define RECORD_BYTES    16384
#define AES_KEY_BYTES   16
#define AES_NONCE_BYTES 12
#define AES_TAG_BYTES   16

struct user {
    WC_RNG random;
    curve25519_key exchange_key;
    curve25519_key peer_key;
    ecc_key key;
    Aes aes;
    uint8_t digest[WC_SHA256_DIGEST_SIZE];
    uint8_t signature[SIGNATURE_MAX];
    word32 signature_length;
    uint8_t nonce[AES_NONCE_BYTES];
    uint8_t tag[AES_TAG_BYTES];
    uint8_t record[RECORD_BYTES];
    uint8_t sealed[RECORD_BYTES];
};

static void make_exchange_key(void *own, uint64_t step)
{
    struct user *user = own;
    curve25519_key key;
    (void)step;
    CHECK(wc_curve25519_init(&key) == 0);
    CHECK(wc_curve25519_make_key(&user->random, KEY_BYTES, &key) == 0);
    wc_curve25519_free(&key);
}

static void agree(void *own, uint64_t step)
{
    struct user *user = own;
    uint8_t secret[KEY_BYTES];
    word32 length = sizeof(secret);
    (void)step;
    CHECK(wc_curve25519_shared_secret_ex(&user->exchange_key, &user->peer_key, secret, &length,
                                         EC25519_LITTLE_ENDIAN) == 0);
}

static void sign(void *own, uint64_t step)
{
    struct user *user = own;
    (void)step;
    user->signature_length = sizeof(user->signature);
    CHECK(wc_ecc_sign_hash(user->digest, sizeof(user->digest), user->signature,
                           &user->signature_length, &user->random, &user->key) == 0);
}

static void verify(void *own, uint64_t step)
{
    struct user *user = own;
    int is_good = 0;
    (void)step;
    CHECK(wc_ecc_verify_hash(user->signature, user->signature_length, user->digest,
                             sizeof(user->digest), &is_good, &user->key) == 0);
    CHECK(is_good == 1);
}

static void hash(void *own, uint64_t step)
{
    struct user *user = own;
    uint8_t digest[WC_SHA256_DIGEST_SIZE];
    wc_Sha256 sha;
    (void)step;
    CHECK(wc_InitSha256(&sha) == 0 && wc_Sha256Update(&sha, user->record, 1024) == 0);
    CHECK(wc_Sha256Final(&sha, digest) == 0);
    wc_Sha256Free(&sha);
}

static void seal(void *own, uint64_t step)
{
    struct user *user = own;
    (void)step;
    CHECK(wc_AesGcmEncrypt(&user->aes, user->sealed, user->record, RECORD_BYTES, user->nonce,
                           sizeof(user->nonce), user->tag, sizeof(user->tag), NULL, 0) == 0);
}

static void open_sealed(void *own, uint64_t step)
{
    struct user *user = own;
    (void)step;
    CHECK(wc_AesGcmDecrypt(&user->aes, user->record, user->sealed, RECORD_BYTES, user->nonce,
                           sizeof(user->nonce), user->tag, sizeof(user->tag), NULL, 0) == 0);
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"X25519: make a key",                        make_exchange_key, BENCH_OWN_WRITES},
    {"X25519: the shared secret",                 agree,             BENCH_OWN_WRITES},
    {"P-256: sign",                               sign,              BENCH_OWN_WRITES},
    {"P-256: verify",                             verify,            BENCH_OWN_WRITES},
    {"SHA-256 of 1 KiB",                          hash,              BENCH_OWN_WRITES},
    {"AES-128-GCM: seal 16 KiB",                  seal,              BENCH_OWN_WRITES},
    {"AES-128-GCM: open 16 KiB",                  open_sealed,       BENCH_OWN_WRITES},
};
/* clang-format on */

static void *start_own(uint32_t thread)
{
    static const uint8_t aes_key[AES_KEY_BYTES] = {1, 2, 3};
    struct user *user = calloc(1, sizeof(*user));
    (void)thread;
    CHECK(user != NULL);
    CHECK(wc_InitRng(&user->random) == 0);
    CHECK(wc_curve25519_init(&user->exchange_key) == 0 && wc_curve25519_init(&user->peer_key) == 0);
    CHECK(wc_curve25519_make_key(&user->random, KEY_BYTES, &user->exchange_key) == 0);
    CHECK(wc_curve25519_make_key(&user->random, KEY_BYTES, &user->peer_key) == 0);
    CHECK(wc_ecc_init(&user->key) == 0);
    CHECK(wc_ecc_make_key_ex(&user->random, KEY_BYTES, &user->key, ECC_SECP256R1) == 0);
    CHECK(wc_AesInit(&user->aes, NULL, INVALID_DEVID) == 0);
    CHECK(wc_AesGcmSetKey(&user->aes, aes_key, sizeof(aes_key)) == 0);
    user->digest[0] = 1; /* all zero is refused */
    sign(user, 0);
    seal(user, 0);
    return user;
}

static void stop_own(void *own)
{
    struct user *user = own;
    wc_AesFree(&user->aes);
    (void)wc_ecc_free(&user->key);
    wc_curve25519_free(&user->peer_key);
    wc_curve25519_free(&user->exchange_key);
    (void)wc_FreeRng(&user->random);
    free(user);
}

static void start_library(void)
{
    CHECK(result_is_ok(tls_library_start()));
}

const struct bench bench_subject = {BENCH_ROWS(rows), .prepare = start_library,
                                    .start_own = start_own, .stop_own = stop_own};
