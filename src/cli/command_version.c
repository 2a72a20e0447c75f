/* `sallyport version`: this program, what it was built with and what it runs on. */
#include <stdio.h>
#include <sys/utsname.h>

#include "base/text.h"
#include "command.h"
#include "net/ring_features.h"
#include "tls/tls_library.h"

/* The Makefile says them when it compiles this file; linters and fuzzers compile it without. */
#ifndef SALLYPORT_VERSION
#define SALLYPORT_VERSION "unknown"
#define LIBURING_VERSION  "unknown"
#define JEMALLOC_VERSION  "unknown"
#define INIH_VERSION      "unknown"
#define LLHTTP_VERSION    "unknown"
#endif

struct fact {
    const char *name;
    const char *value;
};

static void print_facts(const struct fact *facts, size_t count, bool is_json)
{
    for (size_t i = 0; i < count; i++) {
        if (is_json) {
            (void)printf("%s\"%s\":\"%s\"", i == 0 ? "{" : ",", facts[i].name, facts[i].value);
        } else {
            (void)printf("%-16s %s\n", facts[i].name, facts[i].value);
        }
    }
    (void)fputs(is_json ? "}\n" : "", stdout);
}

const char *command_version_text(void)
{
    return "sallyport " SALLYPORT_VERSION;
}

int command_version(const struct command_arguments *arguments)
{
    char memory[512];
    struct text ring = text_over(memory, sizeof(memory));
    struct utsname kernel = {0};
    if (!arguments->is_verbose && !arguments->is_json) {
        (void)printf("%s\n", command_version_text());
        return CLI_DONE;
    }
    (void)uname(&kernel); /* fails only for a bad pointer */
    if (result_is_ok(ring_features_check(&ring))) {
        text_append_string(&ring, "usable");
    }
    const struct fact facts[] = {
        {"sallyport", SALLYPORT_VERSION},
        {"tls_built_with", tls_library_version_built()},
        {"tls_running", tls_library_version_running()},
        {"liburing", LIBURING_VERSION},
        {"llhttp", LLHTTP_VERSION},
        {"inih", INIH_VERSION},
        {"jemalloc", JEMALLOC_VERSION},
        {"compiler", __VERSION__},
        {"kernel", kernel.release},
        {"io_uring", text_terminate(&ring)},
    };
    print_facts(facts, sizeof(facts) / sizeof(facts[0]), arguments->is_json);
    return CLI_DONE;
}
