/* Every kind of value, good and bad, by the exact message. */
#include "loaded_config.h"

struct row {
    const char *section;
    const char *line;    /* one setting */
    const char *message; /* behind `edge.ini:2: error: [section] line: `; NULL: no mistake */
};

static const struct {
    const char *section;
    const char *lines;
} pieces[] = {
    {"gateway", ""},
    {"listener edge", "address = 127.0.0.1:8443\ncertificate = s.pem\ncertificate_key = s.key\n"
                      "ssl_profile = devices\nbackend = app\nrewrite = identity\n"},
    {"ssl_profile devices", "trusted_client_ca = ca.pem\n"},
    {"backend app", "server = 127.0.0.1:8080\n"},
    {"rewrite identity", ""},
};

#define PIECE_COUNT (sizeof(pieces) / sizeof(pieces[0]))

/* The tested section, in which the tested line stands for the one of its key; then the others. */
static void build_text(const struct row *row, char *text, size_t size)
{
    FILE *stream = fmemopen(text, size, "w");
    size_t key_length = strcspn(row->line, " ") + 1;
    fprintf(stream, "[%s]\n%s\n", row->section, row->line);
    for (size_t i = 0; i < PIECE_COUNT; i++) {
        const char *line = strcmp(pieces[i].section, row->section) == 0 ? pieces[i].lines : "";
        for (; *line != '\0'; line = strchr(line, '\n') + 1) {
            if (strncmp(line, row->line, key_length) != 0) {
                fprintf(stream, "%.*s", (int)(strchr(line, '\n') - line) + 1, line);
            }
        }
    }
    for (size_t i = 0; i < PIECE_COUNT; i++) {
        if (strcmp(pieces[i].section, row->section) != 0) {
            fprintf(stream, "[%s]\n%s", pieces[i].section, pieces[i].lines);
        }
    }
    fclose(stream);
}

static void check_rows(const struct row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char text[16384];
        char expected[1024] = "";
        build_text(&rows[i], text, sizeof(text));
        if (rows[i].message != NULL) {
            snprintf(expected, sizeof(expected), "edge.ini:2: error: [%s] %s: %s\n",
                     rows[i].section, rows[i].line, rows[i].message);
        }
        struct loaded loaded = load_text(text);
        /* A wrong required value may have consequences; what counts is the first line. */
        if (strncmp(loaded.said, expected, strlen(expected)) != 0 ||
            (expected[0] == '\0' && loaded.said[0] != '\0')) {
            fail_msg("expected: %ssaid: %s", expected, loaded.said);
        }
        unload(&loaded);
    }
}

#define CHECK_ROWS(rows) check_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define DURATION(from, to, example) \
    "expected a duration with its unit (ms, s, m, h, d) from " from " to " to ", such as " example

static void durations_want_a_unit_and_a_range(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"gateway", "handshake_timeout = 500ms", NULL},
        {"gateway", "handshake_timeout = 30S", NULL},
        {"gateway", "keepalive_timeout = 1d", NULL},
        {"gateway", "keepalive_timeout = 12h", NULL},
        {"gateway", "drain_timeout = 0", NULL},
        {"gateway", "handshake_timeout = 30", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = 99ms", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = 61m", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = -5s", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = 5 s", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = 1.5s", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = 5w", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = s", DURATION("100ms", "1h", "5s")},
        {"gateway", "handshake_timeout = 99999999999999999999s", DURATION("100ms", "1h", "5s")},
        {"gateway", "keepalive_timeout = 2d", DURATION("100ms", "1d", "75s")},
        {"backend app", "request_timeout = 20", DURATION("10ms", "1d", "20s")},
        {"backend app", "connect_timeout = 0s", DURATION("10ms", "1h", "5s")},
    };
    CHECK_ROWS(rows);
}

