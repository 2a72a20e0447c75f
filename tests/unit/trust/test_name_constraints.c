/* Name constraints, form by form: names inside, outside and such that nobody can tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../src/trust/general_name.h"
#include "../../../src/trust/name_constraints.h"
#include "certificate_builder.h"

#define KEPT        NAME_CONSTRAINTS_KEPT
#define OUTSIDE     NAME_CONSTRAINTS_NOT_PERMITTED
#define EXCLUDED    NAME_CONSTRAINTS_EXCLUDED
#define UNSUPPORTED NAME_CONSTRAINTS_UNSUPPORTED
#define EMPTY_NAME  BYTES_OF("\x30\x00")
#define NO_SUBTREES ((struct bytes){0})

static struct built subtree_of(enum general_name_kind kind, struct bytes base)
{
    bool is_constructed = kind == GENERAL_NAME_DIRECTORY || kind == GENERAL_NAME_OTHER;
    struct built subtree = {.length = 0};
    built_element(&subtree, (is_constructed ? 0xA0u : 0x80u) | kind, base);
    built_wrap(&subtree, 0, 0x30);
    return subtree;
}

static enum name_constraints_answer ask(struct bytes subject, struct bytes names,
                                        struct bytes permitted, struct bytes excluded)
{
    uint32_t budget = NAME_CONSTRAINTS_BUDGET;
    struct certificate leaf = {.subject = subject, .subject_alt_names = names};
    struct certificate ca = {
        .extensions = 1u << EXTENSION_NAME_CONSTRAINTS,
        .permitted_subtrees = permitted,
        .excluded_subtrees = excluded,
    };
    return name_constraints_check(&leaf, &ca, true, &budget);
}

struct text_case {
    enum general_name_kind kind;
    struct bytes name;
    struct bytes base;
    enum name_constraints_answer when_permitted; /* base is the only permitted subtree */
    enum name_constraints_answer when_excluded;
};

