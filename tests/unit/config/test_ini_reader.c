/* The strict reader: what inih alone would get wrong is a message with its place, or is read right.
 */
#include <sys/stat.h>

#include "loaded_config.h"

#include "../../../src/config/ini_reader.h"

/* What the reader makes of a text, as `[title] key=value` lines; a message is `line: message`. */
static char *read_text(const void *text, size_t length)
{
    char *output = NULL;
    size_t output_length = 0;
    FILE *stream = open_memstream(&output, &output_length);
    struct arena *arena = arena_create();
    struct document document;
    struct document_file *file = NULL;
    struct diagnostics diagnostics;
    document_init(&document, arena);
    diagnostics_init(&diagnostics);
    assert_true(
        result_is_ok(document_add_file(&document, "a.ini", (struct config_place){0}, &file)));
    assert_true(
        result_is_ok(ini_reader_parse(&document, file, bytes_from(text, length), &diagnostics)));
    for (size_t i = 0; i < document.section_count; i++) {
        const struct document_section *section = &document.sections[i];
        fprintf(stream, "%d[%s|%s]", section->place.line, section->kind, section->name);
        for (size_t j = 0; j < section->setting_count; j++) {
            const struct document_setting *setting = &section->settings[j];
            fprintf(stream, " %d:%s=<%s>", setting->place.line, setting->key, setting->value);
        }
        fputc('\n', stream);
    }
    for (size_t i = 0; i < diagnostics.count; i++) {
        fprintf(stream, "%d: %s\n", diagnostics.items[i].place.line, diagnostics.items[i].message);
    }
    diagnostics_deinit(&diagnostics);
    document_deinit(&document);
    arena_destroy(arena);
    assert_int_equal(fclose(stream), 0);
    return output;
}

static void assert_reads_bytes(const void *text, size_t length, const char *expected)
{
    char *output = read_text(text, length);
    assert_string_equal(output, expected);
    free(output);
}

static void assert_reads(const char *text, const char *expected)
{
    assert_reads_bytes(text, strlen(text), expected);
}

static void sections_and_settings_keep_their_lines(void **state)
{
    (void)state;
    assert_reads("[a]\nk = v\n\n; comment\n# comment\n[b  c ] ; why\nl=w\n",
                 "1[a|] 2:k=<v>\n6[b|c] 7:l=<w>\n");
}

static void empty_sections_are_seen(void **state)
{
    (void)state;
    assert_reads("[a x]\n[a y]\n[b]", "1[a|x]\n2[a|y]\n3[b|]\n");
}

static void last_line_needs_no_end(void **state)
{
    (void)state;
    assert_reads("[a]\nk = v", "1[a|] 2:k=<v>\n");
}

static void empty_text_is_no_mistake(void **state)
{
    (void)state;
    assert_reads("", "");
    assert_reads("\n\n   \n", "");
}

static void windows_files_are_read(void **state)
{
    (void)state;
    assert_reads("\xEF\xBB\xBF[a]\r\nk = v\r\n\r\n", "1[a|] 2:k=<v>\n");
}

static void utf16_is_named(void **state)
{
    (void)state;
    assert_reads_bytes("\xFF\xFE[\0a\0]\0", 8, "1: the file is in UTF-16: expected UTF-8\n");
}

static void indented_line_is_refused_unless_it_is_a_comment(void **state)
{
    (void)state;
    assert_reads(
        "[a]\n  ; c\n  k = one\nl = two\n",
        "1[a|] 4:l=<two>\n3: the line is indented: expected it to start in the first column\n");
}

static void comments_start_at_a_blank(void **state)
{
    (void)state;
    assert_reads("[a]\nk = v ; c\nl = v # c\nm = a;b#c\nn = ; c\no =# c\n",
                 "1[a|] 2:k=<v> 3:l=<v> 4:m=<a;b#c> 5:n=<> 6:o=<>\n");
}

static void quotes_protect_a_value(void **state)
{
    (void)state;
    assert_reads(
        "[a]\nk = \" v ; w # x \" ; c\nl = \"say \\\"yes\\\" \\\\\"\nm = X: \"a ; b\" ; c\n",
        "1[a|] 2:k=< v ; w # x > 3:l=<say \"yes\" \\> 4:m=<X: \"a ; b\">\n");
}

