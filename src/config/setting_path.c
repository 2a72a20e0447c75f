/* What is no word is a path; a file that is called like a word is written ./stdout. */
#include "setting_path.h"

#include <string.h>

#include "config/config_limits.h"
#include "file_path.h"

/* Where the system's logger listens. */
#define SYSLOG_PATH "/dev/log"

/* clang-format off */
static const struct {
    const char *word;
    enum config_log_kind kind;
} log_words[] = {
    {"stdout", CONFIG_LOG_STANDARD_OUTPUT},
    {"stderr", CONFIG_LOG_STANDARD_ERROR},
    {"syslog", CONFIG_LOG_SYSLOG},
    {"off",    CONFIG_LOG_OFF},
};
/* clang-format on */

struct result setting_path_parse(const struct setting_site *site, struct config_text *ret_path)
{
    if (site->given->value[0] == '\0') {
        return SETTING_SITE_REFUSE(site, "expected a path");
    }
    const char *path = file_path_resolve(site->loading->document->arena,
                                         site->section->file->directory, site->given->value);
    if (path == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (strlen(path) > site->row->maximum) {
        return SETTING_SITE_REFUSE(site, "the whole path has %zu bytes: expected %llu at most",
                                   strlen(path), (unsigned long long)site->row->maximum);
    }
    *ret_path = (struct config_text){path, site->given->place};
    return RESULT_OK;
}

static bool find_word(const char *value, enum config_log_kind own, enum config_log_kind *ret_kind)
{
    if (strcmp(value, "-") == 0) {
        *ret_kind = own;
        return true;
    }
    for (size_t i = 0; i < sizeof(log_words) / sizeof(log_words[0]); i++) {
        if (strcmp(log_words[i].word, value) == 0) {
            *ret_kind = log_words[i].kind;
            return true;
        }
    }
    return false;
}

static struct result parse_syslog(const struct setting_site *site, const char *path,
                                  struct config_log *ret_log)
{
    if (path[0] != '/') {
        return SETTING_SITE_REFUSE(site, "expected syslog:/PATH of a datagram socket");
    }
    if (strlen(path) > CONFIG_SOCKET_PATH_BYTES_MAX) {
        return SETTING_SITE_REFUSE(site,
                                   "the path of the socket has %zu bytes: expected %d at "
                                   "most",
                                   strlen(path), CONFIG_SOCKET_PATH_BYTES_MAX);
    }
    ret_log->kind = CONFIG_LOG_SYSLOG;
    ret_log->path = path;
    return RESULT_OK;
}

struct result setting_path_parse_log(const struct setting_site *site, enum config_log_kind own,
                                     struct config_log *ret_log)
{
    const char *value = site->given->value;
    struct config_log log = {.source = {value, site->given->place}};
    if (find_word(value, own, &log.kind)) {
        if (log.kind == CONFIG_LOG_OFF && site->row->kind == SETTING_ERROR_LOG) {
            return SETTING_SITE_REFUSE(site, "expected a file, -, stdout, stderr or syslog: what "
                                             "goes wrong is always said");
        }
        log.path = log.kind == CONFIG_LOG_SYSLOG ? SYSLOG_PATH : NULL;
    } else if (strncmp(value, "syslog:", strlen("syslog:")) == 0) {
        TRY(parse_syslog(site, value + strlen("syslog:"), &log));
    } else {
        log.kind = CONFIG_LOG_FILE;
        TRY(setting_path_parse(site, &log.source));
        log.path = log.source.text;
    }
    *ret_log = log;
    return RESULT_OK;
}