/* clang-format off */
static const struct text_case cases[] = {
    {GENERAL_NAME_DNS, BYTES_OF("a.example.com"),       BYTES_OF("example.com"),   KEPT,        EXCLUDED},
    {GENERAL_NAME_DNS, BYTES_OF("EXAMPLE.com"),         BYTES_OF("example.COM"),   KEPT,        EXCLUDED},
    {GENERAL_NAME_DNS, BYTES_OF("aexample.com"),        BYTES_OF("example.com"),   OUTSIDE,     KEPT},
    {GENERAL_NAME_DNS, BYTES_OF("com"),                 BYTES_OF("example.com"),   OUTSIDE,     KEPT},
    {GENERAL_NAME_DNS, BYTES_OF("example.com"),         BYTES_OF(".example.com"),  OUTSIDE,     KEPT},
    {GENERAL_NAME_DNS, BYTES_OF("a.example.com"),       BYTES_OF(".example.com"),  KEPT,        EXCLUDED},
    {GENERAL_NAME_DNS, BYTES_OF("anything"),            BYTES_OF(""),              KEPT,        EXCLUDED},
    {GENERAL_NAME_DNS, BYTES_OF("*.example.com"),       BYTES_OF("example.com"),   KEPT,        EXCLUDED},
    {GENERAL_NAME_DNS, BYTES_OF("*.example.com"),       BYTES_OF("a.example.com"), OUTSIDE,     EXCLUDED},
    {GENERAL_NAME_DNS, BYTES_OF("a.example.com."),      BYTES_OF("example.com"),   UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_DNS, BYTES_OF("a..example.com"),      BYTES_OF("example.com"),   UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_DNS, BYTES_OF("evil\0.example.com"),  BYTES_OF("example.com"),   UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_DNS, BYTES_OF("evil /.example.com"),  BYTES_OF("example.com"),   UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_EMAIL, BYTES_OF("a@example.com"),     BYTES_OF("example.com"),   KEPT,        EXCLUDED},
    {GENERAL_NAME_EMAIL, BYTES_OF("a@b.example.com"),   BYTES_OF("example.com"),   OUTSIDE,     KEPT},
    {GENERAL_NAME_EMAIL, BYTES_OF("a@b.example.com"),   BYTES_OF(".example.com"),  KEPT,        EXCLUDED},
    {GENERAL_NAME_EMAIL, BYTES_OF("a@example.com"),     BYTES_OF(".example.com"),  OUTSIDE,     KEPT},
    {GENERAL_NAME_EMAIL, BYTES_OF("a@Example.com"),     BYTES_OF("a@example.com"), KEPT,        EXCLUDED},
    {GENERAL_NAME_EMAIL, BYTES_OF("A@example.com"),     BYTES_OF("a@example.com"), OUTSIDE,     EXCLUDED},
    {GENERAL_NAME_EMAIL, BYTES_OF("b@example.com"),     BYTES_OF("a@example.com"), OUTSIDE,     KEPT},
    {GENERAL_NAME_EMAIL, BYTES_OF("x@evil@example.com"), BYTES_OF("evil"),         OUTSIDE,     KEPT},
    {GENERAL_NAME_EMAIL, BYTES_OF("example.com"),       BYTES_OF("example.com"),   UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_EMAIL, BYTES_OF("a@"),                BYTES_OF("example.com"),   UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_URI, BYTES_OF("https://h.example.com/p"), BYTES_OF("h.example.com"), KEPT,    EXCLUDED},
    {GENERAL_NAME_URI, BYTES_OF("https://h.example.com:1?q@other"), BYTES_OF(".example.com"), KEPT, EXCLUDED},
    {GENERAL_NAME_URI, BYTES_OF("https://good.com@evil.com/"), BYTES_OF("good.com"), OUTSIDE,   KEPT},
    {GENERAL_NAME_URI, BYTES_OF("https://evil.com#@good.com"), BYTES_OF("good.com"), OUTSIDE,   KEPT},
    {GENERAL_NAME_URI, BYTES_OF("spiffe://domain/x"),   BYTES_OF("domain"),        KEPT,        EXCLUDED},
    {GENERAL_NAME_URI, BYTES_OF("urn:uuid:1"),          BYTES_OF("domain"),        UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_URI, BYTES_OF("https://10.0.0.1/"),   BYTES_OF("10.0.0.1"),      UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_URI, BYTES_OF("https://[::1]/"),      BYTES_OF("domain"),        UNSUPPORTED, UNSUPPORTED},
    {GENERAL_NAME_IP, BYTES_OF("\x0A\x01\x02\x03"), BYTES_OF("\x0A\0\0\0\xFF\0\0\0"), KEPT,     EXCLUDED},
    {GENERAL_NAME_IP, BYTES_OF("\x0B\x01\x02\x03"), BYTES_OF("\x0A\0\0\0\xFF\0\0\0"), OUTSIDE,  KEPT},
    {GENERAL_NAME_IP, BYTES_OF("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"), BYTES_OF("\0\0\0\0\0\0\0\0"), OUTSIDE, KEPT},
};
/* clang-format on */

static void names_are_compared_by_their_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct built name = {.length = 0};
        struct built subtree = subtree_of(cases[i].kind, cases[i].base);
        built_element(&name, 0x80u | cases[i].kind, cases[i].name);
        struct bytes names = built_bytes(&name);
        if (ask(EMPTY_NAME, names, built_bytes(&subtree), NO_SUBTREES) != cases[i].when_permitted ||
            ask(EMPTY_NAME, names, NO_SUBTREES, built_bytes(&subtree)) != cases[i].when_excluded) {
            fail_msg("case %zu: %.*s in %.*s", i, (int)cases[i].name.length, cases[i].name.at,
                     (int)cases[i].base.length, cases[i].base.at);
        }
    }
}

static void a_form_without_constraint_is_free(void **state)
{
    (void)state;
    struct built subtree = subtree_of(GENERAL_NAME_DNS, BYTES_OF("example.com"));
    struct built name = {.length = 0};
    built_element(&name, 0x86, BYTES_OF("urn:anything"));
    assert_int_equal(ask(EMPTY_NAME, built_bytes(&name), built_bytes(&subtree), NO_SUBTREES), KEPT);
}

