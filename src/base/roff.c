/* One function knows the escapes; all text passes through it. */
#include "base/roff.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* Characters that groff would take for something else, or turn into a typographic one. */
static const struct {
    char character;
    const char *escape;
} escapes[] = {
    {'\\', "\\e"},  {'-', "\\-"},   {'`', "\\(ga"}, {'\'', "\\(aq"},
    {'^', "\\(ha"}, {'~', "\\(ti"}, {'"', "\\(dq"},
};

static void print_character(FILE *output, char character)
{
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        if (escapes[i].character == character) {
            (void)fputs(escapes[i].escape, output);
            return;
        }
    }
    (void)fputc(character, output);
}

/* A quotation is bold and ends; without a closing backquote there is none. */
static void print_line(FILE *output, const char *at, size_t length)
{
    bool is_bold = false;
    if (length > 0 && at[0] == '.') {
        (void)fputs("\\&", output); /* no request */
    }
    for (const char *end = at + length; at < end; at++) {
        bool is_quotation =
            *at == '`' && (is_bold || memchr(at + 1, '`', (size_t)(end - at - 1)) != NULL);
        if (is_quotation) {
            is_bold = !is_bold;
            (void)fputs(is_bold ? "\\fB" : "\\fR", output);
        } else {
            print_character(output, *at);
        }
    }
    (void)fputc('\n', output);
}

static void print_lines(FILE *output, const char *text)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        print_line(output, text, length);
        text += length + (text[length] == '\n');
    }
}

/* The argument of a macro: in quotes, so that blanks stay. */
static void print_argument(FILE *output, const char *text)
{
    (void)fputs(" \"", output);
    for (; *text != '\0'; text++) {
        print_character(output, *text);
    }
    (void)fputc('"', output);
}

static void print_macro(FILE *output, const char *macro, const char *argument)
{
    (void)fputs(macro, output);
    print_argument(output, argument);
    (void)fputc('\n', output);
}

void roff_print_title(FILE *output, const char *name, unsigned section, const char *source)
{
    (void)fputs(".TH ", output);
    for (; *name != '\0'; name++) {
        (void)fputc(toupper((unsigned char)*name), output);
    }
    /* No date: the same sources make the same page. */
    (void)fprintf(output, " %u \"\"", section);
    print_argument(output, source);
    (void)fputc('\n', output);
}

void roff_print_section(FILE *output, const char *title)
{
    print_macro(output, ".SH", title);
}

void roff_print_subsection(FILE *output, const char *title)
{
    print_macro(output, ".SS", title);
}

void roff_print_item(FILE *output, const char *word, const char *rest)
{
    (void)fputs(".TP\n\\fB", output);
    for (; *word != '\0'; word++) {
        print_character(output, *word);
    }
    (void)fputs("\\fR", output);
    for (; *rest != '\0'; rest++) {
        print_character(output, *rest);
    }
    (void)fputc('\n', output);
}

void roff_print_text(FILE *output, const char *text)
{
    print_lines(output, text);
}

void roff_print_paragraph(FILE *output, const char *text)
{
    (void)fputs(".PP\n", output);
    print_lines(output, text);
}

void roff_print_example(FILE *output, const char *text)
{
    (void)fputs(".PP\n.RS 4\n.nf\n", output);
    print_lines(output, text);
    (void)fputs(".fi\n.RE\n", output);
}
