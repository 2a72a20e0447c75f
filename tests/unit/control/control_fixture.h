/*
 * A folder with certificates and configurations for the tests of this folder, made once for a test
 * program. Tests start in the project's folder and go on in the fixture's.
 */
#ifndef TESTS_UNIT_CONTROL_CONTROL_FIXTURE_H
#define TESTS_UNIT_CONTROL_CONTROL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/diagnostics.h"
#include "tls/tls_library.h"

static char fixture_folder[] = "/tmp/sallyport-control-XXXXXX";

/* The pieces of a configuration that is fine but for its certificates' dates. */
#define FIXTURE_LISTENER                                                  \
    "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = p256.pem\n" \
    "certificate_key = p256.key\nssl_profile = devices\nbackend = app\n"
#define FIXTURE_PROFILE "[ssl_profile devices]\ntrusted_client_ca = root.pem\n"
#define FIXTURE_BACKEND "[backend app]\nserver = 127.0.0.1:8080\n"
#define FIXTURE_WHOLE   FIXTURE_LISTENER FIXTURE_PROFILE FIXTURE_BACKEND

/* A group's setup and teardown. */
static inline int fixture_make(void **state)
{
    char command[128];
    (void)state;
    if (mkdtemp(fixture_folder) == NULL || !result_is_ok(tls_library_start())) {
        return -1;
    }
    (void)snprintf(command, sizeof(command), "sh tests/pki/make_tls_pki.sh %s", fixture_folder);
    return system(command) != 0 || chdir(fixture_folder) != 0;
}

static inline int fixture_remove(void **state)
{
    char command[128];
    (void)state;
    tls_library_stop();
    (void)snprintf(command, sizeof(command), "rm -rf %s", fixture_folder);
    return chdir("/") != 0 || system(command) != 0;
}

static inline void fixture_write(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Whether a message with that severity, line and part is among them. */
static inline bool fixture_was_told(const struct diagnostics *diagnostics,
                                    enum diagnostic_severity severity, int line, const char *part)
{
    for (size_t i = 0; i < diagnostics->count; i++) {
        const struct diagnostic *item = &diagnostics->items[i];
        if (item->severity == severity && item->place.line == line &&
            strstr(item->message, part) != NULL) {
            return true;
        }
    }
    return false;
}

#endif
