/* Certificates of the gateway's own: what they say of stapling, and who has issued them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "certificate_builder.h"
#include "trust/own_certificate.h"

static struct builder_key *key;
static struct builder_key *ca_key;

static int make_keys(void **state)
{
    (void)state;
    key = builder_key_create();
    ca_key = builder_key_create();
    return 0;
}

static int drop_keys(void **state)
{
    (void)state;
    builder_key_destroy(key);
    builder_key_destroy(ca_key);
    return 0;
}

static void facts_are_what_the_extensions_say(void **state)
{
    (void)state;
    struct own_certificate facts;
    struct plan plan = {.subject = "server", .key = key};
    struct built plain = build(plan);
    assert_true(own_certificate_read(built_bytes(&plain), &facts));
    assert_false(facts.names_responder || facts.must_staple);
    plan_extension(&plan, BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x01"), false,
                   BYTES_OF("\x30\x16\x30\x14\x06\x08\x2B\x06\x01\x05\x05\x07\x30\x01\x86\x08"
                            "http://a"));
    plan_extension(&plan, BYTES_OF("\x2B\x06\x01\x05\x05\x07\x01\x18"), false,
                   BYTES_OF("\x30\x03\x02\x01\x05"));
    struct built full = build(plan);
    assert_true(own_certificate_read(built_bytes(&full), &facts));
    assert_true(facts.names_responder && facts.must_staple);
    assert_false(own_certificate_read(BYTES_OF("no certificate"), &facts));
}

static void the_issuer_is_known_by_its_signature(void **state)
{
    (void)state;
    struct plan ca_plan = {.subject = "ca", .key = ca_key, .signer = ca_key};
    struct plan other_plan = {.subject = "other", .key = ca_key, .signer = ca_key};
    struct plan impostor_plan = {.subject = "ca", .key = key, .signer = key};
    struct plan plan = {.subject = "server", .issuer = "ca", .key = key, .signer = ca_key};
    struct built ca = build(ca_plan);
    struct built other = build(other_plan);
    struct built impostor = build(impostor_plan);
    struct built leaf = build(plan);
    assert_true(own_certificate_is_issued_by(built_bytes(&leaf), built_bytes(&ca)));
    assert_false(own_certificate_is_issued_by(built_bytes(&leaf), built_bytes(&other)));
    assert_false(own_certificate_is_issued_by(built_bytes(&leaf), built_bytes(&impostor)));
    assert_false(own_certificate_is_issued_by(built_bytes(&leaf), BYTES_OF("")));
    assert_false(own_certificate_is_issued_by(BYTES_OF(""), built_bytes(&ca)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(facts_are_what_the_extensions_say),
        cmocka_unit_test(the_issuer_is_known_by_its_signature),
    };
    return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
