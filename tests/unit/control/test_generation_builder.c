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

static void mistakes_of_the_files_come_beside_those_of_the_text(void **state)
{
    (void)state;
    struct built built =
        build("[gateway]\nworkers = many\nticket_key_file = absent-keys\nuser = no-such-user\n"
              "[listener edge]\naddress = nowhere\ncertificate = absent.pem\n"
              "certificate_key = absent.key\nssl_profile = devices\nbackend = app\n"
              "[ssl_profile devices]\ntrusted_client_ca = absent-ca.pem\nreport = perhaps\n"
              "[backend app]\nserver = nobody.invalid:80\n");
    assert_int_equal(built.result.code, ERROR_BAD_CONFIG);
    assert_int_equal(built.diagnostics.error_count, 9);
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 2, "many"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 3, "absent-keys"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 4, "no-such-user"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 6, "nowhere"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 7, "absent.pem"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 8, "absent.key"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 12, "absent-ca.pem"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 13, "perhaps"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 15, "nobody.invalid"));
    take_down(&built);
}

/* Files that are right are not blamed because something else is wrong. */
static void nothing_follows_from_a_mistake_of_the_text(void **state)
{
    (void)state;
    static const struct {
        const char *listener;
        const char *profile;
        const char *gateway;
        int line;
    } rows[] = {
        {"certificate = p256.pem\ncertificate_key =\n", "trusted_client_ca = root.pem\n", "", 4},
        {"certificate =\ncertificate_key = p256.key\n", "trusted_client_ca = root.pem\n", "", 3},
        {"certificate = p256.pem\ncertificate_key = encrypted.key\n"
         "certificate_key_passphrase_file =\n",
         "trusted_client_ca = root.pem\n", "", 5},
        {"certificate = p256.pem\n", "trusted_client_ca = root.pem\n", "", 3},
        {"certificate = p256.pem\ncertificate_key = p256.key\n", "trusted_client_ca =\n", "", 8},
        {"certificate = p256.pem\ncertificate_key = p256.key\n", "trusted_client_ca = absent.txt\n",
         "", 8},
        {"certificate = p256.pem\ncertificate_key = p256.key\n", "", "", 7},
        {"certificate = p256.pem\ncertificate_key = p256.key\n",
         "verify_client_auth_mode = passthru\n", "", 8},
        {"certificate = p256.pem\ncertificate_key = p256.key\n", "trusted_client_ca = root.pem\n",
         "[gateway]\nuser =\ngroup = daemon\n", 12},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024];
        (void)snprintf(text, sizeof(text),
                       "[listener edge]\naddress = 127.0.0.1:8443\n%sssl_profile = devices\n"
                       "backend = app\n[ssl_profile devices]\n%s" FIXTURE_BACKEND "%s",
                       rows[i].listener, rows[i].profile, rows[i].gateway);
        expect_error(text, rows[i].line, "");
    }
}

/* The chain is looked at without its key, and the second pair although the first is wrong. */
static void certificates_are_read_as_far_as_they_go(void **state)
{
    (void)state;
    struct built built =
        build("[listener edge]\naddress = 127.0.0.1:8443\ncertificate = absent.pem\n"
              "certificate =\ncertificate_key = p256.key\n"
              "certificate = p384.pem\ncertificate_key = p256.key\n"
              "ssl_profile = devices\nbackend = app\n" FIXTURE_PROFILE FIXTURE_BACKEND);
    assert_int_equal(built.result.code, ERROR_BAD_CONFIG);
    assert_int_equal(built.diagnostics.error_count, 4);
    assert_true(
        fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 3, "expected a certificate"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 3, "No such file"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 4, "expected a path"));
    assert_true(fixture_was_told(&built.diagnostics, DIAGNOSTIC_ERROR, 7, "does not match"));
    take_down(&built);
}

/* Every line of a whole configuration, one after another: gone, cut, empty, or strange. */
static void no_mistake_of_the_text_is_too_much(void **state)
{
    (void)state;
    static const char whole[] = "[gateway]\nuser = nobody\n" FIXTURE_WHOLE;
    static const char *const instead[] = {"", "[", "[listener edge]\n", "x = y\n", "backend\n"};
    for (const char *line = whole; *line != '\0'; line = strchr(line, '\n') + 1) {
        for (size_t i = 0; i <= sizeof(instead) / sizeof(instead[0]); i++) {
            char text[1024];
            const char *rest = strchr(line, '\n') + 1;
            const char *value = memchr(line, '=', (size_t)(rest - line));
            bool is_cut = i == sizeof(instead) / sizeof(instead[0]);
            int cut = is_cut && value != NULL ? (int)(value - line) + 1 : 0;
            (void)snprintf(text, sizeof(text), "%.*s%.*s%s%s", (int)(line - whole), whole, cut,
                           line, is_cut ? "\n" : instead[i], rest);
            struct built built = build(text);
            take_down(&built);
        }
    }
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
        cmocka_unit_test(mistakes_of_the_files_come_beside_those_of_the_text),
        cmocka_unit_test(nothing_follows_from_a_mistake_of_the_text),
        cmocka_unit_test(certificates_are_read_as_far_as_they_go),
        cmocka_unit_test(no_mistake_of_the_text_is_too_much),
        cmocka_unit_test(want_of_memory_is_no_mistake_of_a_file),
        cmocka_unit_test(a_warning_does_not_prevent_a_generation),
    };
    return cmocka_run_group_tests(tests, fixture_make, fixture_remove);
}
