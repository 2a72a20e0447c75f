/* Generations: all parts of a good configuration, and every mistake of all its files in one run. */
#include "control/generation_builder.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "control_fixture.h"
#include "tls/tls_credential.h"

struct built {
    struct diagnostics diagnostics;
    struct generation *generation;
    struct result result;
};

static struct built build_file(const char *path)
{
    struct built built = {0};
    diagnostics_init(&built.diagnostics);
    built.result = generation_builder_build(path, &built.diagnostics, &built.generation);
    assert_int_equal(result_is_ok(built.result), built.generation != NULL);
    assert_int_equal(result_is_ok(built.result), built.diagnostics.error_count == 0);
    return built;
}

static struct built build(const char *text)
{
    fixture_write("edge.ini", text);
    return build_file("edge.ini");
}

static void take_down(struct built *built)
{
    generation_builder_destroy(built->generation);
    diagnostics_deinit(&built->diagnostics);
}

/* Building text fails with an error at that line of edge.ini with that part, and no other. */
static void expect_error(const char *text, int line, const char *part)
{
    struct built built = build(text);
    assert_int_equal(built.result.code, ERROR_BAD_CONFIG);
    assert_int_equal(built.diagnostics.error_count, 1);
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, line, part));
    take_down(&built);
}

static void a_good_configuration_has_all_its_parts(void **state)
{
    (void)state;
    struct built built = build(FIXTURE_WHOLE);
    const struct generation *generation = built.generation;
    assert_non_null(generation);
    assert_int_equal(generation->config->listener_count, 1);
    assert_non_null(generation->trust_policies[0]);
    assert_int_equal(tls_credential_key_kind(generation->tls_credentials[0][0]),
                     TLS_KEY_ECDSA_P256);
    assert_int_equal(generation->backends[0].count, 1);
    assert_string_equal(generation->backends[0].items[0].text, "127.0.0.1:8080");
    assert_int_equal(generation->endpoint_count, 1);
    assert_int_equal(generation->endpoints[0].listener_count, 1);
    assert_ptr_equal(generation->endpoints[0].listeners[0], &generation->config->listeners[0]);
    take_down(&built);
}

static void listeners_of_one_address_share_its_endpoint(void **state)
{
    (void)state;
    struct built built = build(
        "[listener one]\naddress = 127.0.0.1:8443\naddress = 127.0.0.1:8444\nserver_name = "
        "one.example\n"
        "certificate = p256.pem\ncertificate_key = p256.key\nssl_profile = devices\nbackend = app\n"
        "[listener two]\naddress = 127.0.0.1:8444\nserver_name = two.example\n"
        "certificate = p384.pem\ncertificate_key = p384.key\nssl_profile = devices\nbackend = "
        "app\n" FIXTURE_PROFILE FIXTURE_BACKEND);
    assert_non_null(built.generation);
    const struct endpoint *endpoints = built.generation->endpoints;
    assert_int_equal(built.generation->endpoint_count, 2);
    assert_int_equal(endpoints[0].listener_count, 1);
    assert_string_equal(endpoints[0].listeners[0]->name, "one");
    assert_int_equal(endpoints[1].listener_count, 2);
    assert_string_equal(endpoints[1].listeners[0]->name, "one");
    assert_string_equal(endpoints[1].listeners[1]->name, "two");
    assert_int_equal(
        ntohs(((const struct sockaddr_in *)&endpoints[1].address.socket_address)->sin_port), 8444);
    take_down(&built);
}

static void a_listener_may_have_certificates_of_two_kinds(void **state)
{
    (void)state;
    struct built built =
        build("[listener edge]\naddress = 127.0.0.1:8443\n"
              "certificate = p256.pem\ncertificate_key = p256.key\n"
              "certificate = rsa.pem\ncertificate_key = rsa.key\n"
              "ssl_profile = devices\nbackend = app\n" FIXTURE_PROFILE FIXTURE_BACKEND);
    assert_non_null(built.generation);
    struct tls_credential *const *credentials = built.generation->tls_credentials[0];
    assert_int_equal(tls_credential_key_kind(credentials[0]), TLS_KEY_ECDSA_P256);
    assert_int_equal(tls_credential_key_kind(credentials[1]), TLS_KEY_RSA);
    take_down(&built);
}

/* Destroys what a failed build may have left, too: nothing. */
static void a_configuration_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    static const char *const paths[] = {"absent.ini", ".", "edge.ini/x"};
    fixture_write("edge.ini", FIXTURE_WHOLE);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        struct built built = build_file(paths[i]);
        assert_false(result_is_ok(built.result));
        assert_int_equal(built.diagnostics.error_count, 1);
        take_down(&built);
    }
}

static void mistakes_in_the_text_are_errors(void **state)
{
    (void)state;
    struct built built = build("[listener edge]\naddress = nowhere\n[elsewhere]\nno setting\n");
    assert_int_equal(built.result.code, ERROR_BAD_CONFIG);
    assert_true(built.diagnostics.error_count >= 3);
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 2, "nowhere"));
    take_down(&built);
    built = build("");
    assert_int_equal(built.result.code, ERROR_BAD_CONFIG);
    take_down(&built);
}

static void a_certificate_file_without_a_certificate_is_an_error(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        const char *part;
    } rows[] = {
        {"absent.pem", "No such file"},      {"no_pem.pem", "holds no certificate in PEM form"},
        {"empty.pem", "is empty"},           {"p256.key", "holds no certificate in PEM form"},
        {"not_der.pem", "cannot be parsed"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[512];
        (void)snprintf(text, sizeof(text),
                       "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = %s\n"
                       "certificate_key = p256.key\nssl_profile = devices\nbackend = app\n%s%s",
                       rows[i].file, FIXTURE_PROFILE, FIXTURE_BACKEND);
        expect_error(text, 3, rows[i].part);
    }
}

