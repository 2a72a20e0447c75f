/* The snapshot itself: values, defaults, places, and its life. */
#include "loaded_config.h"

static void defaults_are_filled_in(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(WHOLE);
    const struct config *config = loaded.config;
    const struct config_gateway *gateway = &config->gateway;
    assert_true(gateway->worker_count > 0);
    assert_null(gateway->stats_socket);
    assert_int_equal(gateway->access_log.kind, CONFIG_LOG_OFF);
    assert_int_equal(gateway->access_log_format, CONFIG_LOG_JSON);
    assert_int_equal(gateway->error_log.kind, CONFIG_LOG_STANDARD_ERROR);
    assert_int_equal(gateway->connections_max, 10000);
    assert_int_equal(gateway->handshake_timeout_ms, 5000);
    assert_int_equal(gateway->client_header_timeout_ms, 60000);
    assert_int_equal(gateway->keepalive_timeout_ms, 75000);
    assert_int_equal(gateway->tunnel_idle_timeout_ms, 3600000);
    assert_int_equal(gateway->client_body_timeout_ms, 60000);
    assert_int_equal(gateway->send_timeout_ms, 60000);
    assert_int_equal(gateway->drain_timeout_ms, 30000);
    assert_int_equal(gateway->identity_headers.count, 5);
    assert_int_equal(gateway->ocsp_inflight_max, 16);
    assert_int_equal(gateway->ocsp_cache_entries, 65536);
    assert_int_equal(gateway->ocsp_cache_size_bytes, 128 << 20);
    assert_null(gateway->ocsp_cache_file.text);
    const struct config_ssl_profile *profile = &config->ssl_profiles[0];
    assert_int_equal(profile->verify_mode, CONFIG_VERIFY_STRICT);
    assert_int_equal(profile->revocation, CONFIG_REVOCATION_NONE);
    assert_false(profile->verify_issuer_dn);
    const struct config_ocsp *ocsp = &profile->ocsp;
    assert_int_equal(ocsp->failure, CONFIG_OCSP_DENY);
    assert_null(ocsp->responder.text);
    assert_false(ocsp->has_nonce || ocsp->checks_chain || ocsp->is_get);
    assert_int_equal(ocsp->timeout_ms, 5000);
    assert_int_equal(ocsp->connect_timeout_ms, 2000);
    assert_int_equal(ocsp->read_timeout_ms, 3000);
    assert_int_equal(ocsp->max_age_ms, 12 * 3600000);
    assert_int_equal(ocsp->stale_grace_ms, 0);
    assert_int_equal(ocsp->retry_after_ms, 10000);
    assert_false(profile->reveal_reason);
    assert_string_equal(profile->policy.name, "AppGwSslPolicy20220101S");
    const struct config_backend *backend = &config->backends[0];
    assert_int_equal(backend->connect_timeout_ms, 5000);
    assert_int_equal(backend->request_timeout_ms, 20000);
    assert_int_equal(backend->keepalive_timeout_ms, 60000);
    assert_int_equal(backend->keepalive_connections, 64);
    assert_int_equal(config->listeners[0].identity_forms, 0);
    assert_true(config->listeners[0].has_ocsp_stapling);
    assert_int_equal(config->listeners[0].server_names.count, 0);
    unload(&loaded);
}