static void one_of_several_permitted_subtrees_is_enough(void **state)
{
    (void)state;
    struct built subtrees = subtree_of(GENERAL_NAME_DNS, BYTES_OF("a.com"));
    struct built second = subtree_of(GENERAL_NAME_DNS, BYTES_OF("b.com"));
    struct built name = {.length = 0};
    built_add(&subtrees, built_bytes(&second));
    built_element(&name, 0x82, BYTES_OF("x.b.com"));
    assert_int_equal(ask(EMPTY_NAME, built_bytes(&name), built_bytes(&subtrees), NO_SUBTREES),
                     KEPT);
    built_element(&name, 0x82, BYTES_OF("x.c.com"));
    assert_int_equal(ask(EMPTY_NAME, built_bytes(&name), built_bytes(&subtrees), NO_SUBTREES),
                     OUTSIDE);
}

static void forms_that_nobody_can_compare_are_refused_when_constrained(void **state)
{
    (void)state;
    struct bytes other = BYTES_OF("\x06\x01\x2A\xA0\x02\x05\x00");
    struct built subtree = subtree_of(GENERAL_NAME_OTHER, other);
    struct built name = {.length = 0};
    built_element(&name, 0xA0, other);
    assert_int_equal(ask(EMPTY_NAME, built_bytes(&name), built_bytes(&subtree), NO_SUBTREES),
                     UNSUPPORTED);
    assert_int_equal(ask(EMPTY_NAME, built_bytes(&name), NO_SUBTREES, built_bytes(&subtree)),
                     UNSUPPORTED);
    assert_int_equal(ask(EMPTY_NAME, NO_SUBTREES, built_bytes(&subtree), NO_SUBTREES), KEPT);
}

static void the_subject_keeps_directory_constraints(void **state)
{
    (void)state;
    struct built base = {.length = 0};
    struct built inside = {.length = 0};
    struct built outside = {.length = 0};
    built_rdn(&base, BUILDER_O, 0x0C, BYTES_OF("Good"));
    built_wrap(&base, 0, 0x30);
    built_rdn(&inside, BUILDER_O, 0x13, BYTES_OF("GOOD"));
    built_rdn(&inside, BUILDER_CN, 0x13, BYTES_OF("x"));
    built_wrap(&inside, 0, 0x30);
    built_rdn(&outside, BUILDER_O, 0x13, BYTES_OF("Bad"));
    built_wrap(&outside, 0, 0x30);
    struct built subtree = subtree_of(GENERAL_NAME_DIRECTORY, built_bytes(&base));
    struct bytes tree = built_bytes(&subtree);
    assert_int_equal(ask(built_bytes(&inside), NO_SUBTREES, tree, NO_SUBTREES), KEPT);
    assert_int_equal(ask(built_bytes(&inside), NO_SUBTREES, NO_SUBTREES, tree), EXCLUDED);
    assert_int_equal(ask(built_bytes(&outside), NO_SUBTREES, tree, NO_SUBTREES), OUTSIDE);
    assert_int_equal(ask(EMPTY_NAME, NO_SUBTREES, tree, NO_SUBTREES), KEPT);
}

static struct built subject_of(struct bytes type, unsigned tag, struct bytes value)
{
    struct built subject = {.length = 0};
    built_rdn(&subject, type, tag, value);
    built_wrap(&subject, 0, 0x30);
    return subject;
}

static void email_addresses_in_the_subject_are_constrained(void **state)
{
    (void)state;
    struct bytes email = BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01");
    struct built tree = subtree_of(GENERAL_NAME_EMAIL, BYTES_OF("good.com"));
    struct built good = subject_of(email, 0x16, BYTES_OF("a@good.com"));
    struct built bad = subject_of(email, 0x16, BYTES_OF("a@bad.com"));
    assert_int_equal(ask(built_bytes(&good), NO_SUBTREES, built_bytes(&tree), NO_SUBTREES), KEPT);
    assert_int_equal(ask(built_bytes(&bad), NO_SUBTREES, built_bytes(&tree), NO_SUBTREES), OUTSIDE);
}

/* Only an IA5String is one (RFC 5280 4.1.2.6); two bytes a character matched no excluded host. */
static void email_addresses_of_another_type_are_not_guessed(void **state)
{
    (void)state;
    struct bytes email = BYTES_OF("\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01");
    struct built tree = subtree_of(GENERAL_NAME_EMAIL, BYTES_OF("bad.com"));
    struct built utf8 = subject_of(email, 0x0C, BYTES_OF("a@good.com"));
    struct built wide = subject_of(email, 0x1E, BYTES_OF("\0a\0@\0b\0a\0d\0.\0c\0o\0m"));
    assert_int_equal(ask(built_bytes(&utf8), NO_SUBTREES, NO_SUBTREES, built_bytes(&tree)),
                     UNSUPPORTED);
    assert_int_equal(ask(built_bytes(&wide), NO_SUBTREES, NO_SUBTREES, built_bytes(&tree)),
                     UNSUPPORTED);
}

