/* What `openssl ocsp` asks and answers, with every kind of key: we ask the same, and read it right.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "base/check.h"
#include "trust/ocsp_answer.h"
#include "trust/ocsp_request.h"

#define REVOKED_AT 1735787045

static char folder[] = "/tmp/sallyport-ocsp-pki-XXXXXX";

static const char *const kinds[] = {"p256", "p384", "p521", "ed25519", "rsa2048", "pss"};

#define KIND_COUNT (sizeof(kinds) / sizeof(kinds[0]))

static int run(const char *command)
{
    char line[256];
    snprintf(line, sizeof(line), "%s %s", command, folder);
    return system(line);
}

static int make_files(void **state)
{
    (void)state;
    CHECK(mkdtemp(folder) != NULL);
    return run("tests/pki/make_ocsp_pki.sh");
}

static int remove_files(void **state)
{
    (void)state;
    return run("rm -r");
}

/* At most four at a time: the memory is used again. */
static struct bytes read_file(const char *kind, const char *name)
{
    static uint8_t memory[4][16384];
    static unsigned next;
    char path[256];
    snprintf(path, sizeof(path), "%s/%s.%s.der", folder, kind, name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    uint8_t *at = memory[next++ % 4];
    size_t length = fread(at, 1, sizeof(memory[0]), file);
    CHECK(length < sizeof(memory[0]));
    fclose(file);
    return bytes_from(at, length);
}

static struct ocsp_question *ask(const char *kind)
{
    struct ocsp_question *question;
    assert_true(result_is_ok(
        ocsp_question_create(read_file(kind, "leaf"), read_file(kind, "ca"), &question)));
    return question;
}

static enum ocsp_fault judge(const char *kind, const char *name, struct ocsp_answer *ret_answer)
{
    struct ocsp_question *question = ask(kind);
    enum ocsp_fault fault =
        ocsp_response_judge(read_file(kind, name), question, BYTES_OF(""), time(NULL), ret_answer);
    ocsp_question_destroy(question);
    return fault;
}

static void a_request_is_byte_for_byte_that_of_openssl(void **state)
{
    (void)state;
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct ocsp_question *question = ask(kinds[i]);
        size_t length = ocsp_request_write(question, BYTES_OF(""), request);
        assert_true(bytes_equal(bytes_from(request, length), read_file(kinds[i], "request")));
        ocsp_question_destroy(question);
    }
}

static void a_request_with_a_nonce_is_read_by_openssl(void **state)
{
    (void)state;
    char command[512];
    char line[256];
    uint8_t request[OCSP_REQUEST_SIZE_MAX];
    struct ocsp_question *question = ask("p256");
    size_t length =
        ocsp_request_write(question, BYTES_OF("0123456789abcdef0123456789abcdef"), request);
    snprintf(line, sizeof(line), "%s/asked", folder);
    FILE *file = fopen(line, "w");
    assert_int_equal(fwrite(request, 1, length, file), length);
    fclose(file);
    snprintf(command, sizeof(command), "openssl ocsp -reqin %s -req_text -noverify 2>&1", line);
    FILE *pipe = popen(command, "r");
    bool is_nonce_there = false;
    while (fgets(line, sizeof(line), pipe) != NULL) {
        is_nonce_there |= strstr(line, "0420303132333435363738396162636465") != NULL;
    }
    assert_int_equal(pclose(pipe), 0);
    assert_true(is_nonce_there);
    ocsp_question_destroy(question);
}

static void issuers_answer_by_name_and_by_key(void **state)
{
    (void)state;
    struct ocsp_answer answer;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        assert_int_equal(judge(kinds[i], "good", &answer), OCSP_FAULT_NONE);
        assert_int_equal(answer.status, OCSP_GOOD);
        /* It looks at the clock twice, and a second may begin in between. */
        assert_in_range(answer.next_update_seconds - answer.this_update_seconds, 86400, 86460);
        assert_int_equal(judge(kinds[i], "by_key", &answer), OCSP_FAULT_NONE);
        assert_false(answer.is_by_delegate);
    }
}

static void a_revocation_has_its_time_and_reason(void **state)
{
    (void)state;
    struct ocsp_answer answer;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        assert_int_equal(judge(kinds[i], "revoked", &answer), OCSP_FAULT_NONE);
        assert_int_equal(answer.status, OCSP_REVOKED);
        assert_int_equal(answer.revoked_at_seconds, REVOKED_AT);
        assert_int_equal(answer.revocation_reason, 1);
    }
}

static void delegates_answer_wherever_their_certificate_stands(void **state)
{
    (void)state;
    struct ocsp_answer answer;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        assert_int_equal(judge(kinds[i], "delegate", &answer), OCSP_FAULT_NONE);
        assert_true(answer.is_by_delegate);
        assert_true(answer.signer_until_seconds > time(NULL));
    }
}

static void answers_signed_with_sha1_are_weak(void **state)
{
    (void)state;
    struct ocsp_answer answer;
    assert_int_equal(judge("sha1", "good", &answer), OCSP_FAULT_WEAK_ALGORITHM);
    assert_int_equal(judge("sha1", "delegate", &answer), OCSP_FAULT_WEAK_ALGORITHM);
}

static void no_issuer_answers_for_another(void **state)
{
    (void)state;
    for (size_t i = 0; i < KIND_COUNT; i++) {
        struct ocsp_answer answer;
        struct ocsp_question *question = ask(kinds[i]);
        struct bytes response = read_file(kinds[(i + 1) % KIND_COUNT], "good");
        assert_int_equal(ocsp_response_judge(response, question, BYTES_OF(""), time(NULL), &answer),
                         OCSP_FAULT_WRONG_CERTIFICATE);
        ocsp_question_destroy(question);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_byte_for_byte_that_of_openssl),
        cmocka_unit_test(a_request_with_a_nonce_is_read_by_openssl),
        cmocka_unit_test(issuers_answer_by_name_and_by_key),
        cmocka_unit_test(a_revocation_has_its_time_and_reason),
        cmocka_unit_test(delegates_answer_wherever_their_certificate_stands),
        cmocka_unit_test(answers_signed_with_sha1_are_weak),
        cmocka_unit_test(no_issuer_answers_for_another),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
