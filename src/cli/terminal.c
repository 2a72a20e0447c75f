/* How to write for people. Called by the commands that draw. */
#include "terminal.h"

#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ESCAPED_BYTES_MAX 3 /* of one byte: \1B */

/* Without setlocale(): what is printed must not change with it. */
static bool has_utf8_locale(void)
{
    locale_t locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (locale == (locale_t)0) {
        return false; /* One that is not installed. */
    }
    bool is_utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
    freelocale(locale);
    return is_utf8;
}

bool terminal_is_dumb(void)
{
    const char *kind = getenv("TERM");
    return kind != NULL && strcmp(kind, "dumb") == 0;
}

struct terminal_style terminal_style_of(FILE *output)
{
    const char *no_color = getenv("NO_COLOR");
    return (struct terminal_style){
        .is_coloured = (no_color == NULL || no_color[0] == '\0') && isatty(fileno(output)) == 1 &&
                       !terminal_is_dumb(),
        .is_utf8 = has_utf8_locale(),
    };
}

static bool is_safe(char character)
{
    return character >= ' ' && character <= '~' && character != '\\';
}

void terminal_append_safe(struct text *text, const char *string)
{
    for (; *string != '\0'; string++) {
        if (is_safe(*string)) {
            text_append_char(text, *string);
        } else {
            text_append_char(text, '\\');
            text_append_hex_upper(text, bytes_from(string, 1));
        }
    }
}

void terminal_print_safe(FILE *output, const char *string)
{
    for (; *string != '\0'; string++) {
        char memory[ESCAPED_BYTES_MAX];
        struct text text = text_over(memory, sizeof(memory));
        char one[2] = {*string, '\0'};
        terminal_append_safe(&text, one);
        (void)fwrite(text.at, 1, text.length, output);
    }
}
