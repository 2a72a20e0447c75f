/* Manual pages: what is text stays text, whatever it looks like. */
#include "base/roff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static char *printed;
static size_t printed_length;
static FILE *output;

static int begin(void **state)
{
    (void)state;
    output = open_memstream(&printed, &printed_length);
    return output == NULL ? -1 : 0;
}

static int end(void **state)
{
    (void)state;
    free(printed);
    return 0;
}

static void assert_printed(const char *expected)
{
    assert_int_equal(fclose(output), 0);
    assert_string_equal(printed, expected);
}

static void a_page_has_a_title_sections_and_items(void **state)
{
    (void)state;
    roff_print_title(output, "gate.conf", 5, "gate 1.0");
    roff_print_section(output, "NAME");
    roff_print_subsection(output, "[listener NAME]");
    roff_print_item(output, "address", " = ADDRESS");
    assert_printed(".TH GATE.CONF 5 \"\" \"gate 1.0\"\n.SH \"NAME\"\n.SS \"[listener NAME]\"\n"
                   ".TP\n\\fBaddress\\fR = ADDRESS\n");
}

static void what_is_quoted_is_bold(void **state)
{
    (void)state;
    roff_print_text(output, "say `check` or `run`");
    assert_printed("say \\fBcheck\\fR or \\fBrun\\fR\n");
}

static void a_quotation_that_does_not_end_is_none(void **state)
{
    (void)state;
    roff_print_text(output, "a ` alone\nand `one` with ` another");
    assert_printed("a \\(ga alone\nand \\fBone\\fR with \\(ga another\n");
}

static void a_line_that_begins_like_a_request_is_text(void **state)
{
    (void)state;
    roff_print_paragraph(output, ".so /etc/shadow\n'br");
    assert_printed(".PP\n\\&.so /etc/shadow\n\\(aqbr\n");
}

static void escapes_and_quotes_are_characters(void **state)
{
    (void)state;
    roff_print_text(output, "\\fI--x ~^ \"y\"");
    roff_print_section(output, "a \"b\" \\c");
    assert_printed("\\efI\\-\\-x \\(ti\\(ha \\(dqy\\(dq\n.SH \"a \\(dqb\\(dq \\ec\"\n");
}

static void nothing_prints_nothing(void **state)
{
    (void)state;
    roff_print_text(output, "");
    roff_print_example(output, "");
    assert_printed(".PP\n.RS 4\n.nf\n.fi\n.RE\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_page_has_a_title_sections_and_items, begin, end),
        cmocka_unit_test_setup_teardown(what_is_quoted_is_bold, begin, end),
        cmocka_unit_test_setup_teardown(a_quotation_that_does_not_end_is_none, begin, end),
        cmocka_unit_test_setup_teardown(a_line_that_begins_like_a_request_is_text, begin, end),
        cmocka_unit_test_setup_teardown(escapes_and_quotes_are_characters, begin, end),
        cmocka_unit_test_setup_teardown(nothing_prints_nothing, begin, end),
    };
    return cmocka_run_group_tests_name("roff", tests, NULL, NULL);
}
