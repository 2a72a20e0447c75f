/* Responses good and broken in one way each, judged by us and by `openssl ocsp`: whoever is
 * stricter says why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "ocsp_fixture.h"

static char folder[] = "/tmp/sallyport-ocsp-differential-XXXXXX";
static struct ocsp_world world;

static void write_file(const char *name, const struct built *built)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file != NULL && fwrite(built->at, 1, built->length, file) == built->length);
    CHECK(fclose(file) == 0);
}

static int run(const char *format)
{
    char command[512];
    snprintf(command, sizeof(command), format, folder, folder, folder);
    return system(command);
}

static int make_files(void **state)
{
    (void)state;
    CHECK(mkdtemp(folder) != NULL);
    ocsp_world_open(&world, time(NULL));
    write_file("ca.der", &world.issuer);
    return run("openssl x509 -inform der -in %s/ca.der -out %s/ca.pem");
}

static int remove_files(void **state)
{
    (void)state;
    ocsp_world_close(&world);
    return run("rm -r %s");
}

/* Whether openssl believes the signature, finds the certificate and the times in order. */
static bool openssl_believes(const struct built *response)
{
    char command[512];
    char line[512];
    bool is_verified = false;
    bool has_status = false;
    bool is_timely = true;
    write_file("response.der", response);
    snprintf(command, sizeof(command),
             "openssl ocsp -respin %s/response.der -issuer %s/ca.pem -serial 0x0123 -CAfile "
             "%s/ca.pem -no_nonce -validity_period 300 2>&1",
             folder, folder, folder);
    FILE *pipe = popen(command, "r");
    CHECK(pipe != NULL);
    while (fgets(line, sizeof(line), pipe) != NULL) {
        is_verified |= strncmp(line, "Response verify OK", 18) == 0;
        has_status |= strstr(line, ": good") != NULL || strstr(line, ": revoked") != NULL ||
                      strstr(line, ": unknown") != NULL;
        is_timely &= strstr(line, "WARNING: Status times invalid") == NULL;
    }
    (void)pclose(pipe);
    return is_verified && has_status && is_timely;
}

static struct response_plan with_single(struct single_plan single)
{
    struct response_plan plan = {.signer = NULL};
    plan_single(&plan, &world, single);
    return plan;
}

static struct response_plan plain(void)
{
    return (struct response_plan){.signer = NULL};
}

static struct response_plan by_key(void)
{
    return (struct response_plan){.responder_key = world.issuer_key};
}

static struct response_plan revoked(void)
{
    return with_single((struct single_plan){.status = OCSP_REVOKED, .reason = 2});
}

static struct response_plan unknown(void)
{
    return with_single((struct single_plan){.status = OCSP_UNKNOWN});
}

static struct response_plan another_serial(void)
{
    return with_single((struct single_plan){.serial = BYTES_OF("\x01\x24")});
}

static struct response_plan another_key(void)
{
    return with_single((struct single_plan){.has_other_key = true});
}

static struct response_plan another_name(void)
{
    return with_single((struct single_plan){.has_other_name = true});
}

static struct response_plan expired(void)
{
    return with_single((struct single_plan){.this_update = -9000, .next_update = -8000});
}

static struct response_plan early(void)
{
    return with_single((struct single_plan){.this_update = 2000});
}

static struct response_plan backwards(void)
{
    return with_single((struct single_plan){.this_update = 200, .next_update = -200});
}

static struct response_plan endless(void)
{
    return with_single((struct single_plan){.has_no_next_update = true});
}

static struct response_plan old_and_endless(void)
{
    return with_single((struct single_plan){.this_update = -9000, .has_no_next_update = true});
}

static struct response_plan version_spelled_out(void)
{
    return (struct response_plan){.raw_version = BYTES_OF("\xA0\x03\x02\x01\x00")};
}

static struct response_plan bad_signature(void)
{
    return (struct response_plan){.has_bad_signature = true};
}

static struct response_plan critical_extension(void)
{
    struct response_plan plan = {.signer = NULL};
    plan_response_extension(&plan.extensions, OCSP_OTHER_OID, true, BYTES_OF("x"));
    return plan;
}

static struct response_plan delegate(void)
{
    return by_delegate(&world, good_delegate_plan(&world));
}

static struct response_plan delegate_by_key(void)
{
    struct response_plan plan = delegate();
    plan.responder_key = world.delegate_key;
    return plan;
}

static struct response_plan delegate_by_another_name(void)
{
    struct response_plan plan = delegate();
    plan.responder = "somebody";
    return plan;
}

static struct response_plan delegate_after_issuer(void)
{
    struct response_plan plan = {.signer = world.delegate_key, .responder = "delegate"};
    built_add(&plan.certificates, built_bytes(&world.issuer));
    plan_certificate(&plan, good_delegate_plan(&world));
    return plan;
}

