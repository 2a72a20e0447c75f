/* Words every complaint about a setting, so that all of them read alike. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "config/suggestion.h"
#include "setting_site.h"

#define MESSAGE_BYTES_MAX 1024

/* Of a value, in a message: enough to recognise it. */
#define VALUE_BYTES_MAX 100

static void add(const struct setting_site *site, enum diagnostic_severity severity,
                const char *format, va_list arguments)
{
    char message[MESSAGE_BYTES_MAX];
    const char *value = site->given->value;
    size_t length = strlen(value);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    diagnostics_add(site->loading->diagnostics, severity, site->given->place,
                    "[%s] %s = %.*s%s: %s", site->section->title, site->given->key, VALUE_BYTES_MAX,
                    value, length > VALUE_BYTES_MAX ? "..." : "", message);
}

void setting_site_reject(const struct setting_site *site, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(site, DIAGNOSTIC_ERROR, format, arguments);
    va_end(arguments);
}

void setting_site_warn(const struct setting_site *site, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(site, DIAGNOSTIC_WARNING, format, arguments);
    va_end(arguments);
}

static size_t count_accepted(const struct setting_word *words)
{
    size_t count = 0;
    for (const struct setting_word *word = words; word->text != NULL; word++) {
        count += word->refusal == NULL;
    }
    return count;
}

void setting_site_list_words(struct text *output, const struct setting_word *words)
{
    size_t left = count_accepted(words);
    for (const struct setting_word *word = words; word->text != NULL; word++) {
        if (word->refusal != NULL) {
            continue;
        }
        text_append_string(output, word->text);
        left--;
        text_append_string(output, left == 0 ? "" : left == 1 ? " or " : ", ");
    }
}

void setting_site_reject_word(const struct setting_site *site, const struct setting_word *words)
{
    char memory[MESSAGE_BYTES_MAX];
    struct text expected = text_over(memory, sizeof(memory));
    struct suggestion suggestion = suggestion_for(site->given->value);
    const char *refusal = NULL;
    setting_site_list_words(&expected, words);
    for (const struct setting_word *word = words; word->text != NULL; word++) {
        if (strcmp(word->text, site->given->value) == 0) {
            refusal = word->refusal;
        } else if (word->refusal == NULL) {
            suggestion_consider(&suggestion, word->text);
        }
    }
    if (refusal != NULL) {
        setting_site_reject(site, "%s %s: expected %s", site->given->value, refusal,
                            text_terminate(&expected));
    } else if (suggestion.best != NULL) {
        setting_site_reject(site, "expected %s (did you mean '%s'?)", text_terminate(&expected),
                            suggestion.best);
    } else {
        setting_site_reject(site, "expected %s", text_terminate(&expected));
    }
}