static void numbers_have_bounds(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"gateway", "max_connections = 1000000", NULL},
        {"gateway", "max_connections = 0", "expected a number from 1 to 1000000"},
        {"gateway", "max_connections = 1000001", "expected a number from 1 to 1000000"},
        {"gateway", "max_connections = +5", "expected a number from 1 to 1000000"},
        {"gateway", "max_connections = 10k", "expected a number from 1 to 1000000"},
        {"gateway", "max_connections = 18446744073709551617",
         "expected a number from 1 to 1000000"},
        {"backend app", "keepalive_connections = 0", NULL},
        {"backend app", "keepalive_connections = many", "expected a number from 0 to 100000"},
        {"gateway", "workers = 0", "expected auto or a number from 1 to 256"},
        {"gateway", "workers = 257", "expected auto or a number from 1 to 256"},
        {"gateway", "workers = Auto", "expected auto or a number from 1 to 256"},
    };
    CHECK_ROWS(rows);
}

static void cpu_lists_are_numbers_and_ranges(void **state)
{
    (void)state;
    static const char message[] = "expected auto, off or CPU numbers, such as 0-3,6";
    static const struct row rows[] = {
        {"gateway", "cpu_affinity = off", NULL},     {"gateway", "cpu_affinity = on", message},
        {"gateway", "cpu_affinity = 3-1", message},  {"gateway", "cpu_affinity = 1,,2", message},
        {"gateway", "cpu_affinity = 1,", message},   {"gateway", "cpu_affinity = ,1", message},
        {"gateway", "cpu_affinity = 1-", message},   {"gateway", "cpu_affinity = -1", message},
        {"gateway", "cpu_affinity = 8192", message}, {"gateway", "cpu_affinity = 0x1", message},
    };
    CHECK_ROWS(rows);
}

static void flags_know_six_words(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"ssl_profile devices", "reveal_reason = on", NULL},
        {"ssl_profile devices", "reveal_reason = off", NULL},
        {"ssl_profile devices", "reveal_reason = yes", NULL},
        {"ssl_profile devices", "reveal_reason = no", NULL},
        {"ssl_profile devices", "reveal_reason = true", NULL},
        {"ssl_profile devices", "reveal_reason = false", NULL},
        {"ssl_profile devices", "reveal_reason = ture",
         "expected on, off, yes, no, true or false (did you mean 'true'?)"},
        {"ssl_profile devices", "reveal_reason = ON",
         "expected on, off, yes, no, true or false (did you mean 'on'?)"},
        {"ssl_profile devices", "reveal_reason = 1", "expected on, off, yes, no, true or false"},
    };
    CHECK_ROWS(rows);
}

static void words_are_listed_and_suggested(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"ssl_profile devices", "verify_client_auth_mode = strickt",
         "expected strict, passthrough or off (did you mean 'strict'?)"},
        {"ssl_profile devices", "verify_client_auth_mode = required",
         "expected strict, passthrough or off"},
        {"ssl_profile devices", "verify_client_revocation = none", NULL},
        {"ssl_profile devices", "verify_client_revocation = ocsp", NULL},
        {"ssl_profile devices", "verify_client_revocation = crl", "expected none or ocsp"},
        {"ssl_profile devices", "verify_client_revocation = ocsp\nocsp_failure = deny", NULL},
        {"ssl_profile devices", "ocsp_failure = permit", "expected deny or allow"},
        {"ssl_profile devices", "verify_client_revocation = ocsp\nocsp_check = chain", NULL},
        {"ssl_profile devices", "ocsp_check = on", "expected leaf or chain"},
        {"ssl_profile devices", "ocsp_method = GET", "expected post or get (did you mean 'get'?)"},
        {"ssl_profile devices", "ssl_policy = AppGwSslPolicy20220101", NULL},
        {"ssl_profile devices", "ssl_policy = AppGwSslPolicy20170401S", NULL},
        {"ssl_profile devices", "ssl_policy = AppGwSslPolicy20220102s",
         "expected AppGwSslPolicy20220101, AppGwSslPolicy20220101S, AppGwSslPolicy20170401S or "
         "Custom (did you mean 'AppGwSslPolicy20220101S'?)"},
        {"ssl_profile devices", "ssl_policy = AppGwSslPolicy20150501",
         "AppGwSslPolicy20150501 is retired, it allows versions before TLS 1.2: expected "
         "AppGwSslPolicy20220101, AppGwSslPolicy20220101S, AppGwSslPolicy20170401S or Custom"},
        {"ssl_profile devices", "ssl_policy = CustomV2",
         "CustomV2 is called Custom here: expected AppGwSslPolicy20220101, "
         "AppGwSslPolicy20220101S, AppGwSslPolicy20170401S or Custom"},
        {"ssl_profile devices", "tls_version = TLSv1.1",
         "TLSv1.1 is not spoken any more (RFC 8996): expected TLSv1.2 or TLSv1.3"},
        {"ssl_profile devices", "tls_version = 1.3", "expected TLSv1.2 or TLSv1.3"},
        {"ssl_profile devices", "group = P-384", NULL},
        {"ssl_profile devices", "group = p-256",
         "expected X25519, X25519MLKEM768, P-256 or P-384 (did you mean 'P-256'?)"},
        {"ssl_profile devices", "group = secp256r1",
         "secp256r1 is called P-256 here: expected X25519, X25519MLKEM768, P-256 or P-384"},
        {"listener edge", "forward_identity = x_client_cert", NULL},
        {"listener edge", "forward_identity = x-client-cert",
         "expected x_client_cert, x_arr_clientcert, client_cert or client_cert_chain (did you mean "
         "'x_client_cert'?)"},
        {"listener edge", "forward_identity = xfcc",
         "xfcc is not available in this version: expected x_client_cert, x_arr_clientcert, "
         "client_cert or client_cert_chain"},
    };
    CHECK_ROWS(rows);
}