/* An otherName of that type, [0] with a UTF8String (RFC 9598 3). */
static struct built mailbox_of(struct bytes type, struct bytes address)
{
    struct built name = {.length = 0};
    struct built value = {.length = 0};
    built_element(&value, 0x0C, address);
    built_wrap(&value, 0, 0xA0);
    built_element(&name, 0x06, type);
    built_add(&name, built_bytes(&value));
    built_wrap(&name, 0, 0xA0);
    return name;
}

static void utf8_mailboxes_are_refused_where_email_is_constrained(void **state)
{
    (void)state;
    struct bytes type = BYTES_OF("\x2B\x06\x01\x05\x05\x07\x08\x09");
    struct built good = subtree_of(GENERAL_NAME_EMAIL, BYTES_OF("good.com"));
    struct built dns = subtree_of(GENERAL_NAME_DNS, BYTES_OF("good.com"));
    struct built both = dns;
    struct built ascii = mailbox_of(type, BYTES_OF("a@bad.com"));
    struct built wide = mailbox_of(type, BYTES_OF("\xC3\xBC@good.com"));
    struct built other = mailbox_of(BYTES_OF("\x2B\x06\x01\x05\x05\x07\x08\x07"), BYTES_OF("a@b"));
    const struct built *mailboxes[] = {&ascii, &wide};
    built_add(&both, built_bytes(&good));
    for (size_t i = 0; i < 2; i++) {
        struct bytes names = built_bytes(mailboxes[i]);
        assert_int_equal(ask(EMPTY_NAME, names, built_bytes(&good), NO_SUBTREES), UNSUPPORTED);
        assert_int_equal(ask(EMPTY_NAME, names, NO_SUBTREES, built_bytes(&good)), UNSUPPORTED);
        assert_int_equal(ask(EMPTY_NAME, names, built_bytes(&both), NO_SUBTREES), UNSUPPORTED);
        assert_int_equal(ask(EMPTY_NAME, names, built_bytes(&dns), NO_SUBTREES), KEPT);
    }
    assert_int_equal(ask(EMPTY_NAME, built_bytes(&other), built_bytes(&good), NO_SUBTREES), KEPT);
}

static void a_common_name_like_a_host_is_constrained_unless_dns_names_are_there(void **state)
{
    (void)state;
    struct built tree = subtree_of(GENERAL_NAME_DNS, BYTES_OF("good.com"));
    struct built host = subject_of(BUILDER_CN, 0x0C, BYTES_OF("a.bad.com"));
    struct built person = subject_of(BUILDER_CN, 0x0C, BYTES_OF("J. Doe"));
    struct built device = subject_of(BUILDER_CN, 0x0C, BYTES_OF("device-17"));
    struct built names = {.length = 0};
    struct bytes permitted = built_bytes(&tree);
    built_element(&names, 0x82, BYTES_OF("a.good.com"));
    assert_int_equal(ask(built_bytes(&host), NO_SUBTREES, permitted, NO_SUBTREES), OUTSIDE);
    assert_int_equal(ask(built_bytes(&host), built_bytes(&names), permitted, NO_SUBTREES), KEPT);
    assert_int_equal(ask(built_bytes(&person), NO_SUBTREES, permitted, NO_SUBTREES), KEPT);
    assert_int_equal(ask(built_bytes(&device), NO_SUBTREES, permitted, NO_SUBTREES), KEPT);
}