static void value_may_hold_separators(void **state)
{
    (void)state;
    assert_reads("[a]\nk = b = c : d\nl=x:y\n", "1[a|] 2:k=<b = c : d> 3:l=<x:y>\n");
}

static void bad_quotes_are_refused(void **state)
{
    (void)state;
    assert_reads("[a]\nk = \"v ; w\nl = a\"b\nm = \"v\" w\nn = \"a\\nb\"\no = \"\\\n",
                 "1[a|]\n"
                 "2: k: a quote is not closed: expected '\"'\n"
                 "3: l: a quote is not closed: expected '\"'\n"
                 "4: text after the closing quote: expected the whole value in quotes\n"
                 "5: a backslash in quotes: expected \\\" or \\\\\n"
                 "6: o: a quote is not closed: expected '\"'\n");
}

static void lines_without_equals_are_refused(void **state)
{
    (void)state;
    assert_reads("[a]\nword\nk: v\n= v\na b = c\nk: v = w\n",
                 "1[a|]\n"
                 "2: no '=' in the line: expected 'key = value'\n"
                 "3: no '=' in the line: expected 'key = value' (':' does not separate them)\n"
                 "4: no key before '=': expected 'key = value'\n"
                 "5: 'a b' is not a key: expected 'key = value'\n"
                 "6: 'k: v' is not a key: expected 'key = value'\n");
}

static void settings_of_a_broken_section_go_nowhere(void **state)
{
    (void)state;
    assert_reads("[a]\nk = v\n[b\nk = w\n[c] x\nk = x\n[]\nk = y\n[d e]\nk = z\n[f:g]\n[[h]]\n",
                 "1[a|] 2:k=<v>\n9[d|e] 10:k=<z>\n"
                 "3: the section is not closed: expected ']'\n"
                 "5: text after ']': expected the section alone on its line\n"
                 "7: the section has no name: expected [gateway], [listener NAME] and so on\n"
                 "11: [f:g]: expected letters, digits, '.', '_' and '-' in a name\n"
                 "12: text after ']': expected the section alone on its line\n");
}

static void settings_before_any_section_are_refused(void **state)
{
    (void)state;
    assert_reads("k = v\n[a]\n", "2[a|]\n1: k stands before any section: expected [gateway] or "
                                 "another section first\n");
}

static void control_characters_are_refused_even_in_comments(void **state)
{
    (void)state;
    assert_reads_bytes(
        "[a]\nk = v\0w\nl = \x1b[31m\n; \x07\nm = a\rb\nn = \x7f\no = a\tb\n",
        sizeof("[a]\nk = v\0w\nl = \x1b[31m\n; \x07\nm = a\rb\nn = \x7f\no = a\tb\n") - 1,
        "1[a|] 7:o=<a\tb>\n"
        "2: a NUL byte in column 6: expected plain text in UTF-8\n"
        "3: control character 0x1b in column 5: expected plain text\n"
        "4: control character 0x07 in column 3: expected plain text\n"
        "5: control character 0x0d in column 6: expected plain text\n"
        "6: control character 0x7f in column 5: expected plain text\n");
}

static void section_with_a_nul_swallows_its_settings(void **state)
{
    (void)state;
    assert_reads_bytes("[a]\n[b\0]\nk = v\n", 14,
                       "1[a|]\n2: a NUL byte in column 3: expected plain text in UTF-8\n");
}

/* "[a]\n", then key = xxx..., of line_bytes in all, then one more setting. */
static char *long_line(const char *start, size_t line_bytes)
{
    char *text = calloc(1, line_bytes + 64);
    size_t length = (size_t)sprintf(text, "[a]\n%s", start);
    memset(text + length, 'x', line_bytes + 4 - length);
    (void)snprintf(text + line_bytes + 4, 60, "\nl = w\n");
    return text;
}

static void long_lines_are_read_whole(void **state)
{
    (void)state;
    char *text = long_line("k = ", 8192);
    char *output = read_text(text, strlen(text));
    assert_int_equal(strlen(output), strlen("1[a|] 2:k=<> 3:l=<w>\n") + 8192 - 4);
    free(output);
    free(text);
}

