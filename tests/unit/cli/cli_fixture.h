/*
 * Runs the command line inside a test: what it printed on both outputs and its status. Tests start
 * in the project's folder and go on in one of their own with certificates in it.
 */
#ifndef TESTS_UNIT_CLI_CLI_FIXTURE_H
#define TESTS_UNIT_CLI_CLI_FIXTURE_H

#include <fcntl.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/cli.h"

#define FIXTURE_LISTENER                                                  \
    "[listener edge]\naddress = 127.0.0.1:8443\ncertificate = p256.pem\n" \
    "certificate_key = p256.key\nssl_profile = devices\nbackend = app\n"
#define FIXTURE_PROFILE "[ssl_profile devices]\ntrusted_client_ca = root.pem\n"
#define FIXTURE_BACKEND "[backend app]\nserver = 127.0.0.1:8080\n"
#define FIXTURE_WHOLE   FIXTURE_LISTENER FIXTURE_PROFILE FIXTURE_BACKEND

enum { FIXTURE_OUTPUT_SIZE = 128 * 1024, FIXTURE_WORDS_MAX = 8 };

static char fixture_folder[] = "/tmp/sallyport-cli-XXXXXX";

/* Of the last fixture_run(). */
static char fixture_said[FIXTURE_OUTPUT_SIZE];       /* on standard output */
static char fixture_complained[FIXTURE_OUTPUT_SIZE]; /* on standard error */
static char fixture_config_path[256];                /* what the gateway was started with */
static unsigned fixture_gateway_count;               /* how often it was started */
static struct result fixture_gateway_answer;         /* what it is to return */

/* A group's setup and teardown. */
static inline int fixture_make(void **state)
{
    char command[128];
    (void)state;
    if (mkdtemp(fixture_folder) == NULL) {
        return -1;
    }
    (void)snprintf(command, sizeof(command), "sh tests/pki/make_tls_pki.sh %s", fixture_folder);
    return system(command) != 0 || chdir(fixture_folder) != 0;
}

static inline int fixture_remove(void **state)
{
    char command[128];
    (void)state;
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

static inline struct result fixture_gateway(const char *config_path)
{
    (void)snprintf(fixture_config_path, sizeof(fixture_config_path), "%s", config_path);
    fixture_gateway_count++;
    return fixture_gateway_answer;
}

/* Lets file receive what goes to descriptor; returns what it was. */
static inline int fixture_divert(int descriptor, FILE *file)
{
    int kept = fcntl(descriptor, F_DUPFD_CLOEXEC, 10);
    assert_true(kept >= 0);
    assert_int_equal(dup2(fileno(file), descriptor), descriptor);
    return kept;
}

static inline void fixture_restore(int descriptor, int kept, FILE *file, char *text)
{
    assert_int_equal(dup2(kept, descriptor), descriptor);
    assert_int_equal(close(kept), 0);
    rewind(file);
    size_t length = fread(text, 1, FIXTURE_OUTPUT_SIZE - 1, file);
    text[length] = '\0';
    assert_int_equal(fclose(file), 0);
}

/* words: "sallyport" and what follows it, ended by NULL. Returns the exit status. */
static inline int fixture_run(const char *const *words)
{
    char memory[FIXTURE_WORDS_MAX][128];
    char *arguments[FIXTURE_WORDS_MAX + 1] = {0};
    int count = 0;
    for (; words[count] != NULL; count++) {
        assert_true(count < FIXTURE_WORDS_MAX);
        (void)snprintf(memory[count], sizeof(memory[count]), "%s", words[count]);
        arguments[count] = memory[count];
    }
    FILE *said = tmpfile();
    FILE *complained = tmpfile();
    assert_true(said != NULL && complained != NULL);
    (void)fflush(stdout);
    int kept_output = fixture_divert(STDOUT_FILENO, said);
    int kept_error = fixture_divert(STDERR_FILENO, complained);
    optind = 0; /* glibc: getopt_long() begins anew */
    fixture_gateway_count = 0;
    int status = cli_run(count, arguments, fixture_gateway);
    (void)fflush(stdout);
    fixture_restore(STDOUT_FILENO, kept_output, said, fixture_said);
    fixture_restore(STDERR_FILENO, kept_error, complained, fixture_complained);
    return status;
}

#define RUN(...) fixture_run((const char *const[]){"sallyport" __VA_OPT__(, ) __VA_ARGS__, NULL})

/* The last run said that on standard output, or complained of it on standard error. */
static inline void assert_said(const char *part)
{
    assert_non_null(strstr(fixture_said, part));
}

static inline void assert_complained(const char *part)
{
    assert_non_null(strstr(fixture_complained, part));
}

#endif
