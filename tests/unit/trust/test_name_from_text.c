/* Distinguished names as people write them: what certificate they mean, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/certificate.h"
#include "../../../src/trust/name_from_text.h"
#include "../../../src/trust/name_text.h"
#include "certificate_builder.h"
#include "trust_pki.h"

static uint8_t memory[NAME_SIZE_MAX];

static struct bytes read_name(const char *text)
{
    char problem_memory[256];
    struct text problem = text_over(problem_memory, sizeof(problem_memory));
    size_t length = name_from_text(bytes_from_string(text), memory, &problem);
    if (length == 0) {
        fail_msg("%s: %s", text, text_terminate(&problem));
    }
    assert_true(name_is_valid(bytes_from(memory, length)));
    return bytes_from(memory, length);
}

static void assert_refused(const char *text, const char *expected)
{
    char problem_memory[256];
    struct text problem = text_over(problem_memory, sizeof(problem_memory));
    assert_int_equal(name_from_text(bytes_from_string(text), memory, &problem), 0);
    if (strncmp(text_terminate(&problem), expected, strlen(expected)) != 0) {
        fail_msg("%s: %s", text, problem.at);
    }
}

/* Text must be the Name that RFC 2253 prints so. */
static void assert_prints(const char *text, const char *expected)
{
    char printed_memory[1024];
    struct text printed = text_over(printed_memory, sizeof(printed_memory));
    name_text_append_rfc2253(read_name(text), &printed);
    assert_string_equal(text_terminate(&printed), expected);
}

static void the_first_attribute_is_the_last_of_the_name(void **state)
{
    (void)state;
    struct built name = {.length = 0};
    built_rdn(&name, BUILDER_O, 0x13, BYTES_OF("Contoso"));
    built_rdn(&name, BUILDER_CN, 0x0C, BYTES_OF("pump-7"));
    built_wrap(&name, 0, 0x30);
    assert_true(name_equal(read_name("CN=pump-7,O=Contoso"), built_bytes(&name)));
    assert_true(name_equal(read_name("  CN = pump-7 , O = Contoso  "), built_bytes(&name)));
    assert_false(name_equal(read_name("O=Contoso,CN=pump-7"), built_bytes(&name)));
}

static void quotes_and_escapes_of_all_systems_are_read(void **state)
{
    (void)state;
    assert_prints("CN=a, O=\"Contoso, Inc.\", C=US", "CN=a,O=Contoso\\, Inc.,C=US");
    assert_prints("O=\"He said \"\"no\"\"\"", "O=He said \\\"no\\\"");
    assert_prints("O=\"a\\\"b\\\\\"", "O=a\\\"b\\\\");
    assert_prints("CN=a\\,b\\+c\\;d\\<e\\>f\\=g\\#h\\\\i", "CN=a\\,b\\+c\\;d\\<e\\>f=g#h\\\\i");
    assert_prints("CN=\\ a \\ ", "CN=\\ a \\ ");
    assert_prints("CN=\\#a", "CN=\\#a");
    assert_prints("CN=B\\C3\\BCro", "CN=B\\C3\\BCro");
    assert_prints("CN=B\xC3\xBCro", "CN=B\\C3\\BCro");
    assert_prints("CN=a=b", "CN=a=b");
}

static void types_have_the_names_that_people_know(void **state)
{
    (void)state;
    assert_prints("cn=a,Ou=b,o=c", "CN=a,OU=b,O=c");
    assert_prints("E=a@b.example,S=NY,T=x,G=y,I=z", "emailAddress=a@b.example,ST=NY,title=x,GN=y,"
                                                    "initials=z");
    assert_prints("UID=1,uid=2", "UID=1,uid=2");
    assert_prints("2.5.4.3=a,OID.2.5.4.10=b", "CN=a,O=b");
    assert_prints("1.2.3.4.5=#0C0161", "1.2.3.4.5=#0C0161");
    assert_prints("2.999.840=#0C0161", "2.999.840=#0C0161");
    assert_prints("CN=a+OU=b,O=c", "OU=b+CN=a,O=c"); /* a set has no order */
}

