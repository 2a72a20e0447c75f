/* Identities: every value as OpenSSL prints it, and nothing hostile in any of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate_builder.h"
#include "trust/identity.h"
#include "trust_pki.h"

static struct builder_key *key;

static int prepare(void **state)
{
    key = builder_key_create();
    return trust_pki_make(state);
}

static int clean(void **state)
{
    builder_key_destroy(key);
    return trust_pki_remove(state);
}

static struct identity *make(struct bytes leaf)
{
    struct identity *identity = NULL;
    assert_true(result_is_ok(identity_create(&leaf, 1, &identity)));
    return identity;
}

#define ASSERT_BYTES(actual, expected)                                                            \
    do {                                                                                          \
        struct bytes actual_bytes = (actual);                                                     \
        struct bytes expected_bytes = (expected);                                                 \
        if (!bytes_equal(actual_bytes, expected_bytes)) {                                         \
            fail_msg("%.*s is not %.*s", (int)actual_bytes.length, (const char *)actual_bytes.at, \
                     (int)expected_bytes.length, (const char *)expected_bytes.at);                \
        }                                                                                         \
    } while (0)

static void every_value_is_what_openssl_prints(void **state)
{
    (void)state;
    static const struct {
        const char *suffix;
        size_t field;
    } values[] = {
        {"subject", offsetof(struct identity, subject)},
        {"issuer", offsetof(struct identity, issuer)},
        {"serial", offsetof(struct identity, serial)},
        {"start_date", offsetof(struct identity, start_date)},
        {"end_date", offsetof(struct identity, end_date)},
        {"fingerprint", offsetof(struct identity, fingerprint)},
        {"fingerprint_sha256", offsetof(struct identity, fingerprint_sha256)},
    };
    int count = atoi((const char *)trust_pki_read("names.count").at);
    assert_in_range(count, 10, 100);
    for (int number = 0; number < count; number++) {
        char name[64];
        snprintf(name, sizeof(name), "name_%d.der", number);
        struct identity *identity = make(trust_pki_read(name));
        for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
            snprintf(name, sizeof(name), "name_%d.%s", number, values[i].suffix);
            const void *field = (const char *)identity + values[i].field;
            ASSERT_BYTES(*(const struct bytes *)field, trust_pki_read(name));
        }
        identity_destroy(identity);
    }
}

static int hex_value(uint8_t digit)
{
    return digit >= 'A' ? digit - 'A' + 10 : digit - '0';
}

static void escaped_pem_is_the_pem_with_its_last_newline(void **state)
{
    (void)state;
    struct identity *identity = make(trust_pki_read("name_0.der"));
    char decoded[8192];
    size_t length = 0;
    for (size_t i = 0; i < identity->escaped_pem.length; i++) {
        const uint8_t *at = identity->escaped_pem.at + i;
        bool is_escape = at[0] == '%';
        decoded[length++] = (char)(is_escape ? hex_value(at[1]) * 16 + hex_value(at[2]) : at[0]);
        i += is_escape ? 2 : 0;
        /* Only what RFC 3986 calls unreserved stands for itself. */
        assert_true(is_escape || strchr("-._~", at[0]) != NULL || (at[0] >= '0' && at[0] <= '9') ||
                    (at[0] >= 'A' && at[0] <= 'Z') || (at[0] >= 'a' && at[0] <= 'z'));
    }
    ASSERT_BYTES(bytes_from(decoded, length), trust_pki_read("name_0.pem"));
    identity_destroy(identity);
}

static void the_chain_is_copied_and_listed(void **state)
{
    (void)state;
    struct identity *identity = NULL;
    uint8_t leaf[] = {1, 2, 3, 4};
    struct bytes chain[] = {{leaf, 4}, BYTES_OF("\xFF\xFE"), BYTES_OF("abc")};
    assert_true(result_is_ok(identity_create(chain, 3, &identity)));
    leaf[0] = 9;
    assert_int_equal(identity->chain_count, 3);
    ASSERT_BYTES(identity->chain[0], BYTES_OF("\1\2\3\4"));
    ASSERT_BYTES(identity->chain[2], BYTES_OF("abc"));
    ASSERT_BYTES(identity->base64, BYTES_OF("AQIDBA=="));
    ASSERT_BYTES(identity->client_cert, BYTES_OF(":AQIDBA==:"));
    ASSERT_BYTES(identity->client_cert_chain, BYTES_OF("://4=:, :YWJj:"));
    ASSERT_BYTES(identity->escaped_pem, BYTES_OF("-----BEGIN%20CERTIFICATE-----%0AAQIDBA%3D%3D%0A"
                                                 "-----END%20CERTIFICATE-----%0A"));
    identity_destroy(identity);
}