static void addresses_are_literal_and_whole(void **state)
{
    (void)state;
#define EXPECTED "expected ADDRESS:PORT, such as 0.0.0.0:8443 or [::]:8443"
    static const struct row rows[] = {
        {"listener edge", "address = 0.0.0.0:8443", NULL},
        {"listener edge", "address = [::]:8443", NULL},
        {"listener edge", "address = [2001:db8::1]:65535", NULL},
        {"listener edge", "address = 8443", EXPECTED " (did you mean '0.0.0.0:8443'?)"},
        {"listener edge", "address = :8443", EXPECTED " (did you mean '0.0.0.0:8443'?)"},
        {"listener edge", "address = *:8443", EXPECTED " (did you mean '0.0.0.0:8443'?)"},
        {"listener edge", "address = 127.0.0.1", EXPECTED},
        {"listener edge", "address = 127.0.0.1:", EXPECTED},
        {"listener edge", "address = 127.0.0.1:0", EXPECTED},
        {"listener edge", "address = 127.0.0.1:65536", EXPECTED},
        {"listener edge", "address = 127.0.0.1:84a", EXPECTED},
        {"listener edge", "address = 127.0.0.1:8443:1", EXPECTED},
        {"listener edge", "address = 127.1:8443", EXPECTED},
        {"listener edge", "address = 256.0.0.1:8443", EXPECTED},
        {"listener edge", "address = localhost:8443", EXPECTED},
        {"listener edge", "address = ::1:8443", EXPECTED},
        {"listener edge", "address = [::1:8443", EXPECTED},
        {"listener edge", "address = [::1]", EXPECTED},
        {"listener edge", "address = [::1]8443", EXPECTED},
        {"listener edge", "address = []:8443", EXPECTED},
        {"listener edge", "address = [127.0.0.1]:8443", EXPECTED},
        {"listener edge", "address = [::ffff:127.0.0.1]:8443", EXPECTED},
        {"listener edge", "address = [fe80::1%eth0]:8443", EXPECTED},
    };
    CHECK_ROWS(rows);
#undef EXPECTED
}

