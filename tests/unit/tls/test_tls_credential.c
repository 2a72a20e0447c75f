/* Server certificates and keys: every form that openssl writes, and every mistake with its place.
 */
#include "tls_pki.h"

struct loaded {
    struct diagnostics diagnostics;
    struct tls_credential *credential;
    struct result result;
};

static struct loaded load(const char *chain, const char *key, const char *passphrase)
{
    struct loaded loaded = {0};
    diagnostics_init(&loaded.diagnostics);
    loaded.result =
        load_credential(chain, key, passphrase, &loaded.diagnostics, &loaded.credential);
    return loaded;
}

static void unload(struct loaded *loaded)
{
    tls_credential_destroy(loaded->credential);
    diagnostics_deinit(&loaded->diagnostics);
}

/* One message of that severity at that line, with that part; loads exactly when it is no error. */
static void expect_message(const char *chain, const char *key, const char *passphrase,
                           enum diagnostic_severity severity, int line, const char *part)
{
    struct loaded loaded = load(chain, key, passphrase);
    assert_int_equal(result_is_ok(loaded.result), severity != DIAGNOSTIC_ERROR);
    assert_int_equal(loaded.diagnostics.count, 1);
    assert_non_null(strstr(loaded.diagnostics.items[0].message, part));
    assert_int_equal(loaded.diagnostics.items[0].severity, severity);
    assert_int_equal(loaded.diagnostics.items[0].place.line, line);
    unload(&loaded);
}

static void expect_error(const char *chain, const char *key, const char *passphrase, int line,
                         const char *part)
{
    expect_message(chain, key, passphrase, DIAGNOSTIC_ERROR, line, part);
}

static void expect_good(const char *chain, const char *key, const char *passphrase,
                        enum tls_key_kind kind)
{
    struct loaded loaded = load(chain, key, passphrase);
    assert_true(result_is_ok(loaded.result));
    assert_int_equal(loaded.diagnostics.count, 0);
    assert_int_equal(tls_credential_key_kind(loaded.credential), kind);
    unload(&loaded);
}

static void every_kind_of_key_loads(void **state)
{
    (void)state;
    expect_good("p256.pem", "p256.key", NULL, TLS_KEY_ECDSA_P256);
    expect_good("p384.pem", "p384.key", NULL, TLS_KEY_ECDSA_P384);
    expect_good("p521.pem", "p521.key", NULL, TLS_KEY_ECDSA_P521);
    expect_good("ed25519.pem", "ed25519.key", NULL, TLS_KEY_ED25519);
    expect_good("rsa.pem", "rsa.key", NULL, TLS_KEY_RSA);
}

static void every_form_of_key_loads(void **state)
{
    (void)state;
    expect_good("p256.pem", "sec1.key", NULL, TLS_KEY_ECDSA_P256);
    expect_good("p256.pem", "with_parameters.key", NULL, TLS_KEY_ECDSA_P256);
    expect_good("rsa.pem", "pkcs1.key", NULL, TLS_KEY_RSA);
    expect_good("together.pem", "together.pem", NULL, TLS_KEY_ECDSA_P256);
    expect_good("crlf.pem", "p256.key", NULL, TLS_KEY_ECDSA_P256);
}

static void an_encrypted_key_loads_with_its_passphrase(void **state)
{
    (void)state;
    expect_good("p256.pem", "encrypted.key", "passphrase", TLS_KEY_ECDSA_P256);
    expect_good("p256.pem", "encrypted.key", "passphrase_crlf", TLS_KEY_ECDSA_P256);
    expect_good("p256.pem", "encrypted_aes256.key", "passphrase", TLS_KEY_ECDSA_P256);
    expect_good("rsa.pem", "encrypted_rsa.key", "passphrase", TLS_KEY_RSA);
}

static void the_chain_is_kept_in_order(void **state)
{
    (void)state;
    struct tls_credential *credential = credential_named("p256");
    assert_int_equal(tls_credential_chain_count(credential), 2);
    struct bytes chain = tls_credential_chain(credential);
    struct bytes leaf = tls_credential_certificate(credential, 0);
    struct bytes issuer = tls_credential_certificate(credential, 1);
    assert_int_equal(leaf.length + issuer.length, chain.length);
    assert_ptr_equal(leaf.at, chain.at);
    assert_int_equal(issuer.at[0], 0x30);
    assert_int_equal(tls_credential_not_before(credential), 1577836800);
    assert_int_equal(tls_credential_not_after(credential), 2524607999);
    assert_string_equal(tls_credential_key_kind_text(TLS_KEY_ECDSA_P256), "ECDSA P-256");
    tls_credential_destroy(credential);
}

static void dates_out_of_range_are_warnings(void **state)
{
    (void)state;
    expect_message("expired.pem", "expired.key", NULL, DIAGNOSTIC_WARNING, 1, "has expired");
    expect_message("future.pem", "future.key", NULL, DIAGNOSTIC_WARNING, 1, "not yet valid");
}

