/*
 * The metrics of the manual are those of a scrape: figures that are all zero, with one name of each
 * kind, are printed as for Prometheus, and read again line by line. So no metric can be missing
 * here, and none can be here that is nowhere else.
 */
#include "control/stats_manual.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "backend_view.h"
#include "base/roff.h"
#include "base/text.h"
#include "control/stats_catalogue.h"
#include "stats_metrics.h"
#include "stats_paths.h"

#define LINE_BYTES_MAX 1024

/* One name of each kind, so that every family has a sample. */
struct stand_in {
    struct stats_figures figures;
    struct stats_catalogue catalogue;
    struct stats_expiry expiry;
    struct traffic_labels labels;
    struct ocsp_counters ocsp;
};

static void fill_in(struct stand_in *stand_in)
{
    static char name[] = "NAME";
    static const struct backend_view server = {
        .backend = name, .server = name, .written = name, .state = name, .reason = name};
    struct config_ssl_profile profile = {.name = name};
    struct config_backend backend = {.name = name};
    struct config_listener listener = {.name = name, .ssl_profile = &profile, .backend = &backend};
    struct config config = {.listeners = &listener,
                            .listener_count = 1,
                            .ssl_profiles = &profile,
                            .ssl_profile_count = 1};
    struct stats_sources sources = {.labels = &stand_in->labels, .ocsp = &stand_in->ocsp};
    traffic_labels_add(&stand_in->labels, &config);
    (void)label_table_add(&stand_in->ocsp.responder_labels, name);
    stand_in->expiry = (struct stats_expiry){.role = "ROLE", .path = name};
    stand_in->catalogue =
        (struct stats_catalogue){.expiries = &stand_in->expiry, .expiry_count = 1};
    stats_figures_gather(&sources, &stand_in->figures);
    stand_in->figures.catalogue = &stand_in->catalogue;
    stand_in->figures.example_server = &server;
}

/* The names of the labels of a sample: {a="x",b="y"} becomes {a,b}; a bucket's bound is none. */
static void append_labels(struct text *text, const char *sample)
{
    const char *at = strchr(sample, '{');
    bool is_first = true;
    while (at != NULL && *at != '\0' && *at != '}') {
        size_t length = strcspn(++at, "=");
        if (strncmp(at, "le=", 3) != 0) {
            text_append_string(text, is_first ? "{" : ",");
            text_append(text, bytes_from(at, length));
            is_first = false;
        }
        at += length;
        at = *at == '\0' ? at : strchr(at + 2, '"'); /* past the value's quotes */
        at = at == NULL ? NULL : at + 1;
    }
    text_append_string(text, is_first ? "" : "}");
}

/* A family as it was printed: its lines of help and type, and the first of its samples. */
struct family {
    char name[LINE_BYTES_MAX];
    char help[LINE_BYTES_MAX];
    char type[LINE_BYTES_MAX];
    bool is_open; /* its first sample has not come yet */
};

static void print_family(FILE *output, struct family *family, const char *sample)
{
    char memory[LINE_BYTES_MAX];
    struct text rest = text_over(memory, sizeof(memory));
    append_labels(&rest, sample);
    text_append_format(&rest, " (%s)", family->type);
    roff_print_item(output, family->name, text_terminate(&rest));
    struct text help = text_over(memory, sizeof(memory));
    text_append_char(&help, (char)toupper((unsigned char)family->help[0]));
    text_append_format(&help, "%s.", family->help + 1);
    roff_print_text(output, text_terminate(&help));
    family->is_open = false;
}

static void read_line(FILE *output, struct family *family, const char *line)
{
    if (sscanf(line, "# HELP %1023s %1023[^\n]", family->name, family->help) == 2) {
        family->is_open = true;
    } else if (sscanf(line, "# TYPE %*s %1023s", family->type) != 1 && family->is_open) {
        print_family(output, family, line);
    }
}

static struct result print_metrics(FILE *output)
{
    char *text = NULL;
    size_t length = 0;
    struct family family = {0};
    struct stand_in *stand_in = calloc(1, sizeof(*stand_in));
    FILE *metrics = stand_in == NULL ? NULL : open_memstream(&text, &length);
    if (metrics == NULL) {
        free(stand_in);
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    fill_in(stand_in);
    stats_metrics_print(&stand_in->figures, metrics);
    bool is_whole = fclose(metrics) == 0;
    free(stand_in);
    for (char *line = text, *end; is_whole && (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        read_line(output, &family, line);
    }
    free(text);
    return is_whole ? RESULT_OK : result_failure(ERROR_OUT_OF_MEMORY);
}

static void print_path(void *output, const char *method, const char *path, const char *help)
{
    char memory[LINE_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    text_append_format(&text, "%s %s", method, path);
    roff_print_item(output, text_terminate(&text), "");
    text = text_over(memory, sizeof(memory));
    text_append_char(&text, (char)toupper((unsigned char)help[0]));
    text_append_format(&text, "%s.", help + 1);
    roff_print_text(output, text_terminate(&text));
}

struct result stats_manual_print(FILE *output)
{
    roff_print_section(output, "STATS SOCKET");
    roff_print_text(output,
                    "`stats_socket` speaks HTTP, for example with `curl --unix-socket PATH "
                    "http://localhost/metrics`; `stats_address` serves what is read with GET.");
    stats_paths_each(print_path, output);
    roff_print_section(output, "METRICS");
    roff_print_text(output,
                    "What `GET /metrics` prints, in the text format of Prometheus. Every series is "
                    "there from the start, at 0, but those of an OCSP\nresponder, which come with "
                    "its first question. Names of listeners, backends, profiles and responders are "
                    "counted apart up to 63 of\neach kind, all others together as `other`; no "
                    "label has a value that a client chooses.");
    return print_metrics(output);
}
