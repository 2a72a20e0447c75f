/*
 * The record path through a TLS session of ours, and whole handshakes, over memory: wolfSSL is on
 * both sides, so a row that reads has what the client's side costs in the row before it. Each
 * thread has a context of its own, as each worker does.
 */
#include "../../tests/unit/tls/memory_client.h"

#include "base/check.h"
#include "bench.h"

#define SMALL 300
#define LARGE 16384

struct user {
    struct tls_credential *credential;
    struct tls_context *context;
    struct link link;
    uint8_t plaintext[LARGE];
};

static void write_record(struct user *user, size_t length)
{
    CHECK(tls_session_write(user->link.session, bytes_from(user->plaintext, length)) == TLS_DONE);
    user->link.to_client.end = 0; /* nobody reads it */
}

static void write_small(void *own, uint64_t step)
{
    (void)step;
    write_record(own, SMALL);
}

static void write_large(void *own, uint64_t step)
{
    (void)step;
    write_record(own, LARGE);
}

static void let_client_write(struct user *user, size_t length)
{
    struct link *link = &user->link;
    link->to_server.start = link->to_server.end = 0;
    CHECK(wolfSSL_write(link->client, user->plaintext, (int)length) == (int)length);
}

static void client_small(void *own, uint64_t step)
{
    (void)step;
    let_client_write(own, SMALL);
}

static void client_large(void *own, uint64_t step)
{
    (void)step;
    let_client_write(own, LARGE);
}

static void read_record(struct user *user, size_t length)
{
    size_t got = 0;
    let_client_write(user, length);
    CHECK(server_read(&user->link, user->plaintext, sizeof(user->plaintext), &got) == TLS_DONE);
    CHECK(got == length);
}

static void read_small(void *own, uint64_t step)
{
    (void)step;
    read_record(own, SMALL);
}

static void read_large(void *own, uint64_t step)
{
    (void)step;
    read_record(own, LARGE);
}

/* The client of the user's link stays; a connection of its own is made and closed. */
static void shake_hands(void *own, uint64_t step)
{
    struct user *user = own;
    struct link *link = &user->link;
    (void)step;
    tls_session_destroy(link->session);
    wolfSSL_free(link->client);
    client_hello_deinit(&link->hello);
    client_hello_init(&link->hello);
    link->session = NULL;
    link->client = NULL;
    link->to_server.start = link->to_server.end = 0;
    link->to_client.start = link->to_client.end = 0;
    CHECK(link_handshake(link) == TLS_DONE);
    tls_session_drop_peer_chain(link->session);
}

/* clang-format off */
static const struct bench_row rows[] = {
    {"write a record of 300 bytes",               write_small,  BENCH_OWN_WRITES},
    {"write a record of 16 KiB",                  write_large,  BENCH_OWN_WRITES},
    {"the client writes 300 bytes",               client_small, BENCH_ALLOCATES | BENCH_OWN_WRITES},
    {"the client writes 300 bytes, we read",      read_small,   BENCH_ALLOCATES | BENCH_OWN_WRITES},
    {"the client writes 16 KiB",                  client_large, BENCH_ALLOCATES | BENCH_OWN_WRITES},
    {"the client writes 16 KiB, we read",         read_large,   BENCH_ALLOCATES | BENCH_OWN_WRITES},
    {"full mTLS handshake, both sides",           shake_hands,  BENCH_ALLOCATES | BENCH_OWN_WRITES},
};
/* clang-format on */

static void *start_own(uint32_t thread)
{
    static const char *const suites[] = {"TLS_AES_128_GCM_SHA256", NULL};
    static const char *const groups[] = {"X25519", NULL};
    struct test_policy memory;
    struct user *user = calloc(1, sizeof(*user));
    int group = WOLFSSL_ECC_X25519;
    (void)thread;
    CHECK(user != NULL);
    user->credential = credential_named("p256");
    const struct tls_credential *credentials[] = {user->credential};
    CHECK(result_is_ok(tls_context_create(
        credentials, 1, make_profile(&memory, CONFIG_TLS_1_3, suites, groups, CONFIG_VERIFY_STRICT),
        NULL, &user->context)));
    link_init_version(&user->link, user->context, CONFIG_TLS_1_3);
    link_use_certificate(&user->link, "good");
    CHECK(wolfSSL_CTX_set_groups(user->link.client_context, &group, 1) == WOLFSSL_SUCCESS);
    CHECK(link_handshake(&user->link) == TLS_DONE);
    return user;
}

static void stop_own(void *own)
{
    struct user *user = own;
    link_deinit(&user->link);
    tls_context_destroy(user->context);
    tls_credential_destroy(user->credential);
    free(user);
}

static void make_certificates(void)
{
    CHECK(make_pki(NULL) == 0);
}

static void remove_certificates(void)
{
    CHECK(remove_pki(NULL) == 0);
}

const struct bench bench_subject = {BENCH_ROWS(rows), .prepare = make_certificates,
                                    .clear = remove_certificates, .start_own = start_own,
                                    .stop_own = stop_own};