static struct response_plan forged_delegate(void)
{
    struct plan plan = good_delegate_plan(&world);
    plan.signer = world.other_key;
    return by_delegate(&world, plan);
}

static struct response_plan delegate_without_purpose(void)
{
    return by_delegate(&world, delegate_plan(&world));
}

static struct response_plan delegate_of_any_purpose(void)
{
    struct plan plan = delegate_plan(&world);
    plan_purpose(&plan, BUILDER_ANY_PURPOSE);
    return by_delegate(&world, plan);
}

static struct response_plan delegate_expired(void)
{
    struct plan plan = good_delegate_plan(&world);
    plan.not_after = "250101000000Z";
    return by_delegate(&world, plan);
}

static struct response_plan delegate_for_itself(void)
{
    struct plan plan = good_delegate_plan(&world);
    plan.serial = OCSP_SERIAL;
    return by_delegate(&world, plan);
}

static struct response_plan delegate_that_may_not_sign(void)
{
    struct plan plan = delegate_plan(&world);
    plan_purpose(&plan, OCSP_SIGNING);
    plan_key_usage(&plan, KEY_USAGE_KEY_AGREEMENT);
    return by_delegate(&world, plan);
}

static struct response_plan delegate_with_critical_extension(void)
{
    struct plan plan = good_delegate_plan(&world);
    plan_extension(&plan, OCSP_OTHER_OID, true, BYTES_OF("x"));
    return by_delegate(&world, plan);
}

static struct response_plan delegate_of_another_issuer(void)
{
    struct plan plan = good_delegate_plan(&world);
    plan.issuer = "another ca";
    return by_delegate(&world, plan);
}

static struct response_plan forged_issuer(void)
{
    struct plan plan = {.subject = "ca", .key = world.other_key, .serial = BYTES_OF("\x66")};
    plan_ca(&plan, -1);
    struct response_plan response = {.signer = world.other_key};
    plan_certificate(&response, plan);
    return response;
}

/* stricter: why we refuse what openssl believes. */
/* clang-format off */
static const struct {
    struct response_plan (*make)(void);
    const char *name;
    const char *stricter;
} cases[] = {
    {plain,                            "plain",                  NULL},
    {by_key,                           "by key",                 NULL},
    {revoked,                          "revoked",                NULL},
    {unknown,                          "unknown",                NULL},
    {another_serial,                   "another serial",         NULL},
    {another_key,                      "another key",            NULL},
    {another_name,                     "another name",           NULL},
    {expired,                          "expired",                NULL},
    {early,                            "early",                  NULL},
    {backwards,                        "backwards",              NULL},
    {endless,                          "endless",                NULL},
    {old_and_endless,                  "old and endless",        "an answer without an end holds an hour"},
    {version_spelled_out,              "version",                "DER leaves a default out"},
    {bad_signature,                    "bad signature",          NULL},
    {critical_extension,               "critical extension",     "what is critical must be understood"},
    {delegate,                         "delegate",               NULL},
    {delegate_by_key,                  "delegate by key",        NULL},
    {delegate_by_another_name,         "another responder",      NULL},
    {delegate_after_issuer,            "delegate after issuer",  NULL},
    {forged_delegate,                  "forged delegate",        NULL},
    {delegate_without_purpose,         "without purpose",        NULL},
    {delegate_of_any_purpose,          "any purpose",            NULL},
    {delegate_expired,                 "expired delegate",       NULL},
    {delegate_for_itself,              "delegate for itself",    "no certificate vouches for itself"},
    {delegate_that_may_not_sign,       "key usage",              "RFC 5280 4.2.1.3"},
    {delegate_with_critical_extension, "critical in delegate",   NULL},
    {delegate_of_another_issuer,       "another issuer",         NULL},
    {forged_issuer,                    "forged issuer",          NULL},
};
/* clang-format on */

static void openssl_agrees_unless_we_are_stricter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ocsp_answer answer;
        struct built response = respond(&world, cases[i].make());
        enum ocsp_fault fault = ocsp_response_judge(built_bytes(&response), world.question,
                                                    BYTES_OF(""), world.now_seconds, &answer);
        bool is_believed = openssl_believes(&response);
        bool is_as_expected = cases[i].stricter == NULL ? is_believed == (fault == OCSP_FAULT_NONE)
                                                        : is_believed && fault != OCSP_FAULT_NONE;
        if (!is_as_expected) {
            fail_msg("%s: ours %s, openssl %s", cases[i].name, ocsp_fault_word(fault),
                     is_believed ? "believes it" : "does not");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openssl_agrees_unless_we_are_stricter),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