static void values_and_places_are_kept(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(
        "[gateway]\nstats_socket = /run/s.sock\naccess_log = -\nmax_connections = 7\n"
        "[listener edge]\naddress = 0.0.0.0:8443\naddress = [::]:9443\n"
        "server_name = API.Example.com\nserver_name = *.example.com\ncertificate = /s.pem\n"
        "certificate_key = /s.key\nssl_profile = devices\nbackend = app\n"
        "forward_identity = client_cert\nforward_identity = x_client_cert\n"
        "[listener second]\naddress = 127.0.0.1:1\ncertificate = /s.pem\n"
        "certificate_key = /s.key\nssl_profile = devices\nbackend = app\n"
        "[ssl_profile devices]\ntrusted_client_ca = /ca.pem\n"
        "[backend app]\nserver = app.internal:8080\nserver = [::1]:81\nrequest_timeout = 500ms\n");
    const struct config *config = loaded.config;
    assert_string_equal(config->gateway.stats_socket, "/run/s.sock");
    assert_int_equal(config->gateway.stats_socket_source.place.line, 2);
    assert_int_equal(config->gateway.access_log.kind, CONFIG_LOG_STANDARD_OUTPUT);
    assert_string_equal(config->gateway.access_log.source.text, "-");
    assert_int_equal(config->gateway.access_log.source.place.line, 3);
    assert_int_equal(config->gateway.connections_max, 7);
    assert_int_equal(config->listener_count, 2);
    const struct config_listener *listener = &config->listeners[0];
    assert_string_equal(listener->name, "edge");
    assert_int_equal(listener->place.line, 5);
    assert_int_equal(listener->index, 0);
    assert_int_equal(config->listeners[1].index, 1);
    assert_int_equal(listener->address_count, 2);
    assert_string_equal(listener->addresses[1].source.text, "[::]:9443");
    assert_int_equal(listener->addresses[1].source.place.line, 7);
    assert_int_equal(listener->addresses[1].socket_address.ss_family, AF_INET6);
    assert_int_equal(listener->server_names.count, 2);
    assert_string_equal(listener->server_names.items[0].text, "api.example.com");
    assert_string_equal(listener->server_names.items[1].text, "*.example.com");
    assert_int_equal(listener->identity_forms,
                     CONFIG_IDENTITY_CLIENT_CERT | CONFIG_IDENTITY_X_CLIENT_CERT);
    assert_string_equal(config->ssl_profiles[0].trusted_client_ca.items[0].text, "/ca.pem");
    assert_string_equal(config->ssl_profiles[0].trusted_client_ca.items[0].place.file, "edge.ini");
    assert_int_equal(config->ssl_profiles[0].trusted_client_ca.items[0].place.line, 23);
    const struct config_backend *backend = &config->backends[0];
    assert_int_equal(backend->server_count, 2);
    assert_string_equal(backend->servers[0].host, "app.internal");
    assert_int_equal(backend->servers[0].port, 8080);
    assert_string_equal(backend->servers[1].host, "::1");
    assert_int_equal(backend->servers[1].source.place.line, 26);
    assert_int_equal(backend->request_timeout_ms, 500);
    unload(&loaded);
}

static void ocsp_settings_come_to_rest(void **state)
{
    (void)state;
    struct loaded loaded =
        load_clean("[gateway]\nocsp_max_inflight = 3\nocsp_cache_file = ocsp.cache\n"
                   "ocsp_cache_entries = 100\nocsp_cache_size = 2m\n" WHOLE_WITH_OCSP
                   "ocsp_failure = allow\nocsp_responder = http://a:81/x\nocsp_nonce = on\n"
                   "ocsp_check = chain\nocsp_method = get\nocsp_timeout = 1m\n"
                   "ocsp_connect_timeout = 100ms\nocsp_read_timeout = 200ms\n"
                   "ocsp_max_age = 7d\nocsp_stale_grace = 1h\nocsp_retry_after = 1s\n");
    const struct config_gateway *gateway = &loaded.config->gateway;
    const struct config_ssl_profile *profile = &loaded.config->ssl_profiles[0];
    assert_int_equal(gateway->ocsp_inflight_max, 3);
    assert_int_equal(gateway->ocsp_cache_entries, 100);
    assert_int_equal(gateway->ocsp_cache_size_bytes, 2 << 20);
    assert_string_equal(strrchr(gateway->ocsp_cache_file.text, '/'), "/ocsp.cache");
    assert_int_equal(profile->revocation, CONFIG_REVOCATION_OCSP);
    assert_int_equal(profile->ocsp.failure, CONFIG_OCSP_ALLOW);
    assert_string_equal(profile->ocsp.responder.text, "http://a:81/x");
    assert_int_equal(profile->ocsp.responder.place.line, 18);
    assert_true(profile->ocsp.has_nonce && profile->ocsp.checks_chain && profile->ocsp.is_get);
    assert_int_equal(profile->ocsp.timeout_ms, 60000);
    assert_int_equal(profile->ocsp.connect_timeout_ms, 100);
    assert_int_equal(profile->ocsp.read_timeout_ms, 200);
    assert_int_equal(profile->ocsp.max_age_ms, 604800000);
    assert_int_equal(profile->ocsp.stale_grace_ms, 3600000);
    assert_int_equal(profile->ocsp.retry_after_ms, 1000);
    unload(&loaded);
}

static void configuration_outlives_its_files(void **state)
{
    (void)state;
    struct loaded loaded = load_clean(WHOLE);
    assert_int_equal(remove("edge.ini"), 0);
    diagnostics_deinit(&loaded.diagnostics);
    assert_string_equal(loaded.config->listeners[0].backend->name, "app");
    assert_string_equal(loaded.config->listeners[0].place.file, "edge.ini");
    unload(&loaded);
}

static void off_means_none(void **state)
{
    (void)state;
    struct loaded loaded = load_clean("[gateway]\nstats_socket = off\naccess_log = off\n" WHOLE);
    assert_null(loaded.config->gateway.stats_socket);
    assert_int_equal(loaded.config->gateway.access_log.kind, CONFIG_LOG_OFF);
    unload(&loaded);
    loaded = load_clean("[gateway]\naccess_log = ./off\n" WHOLE);
    assert_string_equal(strrchr(loaded.config->gateway.access_log.path, '/'), "/off");
    unload(&loaded);
}

