/* The page for browsers: what is hostile in it is text, and its nonce lets nobody else in. */
#include "stats_fixture.h"

#include "../../../src/control/backend_view.h"
#include "../../../src/control/stats_page.h"

static struct stats_figures figures;

/* The caller frees it. */
static char *print_page(struct stats_catalogue *catalogue)
{
    static char *page;
    static size_t length;
    FILE *output = open_memstream(&page, &length);
    assert_non_null(output);
    figures.catalogue = catalogue;
    figures.reloads.was_latest_good = true;
    stats_page_print(&figures, "a-nonce", output);
    assert_int_equal(fclose(output), 0);
    return page;
}

static void names_are_escaped(void **state)
{
    struct stats_expiry expiry = {"server", (char[]){"<b a='1'>&\"\n\x1b\x7F\xC3\xA9.pem"}, 5};
    const struct backend_view server = {
        .backend = "</td><script>", .server = "x&y:80", .state = "ejected"};
    struct stats_catalogue catalogue = {.expiries = &expiry, .expiry_count = 1};
    (void)state;
    figures.example_server = &server;
    char *page = print_page(&catalogue);
    figures.example_server = NULL;
    assert_holds(page, "&lt;b a=&#39;1&#39;&gt;&amp;&quot;???\xC3\xA9.pem");
    assert_holds(page, "&lt;/td&gt;&lt;script&gt;");
    assert_holds(page, "x&amp;y:80");
    assert_holds(page, "<td class=\"number bad\">ejected</td>");
    free(page);
}

static void the_error_of_a_reload_is_text_and_hidden_when_there_is_none(void **state)
{
    (void)state;
    char *page = print_page(NULL);
    assert_holds(page, "<tr id=\"reload-failure\" hidden>");
    assert_holds(page, "<td id=\"reload-error\"></td>");
    free(page);
    figures.reloads.latest_failure = (struct reload_failure){"</td><script>'\x1b.\n", 0};
    page = print_page(NULL);
    figures.reloads.latest_failure = (struct reload_failure){0};
    assert_holds(page, "<td id=\"reload-error\">&lt;/td&gt;&lt;script&gt;&#39;?.?</td>");
    free(page);
}

static void a_page_without_a_configuration_is_whole(void **state)
{
    (void)state;
    char *page = print_page(NULL);
    assert_begins(page, "<!doctype html>");
    assert_holds(page, "nobody so far");
    assert_holds(page, "</html>\n");
    free(page);
}

static void style_and_script_are_in_it_under_the_nonce(void **state)
{
    (void)state;
    char *page = print_page(NULL);
    assert_holds(page, "<style nonce=\"a-nonce\">\n:root {");
    assert_holds(page, "<script nonce=\"a-nonce\">\n// ");
    assert_holds(page, "})();\n</script>");
    /* Neither may end its element before its end. */
    const char *style_end = strstr(page, "</style");
    assert_null(strstr(style_end + 1, "</style"));
    const char *script_end = strstr(page, "</script");
    assert_null(strstr(script_end + 1, "</script"));
    assert_null(strstr(page, "<!--"));
    free(page);
}

static void a_file_of_which_no_date_is_known_is_left_out(void **state)
{
    struct stats_expiry expiry = {"server", (char[]){"odd.pem"}, INT64_MAX};
    struct stats_catalogue catalogue = {.expiries = &expiry, .expiry_count = 1};
    (void)state;
    char *page = print_page(&catalogue);
    assert_null(strstr(page, "odd.pem"));
    free(page);
}

static void every_nonce_is_another_one(void **state)
{
    char nonces[2][STATS_PAGE_NONCE_SIZE];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_true(result_is_ok(stats_page_make_nonce(nonces[i])));
        assert_int_equal(strlen(nonces[i]), STATS_PAGE_NONCE_SIZE - 1);
        assert_int_equal(strspn(nonces[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                           "0123456789+/="),
                         STATS_PAGE_NONCE_SIZE - 1);
    }
    assert_string_not_equal(nonces[0], nonces[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_escaped),
        cmocka_unit_test(the_error_of_a_reload_is_text_and_hidden_when_there_is_none),
        cmocka_unit_test(a_page_without_a_configuration_is_whole),
        cmocka_unit_test(style_and_script_are_in_it_under_the_nonce),
        cmocka_unit_test(a_file_of_which_no_date_is_known_is_left_out),
        cmocka_unit_test(every_nonce_is_another_one),
    };
    return cmocka_run_group_tests_name("control/stats_page", tests, NULL, NULL);
}