static void longer_lines_are_refused_and_never_split(void **state)
{
    (void)state;
    const char *starts[] = {"k = ", "; comment k2 = ", "# k = v", "k"};
    for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
        char *text = long_line(starts[i], 8193);
        assert_reads(text, "1[a|] 3:l=<w>\n2: the line has 8193 bytes: expected 8192 at most\n");
        free(text);
    }
}

static void long_names_are_refused(void **state)
{
    (void)state;
    assert_reads("[a]\nk1234567890123456789012345678901234567890123456789 = v\n"
                 "k123456789012345678901234567890123456789012345678 = v\n"
                 "[b1234567890123456789012345678901234567890123456789]\n",
                 "1[a|] 3:k123456789012345678901234567890123456789012345678=<v>\n"
                 "2: the key has 50 bytes: expected 49 at most\n"
                 "4: the section's name has 50 bytes: expected 49 at most\n");
}

static void too_many_settings_end_the_reading(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    fputs("[a]\n", stream);
    for (int i = 0; i < 20001; i++) {
        fputs("k=v\n", stream);
    }
    fclose(stream);
    char *output = read_text(text, length);
    assert_non_null(strstr(output, "\n20002: too much: expected at most 1000 sections and 20000 "
                                   "settings in all files; reading stops here\n"));
    free(output);
    free(text);
}

static void too_many_sections_end_the_reading(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length = 0;
    FILE *stream = open_memstream(&text, &length);
    for (int i = 0; i < 1005; i++) {
        fputs("[a]\n", stream);
    }
    fclose(stream);
    char *output = read_text(text, length);
    assert_non_null(strstr(output, "\n1001: too much: "));
    assert_null(strstr(output, "\n1002: "));
    free(output);
    free(text);
}

static void file_must_be_there(void **state)
{
    (void)state;
    struct loaded loaded = load_file("none.ini");
    assert_string_equal(loaded.said,
                        "none.ini: error: cannot be opened: No such file or directory\n");
    unload(&loaded);
}

static void directory_is_refused(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    struct loaded loaded = load_file("folder");
    assert_string_equal(loaded.said,
                        "folder: error: is a directory: expected a configuration file\n");
    unload(&loaded);
}

static void fifo_is_refused_without_waiting(void **state)
{
    (void)state;
    assert_int_equal(mkfifo("fifo", 0600), 0);
    struct loaded loaded = load_file("fifo");
    assert_string_equal(loaded.said,
                        "fifo: error: is not a regular file: expected a configuration file\n");
    unload(&loaded);
}

static void huge_file_is_refused(void **state)
{
    (void)state;
    char *text = malloc(1048577);
    memset(text, '\n', 1048577);
    write_bytes("huge.ini", text, 1048577);
    struct loaded loaded = load_file("huge.ini");
    assert_string_equal(loaded.said, "huge.ini: error: is too large: expected 1 MiB at most\n");
    unload(&loaded);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sections_and_settings_keep_their_lines),
        cmocka_unit_test(empty_sections_are_seen),
        cmocka_unit_test(last_line_needs_no_end),
        cmocka_unit_test(empty_text_is_no_mistake),
        cmocka_unit_test(windows_files_are_read),
        cmocka_unit_test(utf16_is_named),
        cmocka_unit_test(indented_line_is_refused_unless_it_is_a_comment),
        cmocka_unit_test(comments_start_at_a_blank),
        cmocka_unit_test(quotes_protect_a_value),
        cmocka_unit_test(value_may_hold_separators),
        cmocka_unit_test(bad_quotes_are_refused),
        cmocka_unit_test(lines_without_equals_are_refused),
        cmocka_unit_test(settings_of_a_broken_section_go_nowhere),
        cmocka_unit_test(settings_before_any_section_are_refused),
        cmocka_unit_test(control_characters_are_refused_even_in_comments),
        cmocka_unit_test(section_with_a_nul_swallows_its_settings),
        cmocka_unit_test(long_lines_are_read_whole),
        cmocka_unit_test(longer_lines_are_refused_and_never_split),
        cmocka_unit_test(long_names_are_refused),
        cmocka_unit_test(too_many_settings_end_the_reading),
        cmocka_unit_test(too_many_sections_end_the_reading),
        cmocka_unit_test(file_must_be_there),
        cmocka_unit_test(directory_is_refused),
        cmocka_unit_test(fifo_is_refused_without_waiting),
        cmocka_unit_test(huge_file_is_refused),
    };
    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
