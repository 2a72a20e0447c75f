/*
 * Loading configurations from texts, and comparing what was said of them to the letter. For the
 * tests of this folder; each works in a folder of its own under /tmp, removed at its end.
 */
#ifndef TESTS_UNIT_CONFIG_LOADED_CONFIG_H
#define TESTS_UNIT_CONFIG_LOADED_CONFIG_H

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/config.h"

/* Pieces of a configuration that loads without a word. */
#define LISTENER                                                                              \
    "[listener edge]\naddress = 0.0.0.0:8443\ncertificate = s.pem\ncertificate_key = s.key\n" \
    "ssl_profile = devices\nbackend = app\n"
#define PROFILE "[ssl_profile devices]\ntrusted_client_ca = ca.pem\n"
#define BACKEND "[backend app]\nserver = 127.0.0.1:8080\n"
#define WHOLE   LISTENER PROFILE BACKEND
/* Ends in its profile, which may go on. */
#define WHOLE_WITH_OCSP LISTENER BACKEND PROFILE "verify_client_revocation = ocsp\n"

struct loaded {
    struct diagnostics diagnostics;
    struct config *config;
    struct result result;
    char *said; /* what diagnostics_print() printed */
};

static inline int enter_folder(void **state)
{
    char *folder = strdup("/tmp/test_config.XXXXXX");
    *state = folder;
    return mkdtemp(folder) == NULL || chdir(folder) != 0;
}

static inline int remove_entry(const char *path, const struct stat *status, int kind,
                               struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline int leave_folder(void **state)
{
    int failed = chdir("/") != 0 || nftw(*state, remove_entry, 8, FTW_DEPTH | FTW_PHYS) != 0;
    free(*state);
    return failed;
}

static inline void write_bytes(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static inline void write_file(const char *path, const char *text)
{
    write_bytes(path, text, strlen(text));
}

static inline char *print_diagnostics(const struct diagnostics *diagnostics)
{
    char *said = NULL;
    size_t length = 0;
    FILE *output = open_memstream(&said, &length);
    assert_non_null(output);
    diagnostics_print(diagnostics, output);
    assert_int_equal(fclose(output), 0);
    return said;
}

static inline struct loaded load_file(const char *path)
{
    struct loaded loaded = {0};
    diagnostics_init(&loaded.diagnostics);
    loaded.result = config_load(path, &loaded.diagnostics, &loaded.config);
    loaded.said = print_diagnostics(&loaded.diagnostics);
    assert_int_equal(result_is_ok(loaded.result), loaded.config != NULL);
    assert_int_equal(result_is_ok(loaded.result), loaded.diagnostics.error_count == 0);
    return loaded;
}

static inline struct loaded load_text(const char *text)
{
    write_file("edge.ini", text);
    return load_file("edge.ini");
}

static inline void unload(struct loaded *loaded)
{
    config_destroy(loaded->config);
    diagnostics_deinit(&loaded->diagnostics);
    free(loaded->said);
}

/* Loading text must say exactly this, and succeed when it holds no error. */
static inline void assert_says(const char *text, const char *expected)
{
    struct loaded loaded = load_text(text);
    assert_string_equal(loaded.said, expected);
    unload(&loaded);
}

/* A configuration that must load without a word; the caller unloads it. */
static inline struct loaded load_clean(const char *text)
{
    struct loaded loaded = load_text(text);
    assert_string_equal(loaded.said, "");
    assert_non_null(loaded.config);
    return loaded;
}

#endif