static void server_names_are_host_names(void **state)
{
    (void)state;
#define EXPECTED "expected a host name, such as api.example.com or *.example.com"
    static const struct row rows[] = {
        {"listener edge", "server_name = api.example.com", NULL},
        {"listener edge", "server_name = *.example.com", NULL},
        {"listener edge", "server_name = xn--bcher-kva.example", NULL},
        {"listener edge", "server_name = localhost", NULL},
        {"listener edge", "server_name = *", EXPECTED},
        {"listener edge", "server_name = *.", EXPECTED},
        {"listener edge", "server_name = *example.com", EXPECTED},
        {"listener edge", "server_name = a.*.example.com", EXPECTED},
        {"listener edge", "server_name = .example.com", EXPECTED},
        {"listener edge", "server_name = example.com.", EXPECTED},
        {"listener edge", "server_name = a..b", EXPECTED},
        {"listener edge", "server_name = -a.b", EXPECTED},
        {"listener edge", "server_name = a_b.example.com", EXPECTED},
        {"listener edge",
         "server_name = b\xC3\xBC"
         "cher.example",
         EXPECTED},
        {"listener edge", "server_name = https://example.com", EXPECTED},
        {"listener edge", "server_name = example.com:8443", EXPECTED},
        {"listener edge", "server_name = 1.2.3", EXPECTED},
        {"listener edge", "server_name = 192.0.2.1",
         "TLS names no addresses (RFC 6066 section 3): " EXPECTED},
        {"listener edge", "server_name = 2001:db8::1",
         "TLS names no addresses (RFC 6066 section 3): " EXPECTED},
    };
    CHECK_ROWS(rows);
#undef EXPECTED
}

static void servers_are_host_and_port(void **state)
{
    (void)state;
#define EXPECTED "expected HOST:PORT, such as 127.0.0.1:8080 or app.internal:8080"
    static const struct row rows[] = {
        {"backend app", "server = [::1]:8080", NULL},
        {"backend app", "server = app_1.internal.:8080", NULL},
        {"backend app", "server = localhost:1", NULL},
        {"backend app", "server = localhost", EXPECTED},
        {"backend app", "server = :8080", EXPECTED},
        {"backend app", "server = ::1:8080", EXPECTED},
        {"backend app", "server = [app]:8080", EXPECTED},
        {"backend app", "server = 300.1.1.1:8080", EXPECTED},
        {"backend app", "server = app:http", EXPECTED},
        {"backend app", "server = app:0", EXPECTED},
        {"backend app", "server = a b:80", EXPECTED},
        {"backend app", "server = http://app:8080", EXPECTED ", without a scheme"},
    };
    CHECK_ROWS(rows);
#undef EXPECTED
}

static void responders_are_plain_urls(void **state)
{
    (void)state;
#define EXPECTED "expected http://HOST[:PORT]/PATH, such as http://ocsp.example.com/"
#define KEY      "ocsp_responder = http://"
#define GOOD     "verify_client_revocation = ocsp\n" KEY
    static const struct row rows[] = {
        {"ssl_profile devices", GOOD "ocsp.example.com/", NULL},
        {"ssl_profile devices", GOOD "ocsp_1.example.com:8080/a/b%2Fc;d=e@f,g", NULL},
        {"ssl_profile devices", GOOD "192.0.2.1/", NULL},
        {"ssl_profile devices", GOOD "[2001:db8::1]/", NULL},
        {"ssl_profile devices", GOOD "[2001:db8::1]:65535/x", NULL},
        {"ssl_profile devices", "ocsp_responder = ", EXPECTED},
        {"ssl_profile devices", "ocsp_responder = ocsp.example.com", EXPECTED},
        {"ssl_profile devices", "ocsp_responder = /ocsp", EXPECTED},
        {"ssl_profile devices", "ocsp_responder = HTTP://a/", EXPECTED},
        {"ssl_profile devices", "ocsp_responder = ldap://a/", EXPECTED},
        {"ssl_profile devices", "ocsp_responder = https://a/",
         "responders sign their answers and are asked over plain HTTP: " EXPECTED},
        {"ssl_profile devices", KEY, EXPECTED},
        {"ssl_profile devices", KEY "/", EXPECTED},
        {"ssl_profile devices", KEY "a", EXPECTED},
        {"ssl_profile devices", KEY "a?b", EXPECTED},
        {"ssl_profile devices", KEY "a/?b", EXPECTED},
        {"ssl_profile devices", KEY "a/#b", EXPECTED},
        {"ssl_profile devices", KEY "a/b c", EXPECTED},
        {"ssl_profile devices", KEY "a/%2", EXPECTED},
        {"ssl_profile devices", KEY "a/%2g", EXPECTED},
        {"ssl_profile devices", KEY "a/\xC3\xBC", EXPECTED},
        {"ssl_profile devices", KEY "user@a/", EXPECTED},
        {"ssl_profile devices", KEY "user:1@a/", EXPECTED},
        {"ssl_profile devices", KEY "a:/", EXPECTED},
        {"ssl_profile devices", KEY "a:0/", EXPECTED},
        {"ssl_profile devices", KEY "a:65536/", EXPECTED},
        {"ssl_profile devices", KEY "a:http/", EXPECTED},
        {"ssl_profile devices", KEY ":80/", EXPECTED},
        {"ssl_profile devices", KEY "1.2.3/", EXPECTED},
        {"ssl_profile devices", KEY "[/", EXPECTED},
        {"ssl_profile devices", KEY "[]/", EXPECTED},
        {"ssl_profile devices", KEY "[::1/", EXPECTED},
        {"ssl_profile devices", KEY "[::1]80/", EXPECTED},
        {"ssl_profile devices", KEY "[::1]:/", EXPECTED},
        {"ssl_profile devices", KEY "::1/", EXPECTED},
        {"ssl_profile devices", KEY "[a]/", EXPECTED},
    };
    CHECK_ROWS(rows);
#undef EXPECTED
#undef KEY
#undef GOOD
}