static void what_cannot_be_read_still_has_its_der(void **state)
{
    (void)state;
    struct identity *identity = make(BYTES_OF("no certificate"));
    assert_int_equal(identity->subject.length, 0);
    assert_int_equal(identity->serial.length, 0);
    assert_int_equal(identity->end_date.length, 0);
    assert_int_equal(identity->fingerprint.length, 40);
    assert_int_equal(identity->fingerprint_sha256.length, 64);
    assert_true(identity->escaped_pem.length > 0);
    assert_int_equal(identity->client_cert_chain.length, 0);
    identity_destroy(identity);
    identity = make((struct bytes){0});
    assert_int_equal(identity->base64.length, 0);
    ASSERT_BYTES(identity->fingerprint, BYTES_OF("da39a3ee5e6b4b0d3255bfef95601890afd80709"));
    identity_destroy(identity);
}

static struct identity *make_from(struct plan plan)
{
    plan.key = key;
    struct built der = build(plan);
    return make(built_bytes(&der));
}

static void alternative_names_are_listed_in_order(void **state)
{
    (void)state;
    struct plan plan = {.subject = "x"};
    struct built names = {.length = 0};
    built_element(&names, 0x82, BYTES_OF("a.example.com"));
    built_element(&names, 0x86, BYTES_OF("spiffe://d/w"));
    built_element(&names, 0x87, BYTES_OF("\x0A\x01\x02\x03"));
    built_element(&names, 0x87, BYTES_OF("\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01"));
    built_element(&names, 0x81, BYTES_OF("a@b.c"));
    built_element(&names, 0x88, BYTES_OF("\x2A\x03\x04"));
    built_element(&names, 0xA0, BYTES_OF("\x06\x02\x2A\x03\xA0\x03\x0C\x01x"));
    plan_alt_names(&plan, built_bytes(&names));
    struct identity *identity = make_from(plan);
    ASSERT_BYTES(identity->san, BYTES_OF("DNS:a.example.com,URI:spiffe://d/w,IP:10.1.2.3,"
                                         "IP:2001:db8::1,email:a@b.c,RID:1.2.3.4,othername:1.2.3"));
    identity_destroy(identity);
}

static void a_comma_in_an_alternative_name_makes_no_second_one(void **state)
{
    (void)state;
    struct plan plan = {.subject = "x"};
    struct built names = {.length = 0};
    struct built directory = {.length = 0};
    built_rdn(&directory, BUILDER_O, 0x0C, BYTES_OF("a,b"));
    built_rdn(&directory, BUILDER_CN, 0x0C, BYTES_OF("c"));
    built_wrap(&directory, 0, 0x30);
    built_element(&names, 0x86, BYTES_OF("x,DNS:admin\\\r\nX-Admin: 1\0"));
    built_element(&names, 0xA4, built_bytes(&directory));
    plan_alt_names(&plan, built_bytes(&names));
    struct identity *identity = make_from(plan);
    ASSERT_BYTES(identity->san, BYTES_OF("URI:x\\2CDNS:admin\\5C\\0D\\0AX-Admin: 1\\00,"
                                         "DirName:CN=c\\2CO=a\\5C\\2Cb"));
    identity_destroy(identity);
}