static void a_key_of_another_certificate_is_an_error(void **state)
{
    (void)state;
    expect_error("[listener edge]\naddress = 127.0.0.1:8443\ncertificate = p256.pem\n"
                 "certificate_key = p384.key\nssl_profile = devices\nbackend = app\n" //
                 FIXTURE_PROFILE FIXTURE_BACKEND,
                 4, "does not match");
}

static void a_key_that_cannot_be_read_is_an_error(void **state)
{
    (void)state;
    expect_error("[listener edge]\naddress = 127.0.0.1:8443\ncertificate = p256.pem\n"
                 "certificate_key = encrypted.key\nssl_profile = devices\nbackend = app\n" //
                 FIXTURE_PROFILE FIXTURE_BACKEND,
                 4, "is encrypted");
    expect_error("[listener edge]\naddress = 127.0.0.1:8443\ncertificate = p256.pem\n"
                 "certificate_key = encrypted.key\n"
                 "certificate_key_passphrase_file = passphrase_wrong\n"
                 "ssl_profile = devices\nbackend = app\n" FIXTURE_PROFILE FIXTURE_BACKEND,
                 4, "cannot be decrypted");
}

static void a_trusted_file_without_a_root_is_an_error(void **state)
{
    (void)state;
    expect_error(FIXTURE_LISTENER
                 "[ssl_profile devices]\ntrusted_client_ca = absent.pem\n" FIXTURE_BACKEND,
                 8, "No such file");
    struct built built = build(FIXTURE_LISTENER "[ssl_profile devices]\ntrusted_client_ca = "
                                                "intermediate.pem\n" FIXTURE_BACKEND);
    assert_int_equal(built.result.code, ERROR_BAD_CONFIG);
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR,
                                 built.diagnostics.items[0].place.line,
                                 "ApplicationGatewayOnlyOneRootCAAllowed"));
    take_down(&built);
}

static void a_name_that_cannot_be_resolved_is_an_error(void **state)
{
    (void)state;
    fixture_write("edge.ini", FIXTURE_LISTENER FIXTURE_PROFILE
                  "[backend app]\nserver = 127.0.0.1:8080\nserver = nobody.invalid:80\n");
    struct built built = build_file("edge.ini");
    assert_int_equal(built.result.code, ERROR_NAME_UNRESOLVED);
    assert_true(
        fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 11, "nobody.invalid:80: the name"));
    take_down(&built);
}

static void mistakes_of_all_files_come_in_one_run(void **state)
{
    (void)state;
    struct built built =
        build("[listener edge]\naddress = 127.0.0.1:8443\ncertificate = absent.pem\n"
              "certificate_key = absent.key\nssl_profile = devices\nbackend = app\n"
              "[ssl_profile devices]\ntrusted_client_ca = absent-ca.pem\n"
              "[backend app]\nserver = nobody.invalid:80\n");
    assert_false(result_is_ok(built.result));
    assert_int_equal(built.diagnostics.error_count, 4);
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 3, "absent.pem"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 4, "absent.key"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 8, "absent-ca.pem"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 10, "nobody.invalid"));
    take_down(&built);
}

/* Somebody who is told of a mistake would look for it in his files. */
static void want_of_memory_is_no_mistake_of_a_file(void **state)
{
    struct built built = {0};
    (void)state;
    fixture_write("edge.ini", FIXTURE_LISTENER
                  "[ssl_profile devices]\ntrusted_client_ca = absent.pem\n" FIXTURE_BACKEND);
    diagnostics_init(&built.diagnostics);
    built.diagnostics.out_of_memory = true;
    built.result = generation_builder_build("edge.ini", &built.diagnostics, &built.generation);
    assert_int_equal(built.result.code, ERROR_OUT_OF_MEMORY);
    assert_null(built.generation);
    take_down(&built);
}

static void a_warning_does_not_prevent_a_generation(void **state)
{
    (void)state;
    struct built built =
        build("[listener edge]\naddress = 127.0.0.1:8443\ncertificate = expired.pem\n"
              "certificate_key = expired.key\nssl_profile = devices\nbackend = app\n" //
              FIXTURE_PROFILE FIXTURE_BACKEND);
    assert_non_null(built.generation);
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_WARNING, 3, "has expired"));
    take_down(&built);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_configuration_has_all_its_parts),
        cmocka_unit_test(listeners_of_one_address_share_its_endpoint),
        cmocka_unit_test(a_listener_may_have_certificates_of_two_kinds),
        cmocka_unit_test(a_configuration_that_cannot_be_read_is_an_error),
        cmocka_unit_test(mistakes_in_the_text_are_errors),
        cmocka_unit_test(a_certificate_file_without_a_certificate_is_an_error),
        cmocka_unit_test(a_key_of_another_certificate_is_an_error),
        cmocka_unit_test(a_key_that_cannot_be_read_is_an_error),
        cmocka_unit_test(a_trusted_file_without_a_root_is_an_error),
        cmocka_unit_test(a_name_that_cannot_be_resolved_is_an_error),
        cmocka_unit_test(mistakes_of_all_files_come_in_one_run),
        cmocka_unit_test(want_of_memory_is_no_mistake_of_a_file),
        cmocka_unit_test(a_warning_does_not_prevent_a_generation),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