static void mistakes_are_told_with_their_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *problem;
    } cases[] = {
        {"", "at '': expected an attribute and '='"},
        {"pump-7", "at 'pump-7': expected an attribute"},
        {"XN=a", "at 'XN=a': expected an attribute"},
        {"=a", "at '=a': expected an attribute"},
        {"/C=US/CN=a", "at '/C=US/CN=a': expected an attribute"},
        {"CN=a,", "at '': expected an attribute"},
        {"CN=a,,O=b", "at ',O=b': expected an attribute"},
        {"CN=a+,O=b", "at ',O=b': expected an attribute"},
        {"CN=", "at '': expected a value"},
        {"CN=\"\"", "at '\"\"': expected a value"},
        {"CN=,O=b", "at ',O=b': expected a value"},
        {"CN=\"a", "at '\"a': a quote is not closed"},
        {"CN=\"a\"b", "at 'b': expected ',' or '+'"},
        {"CN=a\"b\"", "at '\"b\"': expected this character after a '\\'"},
        {"CN=a;O=b", "at ';O=b': expected this character"},
        {"CN=a\\", "at '\\': expected one of"},
        {"CN=a\\x", "at '\\x': expected one of"},
        {"CN=a\\4", "at '\\4': expected one of"},
        {"CN=#", "at '#': expected '#' and one value in DER"},
        {"CN=#0C", "at '#0C': expected '#'"},
        {"CN=#0C0261", "at '#0C0261': expected '#'"},
        {"CN=#0C01610", "at '0': expected ',' or '+'"},
        {"CN=#0C016161", "at '#0C016161': expected '#'"},
        {"CN=\\FF", "the name is too long, or not in UTF-8"},
        {"CN=#0C01FF", "the name is too long, or not in UTF-8"},
        {"1=a", "at '1=a': expected an attribute"},
        {"1.2.=a", "at '1.2.=a': expected an attribute"},
        {"1..2=a", "at '1..2=a': expected an attribute"},
        {"1.02=a", "at '1.02=a': expected an attribute"},
        {"3.1=a", "at '3.1=a': expected an attribute"},
        {"1.40=a", "at '1.40=a': expected an attribute"},
        {"1.2.99999999999999999999=a", "at '1.2.9999999999999999': expected an attribute"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_refused(cases[i].text, cases[i].problem);
    }
}

static void names_beyond_the_bounds_are_refused(void **state)
{
    (void)state;
    static char text[3 * NAME_SIZE_MAX];
    memset(text, 'a', sizeof(text) - 1);
    memcpy(text, "CN=", 3);
    assert_refused(text, "at 'aaaaaaaaaaaaaaaaaaaa': the name is too long");
    text[3 + 3900] = '\0';
    (void)read_name(text);
    for (size_t i = 0; i + 5 < sizeof(text) - 1; i += 5) {
        memcpy(text + i, "CN=a,", 5);
    }
    text[65 * 5 - 1] = '\0';
    assert_refused(text, "at '': the name is too long");
    text[64 * 5 - 1] = '\0';
    (void)read_name(text);
}

/* The subject of a certificate of openssl's, as openssl and the variable for backends show it. */
static void what_is_printed_reads_back_as_the_same_name(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        char file[32];
        char text_memory[1024];
        struct certificate certificate;
        struct text text = text_over(text_memory, sizeof(text_memory));
        snprintf(file, sizeof(file), "name_%u.subject", i);
        text_append(&text, trust_pki_read(file));
        snprintf(file, sizeof(file), "name_%u.der", i);
        assert_true(certificate_read(trust_pki_read(file), &certificate));
        assert_true(name_equal(read_name(text_terminate(&text)), certificate.subject));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_attribute_is_the_last_of_the_name),
        cmocka_unit_test(quotes_and_escapes_of_all_systems_are_read),
        cmocka_unit_test(types_have_the_names_that_people_know),
        cmocka_unit_test(mistakes_are_told_with_their_place),
        cmocka_unit_test(names_beyond_the_bounds_are_refused),
        cmocka_unit_test(what_is_printed_reads_back_as_the_same_name),
    };
    return cmocka_run_group_tests(tests, trust_pki_make, trust_pki_remove);
}