/* Others convert the text before they look for a host in it, and some read to the first zero. */
static void a_common_name_like_a_host_is_constrained_however_it_is_written(void **state)
{
    static const struct {
        unsigned tag;
        struct bytes value;
        enum name_constraints_answer when_permitted;
        enum name_constraints_answer when_excluded;
    } rows[] = {
        {0x13, BYTES_OF("a.b.com"), OUTSIDE, EXCLUDED},
        {0x14, BYTES_OF("a.b.com"), OUTSIDE, EXCLUDED},
        {0x16, BYTES_OF("a.b.com"), OUTSIDE, EXCLUDED},
        {0x1E, BYTES_OF("\0a\0.\0b\0.\0c\0o\0m"), OUTSIDE, EXCLUDED},
        {0x1C, BYTES_OF("\0\0\0a\0\0\0.\0\0\0b\0\0\0.\0\0\0c\0\0\0o\0\0\0m"), OUTSIDE, EXCLUDED},
        {0x0C, BYTES_OF("a.b.com\0"), OUTSIDE, EXCLUDED},
        {0x0C, BYTES_OF("a.b.com\0\0"), OUTSIDE, EXCLUDED},
        {0x0C, BYTES_OF("a.b.com\0.good.com"), UNSUPPORTED, UNSUPPORTED},
        {0x0C, BYTES_OF("\xC3\xBC\0"), KEPT, KEPT},
        {0x0C, BYTES_OF("\xC3\xBC\0x"), UNSUPPORTED, UNSUPPORTED},
        {0x14, BYTES_OF("\xFC.b.com"), KEPT, KEPT},
        {0x1E, BYTES_OF("\x01\x61\0.\0b\0.\0c\0o\0m"), KEPT, KEPT},
        {0x14, BYTES_OF("a.good.com"), KEPT, KEPT},
    };
    struct built good = subtree_of(GENERAL_NAME_DNS, BYTES_OF("good.com"));
    struct built bad = subtree_of(GENERAL_NAME_DNS, BYTES_OF("b.com"));
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct built subject = subject_of(BUILDER_CN, rows[i].tag, rows[i].value);
        struct bytes name = built_bytes(&subject);
        assert_int_equal(ask(name, NO_SUBTREES, built_bytes(&good), NO_SUBTREES),
                         rows[i].when_permitted);
        assert_int_equal(ask(name, NO_SUBTREES, NO_SUBTREES, built_bytes(&bad)),
                         rows[i].when_excluded);
    }
}

static void a_common_name_like_a_host_may_not_be_too_long_to_be_one(void **state)
{
    (void)state;
    struct built tree = subtree_of(GENERAL_NAME_DNS, BYTES_OF("good.com"));
    uint8_t text[300];
    memset(text, 'a', sizeof(text));
    text[150] = '.';
    struct built subject = subject_of(BUILDER_CN, 0x0C, bytes_from(text, sizeof(text)));
    assert_int_equal(ask(built_bytes(&subject), NO_SUBTREES, built_bytes(&tree), NO_SUBTREES),
                     UNSUPPORTED);
}

static void the_work_is_bounded(void **state)
{
    (void)state;
    uint32_t budget = 100;
    struct built tree = subtree_of(GENERAL_NAME_DNS, BYTES_OF("example.com"));
    struct built names = {.length = 0};
    for (unsigned i = 0; i < 20; i++) {
        built_element(&names, 0x82, BYTES_OF("a.example.com"));
    }
    struct certificate leaf = {.subject = EMPTY_NAME, .subject_alt_names = built_bytes(&names)};
    struct certificate ca = {.extensions = 1u << EXTENSION_NAME_CONSTRAINTS,
                             .permitted_subtrees = built_bytes(&tree)};
    assert_int_equal(name_constraints_check(&leaf, &ca, true, &budget), NAME_CONSTRAINTS_TOO_MANY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_compared_by_their_form),
        cmocka_unit_test(a_form_without_constraint_is_free),
        cmocka_unit_test(one_of_several_permitted_subtrees_is_enough),
        cmocka_unit_test(forms_that_nobody_can_compare_are_refused_when_constrained),
        cmocka_unit_test(the_subject_keeps_directory_constraints),
        cmocka_unit_test(email_addresses_in_the_subject_are_constrained),
        cmocka_unit_test(email_addresses_of_another_type_are_not_guessed),
        cmocka_unit_test(utf8_mailboxes_are_refused_where_email_is_constrained),
        cmocka_unit_test(a_common_name_like_a_host_is_constrained_unless_dns_names_are_there),
        cmocka_unit_test(a_common_name_like_a_host_is_constrained_however_it_is_written),
        cmocka_unit_test(a_common_name_like_a_host_may_not_be_too_long_to_be_one),
        cmocka_unit_test(the_work_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