static void responders_have_a_bound(void **state)
{
    (void)state;
    char url[600] = "http://a/";
    char text[2048];
    memset(url + 9, 'x', 502);
    snprintf(text, sizeof(text), WHOLE_WITH_OCSP "ocsp_responder = %s\n", url);
    assert_says(text, "");
    url[511] = 'x';
    snprintf(text, sizeof(text), WHOLE_WITH_OCSP "ocsp_responder = %s\n", url);
    struct loaded loaded = load_text(text);
    assert_non_null(strstr(loaded.said, ": it has 512 bytes: expected 511 at most\n"));
    unload(&loaded);
}

static void references_lead_to_sections(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"listener edge", "backend = ap",
         "expected the name of a [backend NAME] section (did you mean 'app'?)"},
        {"listener edge", "backend = elsewhere", "expected the name of a [backend NAME] section"},
        {"listener edge", "ssl_profile = device",
         "expected the name of a [ssl_profile NAME] section (did you mean 'devices'?)"},
        {"listener edge", "rewrite = Identity",
         "expected the name of a [rewrite NAME] section (did you mean 'identity'?)"},
    };
    CHECK_ROWS(rows);
    assert_says(LISTENER "rewrite = none\n" PROFILE BACKEND,
                "edge.ini:7: error: [listener edge] rewrite = none: expected the name of a "
                "[rewrite NAME] section, and there is none\n");
}

static void empty_values_are_refused(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"gateway", "stats_socket = ", "expected a path"},
        {"gateway", "access_log = ", "expected a path"},
        {"gateway", "error_log = ", "expected a path"},
        {"gateway", "cpu_affinity = ", "expected auto, off or CPU numbers, such as 0-3,6"},
        {"gateway", "include = ", "expected a path, such as conf.d/*.ini"},
        {"gateway", "identity_header = ", "expected the name of a header, such as X-Client-Cert"},
        {"listener edge", "certificate = ", "expected a path"},
        {"ssl_profile devices", "trusted_client_ca = ", "expected a path"},
    };
    CHECK_ROWS(rows);
}

static void what_is_no_place_for_a_log_is_refused(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"gateway", "access_log = syslog:", "expected syslog:/PATH of a datagram socket"},
        {"gateway", "access_log = syslog:dev/log", "expected syslog:/PATH of a datagram socket"},
        {"gateway", "access_log = syslog:192.0.2.1:514",
         "expected syslog:/PATH of a datagram socket"},
        {"gateway", "error_log = off",
         "expected a file, -, stdout, stderr or syslog: what goes wrong is always said"},
        {"gateway", "access_log_format = apache", "expected json or combined"},
    };
    CHECK_ROWS(rows);
}