static void a_key_that_others_may_read_is_a_warning(void **state)
{
    (void)state;
    expect_message("p256.pem", "readable.key", NULL, DIAGNOSTIC_WARNING, 2, "read by others");
}

static void a_needless_passphrase_is_a_note(void **state)
{
    (void)state;
    expect_message("p256.pem", "p256.key", "passphrase", DIAGNOSTIC_NOTE, 3, "not encrypted");
}

static void a_file_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    expect_error("absent.pem", "p256.key", NULL, 1, "No such file");
    expect_error("p256.pem", "absent.key", NULL, 2, "No such file");
    expect_error("p256.pem", "encrypted.key", "absent", 3, "No such file");
    expect_error(".", "p256.key", NULL, 1, "not a regular file");
    expect_error("empty.pem", "p256.key", NULL, 1, "is empty");
}

static void mistakes_of_both_files_are_told_at_once(void **state)
{
    (void)state;
    struct loaded loaded = load("absent.pem", "absent.key", NULL);
    assert_int_equal(loaded.result.code, ERROR_BAD_CONFIG);
    assert_int_equal(loaded.diagnostics.error_count, 2);
    unload(&loaded);
}

static void what_is_not_pem_is_an_error(void **state)
{
    (void)state;
    expect_error("no_pem.pem", "p256.key", NULL, 1, "no certificate in PEM form");
    expect_error("p256.key", "p256.key", NULL, 1, "no certificate in PEM form");
    expect_error("unended.pem", "p256.key", NULL, 1, "no matching END line");
    expect_error("not_base64.pem", "p256.key", NULL, 1, "not Base64");
    expect_error("not_der.pem", "p256.key", NULL, 1, "cannot be parsed");
    expect_error("p256.pem", "p256.pem", NULL, 2, "no private key in PEM form");
    expect_error("p256.pem", "two.key", NULL, 2, "more than one private key");
}

static void a_chain_out_of_order_is_an_error(void **state)
{
    (void)state;
    expect_error("wrong_order.pem", "p256.key", NULL, 1, "out of order");
    expect_error("gap.pem", "p256.key", NULL, 1, "out of order");
    expect_error("too_many.pem", "p256.key", NULL, 1, "more than 10");
}

static void a_key_of_another_certificate_is_an_error(void **state)
{
    (void)state;
    expect_error("p256.pem", "client_good.key", NULL, 2, "does not match");
    expect_error("p256.pem", "p384.key", NULL, 2, "does not match");
    expect_error("p256.pem", "rsa.key", NULL, 2, "does not match");
    expect_error("rsa.pem", "client_rsa.key", NULL, 2, "does not match");
    expect_error("ed25519.pem", "client_ed25519.key", NULL, 2, "does not match");
}

static void an_encrypted_key_needs_the_right_passphrase(void **state)
{
    (void)state;
    expect_error("p256.pem", "encrypted.key", NULL, 2, "is encrypted");
    expect_error("p256.pem", "encrypted.key", "passphrase_wrong", 2, "cannot be decrypted");
    expect_error("p256.pem", "unlucky.key", "passphrase_wrong_390", 2, "cannot be decrypted");
    expect_error("p256.pem", "encrypted.key", "passphrase_empty", 3, "is empty");
    expect_error("p256.pem", "old_encrypted.key", "passphrase", 2, "pkcs8 -topk8");
}

static void a_weak_or_unknown_kind_of_key_is_an_error(void **state)
{
    (void)state;
    expect_error("rsa1024.pem", "rsa1024.key", NULL, 1, "1024 bits");
    expect_error("k256.pem", "k256.key", NULL, 1, "unsupported kind");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key_loads),
        cmocka_unit_test(every_form_of_key_loads),
        cmocka_unit_test(an_encrypted_key_loads_with_its_passphrase),
        cmocka_unit_test(the_chain_is_kept_in_order),
        cmocka_unit_test(dates_out_of_range_are_warnings),
        cmocka_unit_test(a_key_that_others_may_read_is_a_warning),
        cmocka_unit_test(a_needless_passphrase_is_a_note),
        cmocka_unit_test(a_file_that_is_not_there_is_an_error),
        cmocka_unit_test(mistakes_of_both_files_are_told_at_once),
        cmocka_unit_test(what_is_not_pem_is_an_error),
        cmocka_unit_test(a_chain_out_of_order_is_an_error),
        cmocka_unit_test(a_key_of_another_certificate_is_an_error),
        cmocka_unit_test(an_encrypted_key_needs_the_right_passphrase),
        cmocka_unit_test(a_weak_or_unknown_kind_of_key_is_an_error),
    };
    return cmocka_run_group_tests(tests, make_pki, remove_pki);
}
