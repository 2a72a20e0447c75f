/*
 * One value of one setting on its way into the configuration: where it stands, what its row says,
 * and how to complain about it. A plain value that lives during one config_load().
 */
#ifndef CONFIG_SETTING_SITE_H
#define CONFIG_SETTING_SITE_H

#include "base/text.h"
#include "document.h"
#include "schema.h"

/* What one config_load() works on. */
struct loading {
    struct config *config;
    struct document *document;
    struct diagnostics *diagnostics;
};

struct setting_site {
    const struct loading *loading;
    const struct document_section *section;
    const struct document_setting *given;
    const struct setting *row;
};

/*
 * Complains in the one form: `[section] key = value: message`, at the value's place. The message
 * says what was expected.
 */
[[gnu::format(printf, 2, 3)]] void setting_site_reject(const struct setting_site *site,
                                                       const char *format, ...);
[[gnu::format(printf, 2, 3)]] void setting_site_warn(const struct setting_site *site,
                                                     const char *format, ...);

/* For the parsers of values: rejects, and yields the result that says "reported, go on". */
#define SETTING_SITE_REFUSE(site, ...) \
    (setting_site_reject((site), __VA_ARGS__), result_failure(ERROR_BAD_CONFIG))

/*
 * Complains of a value that is none of the words: `expected a, b or c (did you mean 'b'?)`, or of
 * one that is known but not accepted.
 */
void setting_site_reject_word(const struct setting_site *site, const struct setting_word *words);

/* "strict, passthrough or off" */
void setting_site_list_words(struct text *output, const struct setting_word *words);

#endif