static void a_log_goes_where_its_words_say(void **state)
{
    static const struct {
        const char *value;
        enum config_log_kind access; /* of access_log */
        enum config_log_kind error;  /* of error_log */
        const char *path;
    } rows[] = {
        {"-", CONFIG_LOG_STANDARD_OUTPUT, CONFIG_LOG_STANDARD_ERROR, NULL},
        {"stdout", CONFIG_LOG_STANDARD_OUTPUT, CONFIG_LOG_STANDARD_OUTPUT, NULL},
        {"stderr", CONFIG_LOG_STANDARD_ERROR, CONFIG_LOG_STANDARD_ERROR, NULL},
        {"syslog", CONFIG_LOG_SYSLOG, CONFIG_LOG_SYSLOG, "/dev/log"},
        {"syslog:/run/log", CONFIG_LOG_SYSLOG, CONFIG_LOG_SYSLOG, "/run/log"},
        {"/var/log/-", CONFIG_LOG_FILE, CONFIG_LOG_FILE, "/var/log/-"},
        {"/syslog", CONFIG_LOG_FILE, CONFIG_LOG_FILE, "/syslog"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[1024];
        (void)snprintf(text, sizeof(text), "[gateway]\naccess_log = %s\nerror_log = %s\n" WHOLE,
                       rows[i].value, rows[i].value);
        struct loaded loaded = load_clean(text);
        const struct config_gateway *gateway = &loaded.config->gateway;
        assert_int_equal(gateway->access_log.kind, rows[i].access);
        assert_int_equal(gateway->error_log.kind, rows[i].error);
        assert_string_equal(gateway->error_log.source.text, rows[i].value);
        if (rows[i].path == NULL) {
            assert_null(gateway->access_log.path);
        } else {
            assert_string_equal(gateway->access_log.path, rows[i].path);
        }
        unload(&loaded);
    }
}

static void paths_are_absolute(void **state)
{
    (void)state;
    char folder[4096];
    char expected[4200];
    assert_non_null(getcwd(folder, sizeof(folder)));
    assert_int_equal(mkdir("sub", 0700), 0);
    write_file("sub/edge.ini", WHOLE);
    struct loaded loaded = load_file("./sub/edge.ini");
    snprintf(expected, sizeof(expected), "%s/sub/ca.pem", folder);
    assert_string_equal(loaded.config->ssl_profiles[0].trusted_client_ca.items[0].text, expected);
    unload(&loaded);
    snprintf(expected, sizeof(expected), "%s/sub/edge.ini", folder);
    loaded = load_file(expected);
    snprintf(expected, sizeof(expected), "%s/sub/ca.pem", folder);
    assert_string_equal(loaded.config->ssl_profiles[0].trusted_client_ca.items[0].text, expected);
    unload(&loaded);
}

static void nothing_is_expanded(void **state)
{
    (void)state;
    setenv("SALLYPORT_TEST", "x", 1);
    struct loaded loaded = load_clean("[gateway]\naccess_log = /$SALLYPORT_TEST/~/%h\n" WHOLE);
    assert_string_equal(loaded.config->gateway.access_log.path, "/$SALLYPORT_TEST/~/%h");
    unload(&loaded);
}

static void output_stays_untouched_on_failure(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct config *config = (struct config *)&diagnostics;
    diagnostics_init(&diagnostics);
    assert_int_equal(config_load("none.ini", &diagnostics, &config).code, ERROR_BAD_CONFIG);
    assert_ptr_equal(config, &diagnostics);
    diagnostics_deinit(&diagnostics);
}

static void earlier_errors_do_not_fail_a_good_file(void **state)
{
    (void)state;
    struct diagnostics diagnostics;
    struct config *config = NULL;
    diagnostics_init(&diagnostics);
    diagnostics_add(&diagnostics, DIAGNOSTIC_ERROR, (struct config_place){0}, "of another load");
    write_file("edge.ini", WHOLE);
    assert_true(result_is_ok(config_load("edge.ini", &diagnostics, &config)));
    config_destroy(config);
    diagnostics_deinit(&diagnostics);
}

static void destroying_nothing_is_harmless(void **state)
{
    (void)state;
    config_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(values_and_places_are_kept),
        cmocka_unit_test(ocsp_settings_come_to_rest),
        cmocka_unit_test(configuration_outlives_its_files),
        cmocka_unit_test(off_means_none),
        cmocka_unit_test(a_log_goes_where_its_words_say),
        cmocka_unit_test(paths_are_absolute),
        cmocka_unit_test(nothing_is_expanded),
        cmocka_unit_test(output_stays_untouched_on_failure),
        cmocka_unit_test(earlier_errors_do_not_fail_a_good_file),
        cmocka_unit_test(destroying_nothing_is_harmless),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