static void socket_paths_have_a_bound(void **state)
{
    (void)state;
    char path[128] = "/";
    char text[2048];
    char expected[512];
    memset(path + 1, 'x', 106);
    snprintf(text, sizeof(text), "[gateway]\nstats_socket = %s\n" WHOLE, path);
    assert_says(text, "");
    path[107] = 'x';
    snprintf(text, sizeof(text), "[gateway]\nstats_socket = %s\n" WHOLE, path);
    snprintf(expected, sizeof(expected),
             "edge.ini:2: error: [gateway] stats_socket = %.100s...: the whole path has 108 bytes: "
             "expected 107 at most\n",
             path);
    assert_says(text, expected);
}

static void keys_belong_to_the_certificate_before_them(void **state)
{
    (void)state;
    struct loaded loaded =
        load_clean("[listener edge]\naddress = 0.0.0.0:8443\ncertificate = a.pem\n"
                   "certificate_key = a.key\ncertificate_key_passphrase_file = a.txt\n"
                   "certificate = /b.pem\nssl_profile = devices\nbackend = app\n"
                   "certificate_key = b.key\n" PROFILE BACKEND);
    const struct config_listener *listener = &loaded.config->listeners[0];
    assert_int_equal(listener->certificate_count, 2);
    assert_non_null(strstr(listener->certificates[0].chain_path.text, "/a.pem"));
    assert_non_null(strstr(listener->certificates[0].key_path.text, "/a.key"));
    assert_non_null(strstr(listener->certificates[0].passphrase_path.text, "/a.txt"));
    assert_int_equal(listener->certificates[0].passphrase_path.place.line, 5);
    assert_string_equal(listener->certificates[1].chain_path.text, "/b.pem");
    assert_non_null(strstr(listener->certificates[1].key_path.text, "/b.key"));
    assert_null(listener->certificates[1].passphrase_path.text);
    unload(&loaded);
}

static void keys_out_of_order_are_refused(void **state)
{
    (void)state;
    assert_says("[listener edge]\naddress = 0.0.0.0:8443\ncertificate_key = a.key\n"
                "certificate_key_passphrase_file = a.txt\ncertificate = /a.pem\n"
                "certificate = /b.pem\ncertificate_key = b.key\ncertificate_key = c.key\n"
                "ssl_profile = devices\nbackend = app\n" PROFILE BACKEND,
                "edge.ini:3: error: [listener edge] certificate_key = a.key: expected a "
                "certificate in a line before it\n"
                "edge.ini:4: error: [listener edge] certificate_key_passphrase_file = a.txt: "
                "expected a certificate in a line before it\n"
                "edge.ini:5: error: [listener edge] certificate = /a.pem: expected a "
                "certificate_key in a line after it\n"
                "edge.ini:8: error: [listener edge] certificate_key = c.key: the certificate in "
                "line 6 has one already, in line 7: expected one for each\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations_want_a_unit_and_a_range),
        cmocka_unit_test(numbers_have_bounds),
        cmocka_unit_test(cpu_lists_are_numbers_and_ranges),
        cmocka_unit_test(flags_know_six_words),
        cmocka_unit_test(words_are_listed_and_suggested),
        cmocka_unit_test(addresses_are_literal_and_whole),
        cmocka_unit_test(server_names_are_host_names),
        cmocka_unit_test(servers_are_host_and_port),
        cmocka_unit_test(responders_are_plain_urls),
        cmocka_unit_test(responders_have_a_bound),
        cmocka_unit_test(references_lead_to_sections),
        cmocka_unit_test(empty_values_are_refused),
        cmocka_unit_test(what_is_no_place_for_a_log_is_refused),
        cmocka_unit_test(socket_paths_have_a_bound),
        cmocka_unit_test(keys_belong_to_the_certificate_before_them),
        cmocka_unit_test(keys_out_of_order_are_refused),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