static bool is_printable(struct bytes bytes)
{
    for (size_t i = 0; i < bytes.length; i++) {
        if (bytes.at[i] < 0x20 || bytes.at[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

static void no_byte_of_a_hostile_name_reaches_a_header(void **state)
{
    (void)state;
    uint8_t every_byte[256];
    for (unsigned i = 0; i < sizeof(every_byte); i++) {
        every_byte[i] = (uint8_t)i;
    }
    static const unsigned tags[] = {0x14, 0x16, 0x13, 0x12, 0x1E, 0x03};
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        struct built name = {.length = 0};
        size_t length = tags[i] == 0x1E ? 0xD8 : sizeof(every_byte);
        bool is_text = tags[i] != 0x12 && tags[i] != 0x03;
        built_rdn(&name, is_text ? BUILDER_CN : BUILDER_O, tags[i], bytes_from(every_byte, length));
        built_rdn(&name, BYTES_OF("\x2A\x03"), tags[i], bytes_from(every_byte, length));
        built_wrap(&name, 0, 0x30);
        struct identity *identity = make_from(
            (struct plan){.raw_subject = built_bytes(&name), .raw_issuer = built_bytes(&name)});
        assert_true(identity->subject.length > 256);
        assert_true(is_printable(identity->subject));
        assert_true(is_printable(identity->issuer));
        assert_true(is_printable(identity->common_name));
        identity_destroy(identity);
    }
}

static void a_value_too_long_is_left_out_not_cut(void **state)
{
    (void)state;
    static uint8_t text[3900];
    struct plan plan = {.issuer = "ca"};
    struct built name = {.length = 0};
    memset(text, '\n', sizeof(text));
    built_rdn(&name, BUILDER_CN, 0x0C, bytes_from(text, sizeof(text)));
    built_wrap(&name, 0, 0x30);
    plan.raw_subject = built_bytes(&name);
    struct identity *identity = make_from(plan);
    assert_int_equal(identity->subject.length, 0);
    assert_int_equal(identity->common_name.length, 0);
    ASSERT_BYTES(identity->issuer, BYTES_OF("CN=ca"));
    identity_destroy(identity);
}

static void chains_beyond_the_bounds_are_refused(void **state)
{
    (void)state;
    static uint8_t large[IDENTITY_CHAIN_SIZE_MAX + 1];
    struct identity *identity = NULL;
    struct bytes chain[IDENTITY_CHAIN_COUNT_MAX + 1] = {0};
    assert_int_equal(identity_create(chain, 0, &identity).code, ERROR_BAD_INPUT);
    assert_int_equal(identity_create(chain, IDENTITY_CHAIN_COUNT_MAX + 1, &identity).code,
                     ERROR_BAD_INPUT);
    chain[0] = bytes_from(large, sizeof(large));
    assert_int_equal(identity_create(chain, 1, &identity).code, ERROR_BAD_INPUT);
    chain[0] = bytes_from(large, sizeof(large) - 1);
    assert_true(result_is_ok(identity_create(chain, 1, &identity)));
    identity_destroy(identity);
    chain[0].length = SIZE_MAX;
    assert_int_equal(identity_create(chain, 1, &identity).code, ERROR_BAD_INPUT);
    identity_destroy(NULL);
}

static void digests_tell_chains_apart(void **state)
{
    (void)state;
    struct bytes one[] = {BYTES_OF("ab"), BYTES_OF("c")};
    struct bytes two[] = {BYTES_OF("a"), BYTES_OF("bc")};
    struct identity *a = NULL;
    struct identity *b = NULL;
    assert_true(result_is_ok(identity_create(one, 2, &a)));
    assert_true(result_is_ok(identity_create(two, 2, &b)));
    assert_memory_not_equal(a->chain_digest, b->chain_digest, IDENTITY_DIGEST_SIZE);
    identity_destroy(b);
    assert_true(result_is_ok(identity_create(one, 2, &b)));
    assert_memory_equal(a->chain_digest, b->chain_digest, IDENTITY_DIGEST_SIZE);
    identity_destroy(a);
    identity_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_what_openssl_prints),
        cmocka_unit_test(escaped_pem_is_the_pem_with_its_last_newline),
        cmocka_unit_test(the_chain_is_copied_and_listed),
        cmocka_unit_test(what_cannot_be_read_still_has_its_der),
        cmocka_unit_test(alternative_names_are_listed_in_order),
        cmocka_unit_test(a_comma_in_an_alternative_name_makes_no_second_one),
        cmocka_unit_test(no_byte_of_a_hostile_name_reaches_a_header),
        cmocka_unit_test(a_value_too_long_is_left_out_not_cut),
        cmocka_unit_test(chains_beyond_the_bounds_are_refused),
        cmocka_unit_test(digests_tell_chains_apart),
    };
    return cmocka_run_group_tests(tests, prepare, clean);
}
