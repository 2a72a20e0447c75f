/*
 * Trust policies made of built certificates, through real files as in the product. One test
 * program, one thread.
 */
#ifndef TESTS_UNIT_TRUST_TRUST_FIXTURE_H
#define TESTS_UNIT_TRUST_TRUST_FIXTURE_H

#include <stdio.h>
#include <unistd.h>

#include "base/text.h"
#include "certificate_builder.h"
#include "trust/judge.h"

/* A file that goes away with fixture_file_remove(). */
struct fixture_file {
    char path[64];
    FILE *stream;
    int line_count;
    int starts[16]; /* line of each BEGIN */
    size_t count;
};

static inline struct fixture_file fixture_file_create(void)
{
    struct fixture_file file = {.path = "/tmp/sallyport-trust-test-XXXXXX"};
    int descriptor = mkstemp(file.path);
    CHECK(descriptor >= 0);
    file.stream = fdopen(descriptor, "w");
    CHECK(file.stream != NULL);
    return file;
}

static inline void fixture_file_remove(struct fixture_file *file)
{
    CHECK(unlink(file->path) == 0);
}

static inline void fixture_file_add(struct fixture_file *file, const struct built *der)
{
    char memory[2 * BUILDER_SIZE_MAX];
    struct text text = text_over(memory, sizeof(memory));
    text_append_base64(&text, built_bytes(der));
    CHECK(file->count < sizeof(file->starts) / sizeof(file->starts[0]));
    file->starts[file->count++] = file->line_count + 1;
    file->line_count += 2 + (int)(text.length + 63) / 64;
    fputs("-----BEGIN CERTIFICATE-----\n", file->stream);
    for (size_t i = 0; i < text.length; i += 64) {
        struct bytes line = bytes_slice(text_bytes(&text), i, 64);
        fprintf(file->stream, "%.*s\n", (int)line.length, (const char *)line.at);
    }
    fputs("-----END CERTIFICATE-----\n", file->stream);
}

static inline void fixture_file_finish(struct fixture_file *file)
{
    CHECK(fclose(file->stream) == 0);
}

/* A policy of one file that holds these CAs; warnings are dropped, an error ends the test. */
static inline struct trust_policy *fixture_policy(const struct built *const *cas, size_t count,
                                                  bool verify_issuer_dn)
{
    struct fixture_file file = fixture_file_create();
    struct config_text setting = {.text = file.path};
    struct config_ssl_profile profile = {
        .name = "test",
        .trusted_client_ca = {&setting, count > 0 ? 1 : 0},
        .verify_mode = count > 0 ? CONFIG_VERIFY_STRICT : CONFIG_VERIFY_PASSTHROUGH,
        .verify_issuer_dn = verify_issuer_dn,
    };
    struct diagnostics diagnostics;
    struct trust_policy *policy = NULL;
    diagnostics_init(&diagnostics);
    for (size_t i = 0; i < count; i++) {
        fixture_file_add(&file, cas[i]);
    }
    fixture_file_finish(&file);
    struct result result = trust_policy_create(&profile, &diagnostics, &policy);
    if (!result_is_ok(result)) {
        diagnostics_print(&diagnostics, stderr);
    }
    CHECK(result_is_ok(result));
    diagnostics_deinit(&diagnostics);
    fixture_file_remove(&file);
    return policy;
}

#endif
