/*
 * Any text as an allow_identity line. What is taken holds within its bounds, reads the same when it
 * is read again, and its distinguished names are names that compare equal to what they print as.
 */
#include "../../src/config/claim_set.h"
#include "../../src/trust/name_from_text.h"
#include "../../src/trust/name_text.h"
#include "base/check.h"

#define TEXT_SIZE_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct result parse(struct arena *arena, struct bytes source, struct config_claim_set *set)
{
    char memory[256];
    struct text problem = text_over(memory, sizeof(memory));
    struct result result = claim_set_parse(arena_copy(arena, source), arena, &problem, set);
    CHECK(result_is_ok(result) == (problem.length == 0));
    return result;
}

static bool is_dn(enum config_claim_kind kind)
{
    return kind == CONFIG_CLAIM_SUBJECT || kind == CONFIG_CLAIM_ISSUER_SUBJECT;
}

/* Other text than UTF8String, and what is no text, is only equal to itself: written as #hex. */
static void check_name(struct bytes text)
{
    char memory[8 * NAME_SIZE_MAX];
    char problem_memory[256];
    uint8_t name[NAME_SIZE_MAX];
    uint8_t again[NAME_SIZE_MAX];
    struct text printed = text_over(memory, sizeof(memory));
    struct text problem = text_over(problem_memory, sizeof(problem_memory));
    size_t length = name_from_text(text, name, &problem);
    CHECK((length == 0) == (problem.length > 0));
    if (length == 0 || bytes_find(text, '#') < text.length) {
        return;
    }
    struct bytes read = bytes_from(name, length);
    CHECK(name_is_valid(read));
    name_text_append_rfc2253(read, &printed);
    size_t length_again = name_from_text(text_bytes(&printed), again, &problem);
    CHECK(length_again > 0 && name_equal(read, bytes_from(again, length_again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create();
    struct config_claim_set set = {0};
    struct config_claim_set again = {0};
    struct bytes source = bytes_from(data, size < TEXT_SIZE_MAX ? size : TEXT_SIZE_MAX);
    if (result_is_ok(parse(arena, source, &set))) {
        CHECK(set.claim_count > 0 && set.claim_count <= CONFIG_CLAIM_KIND_COUNT);
        CHECK(result_is_ok(parse(arena, source, &again)) && again.claim_count == set.claim_count);
        for (size_t i = 0; i < set.claim_count; i++) {
            CHECK(bytes_equal(set.claims[i].value, again.claims[i].value));
            if (is_dn(set.claims[i].kind)) {
                check_name(set.claims[i].value);
            }
        }
    }
    check_name(source);
    arena_destroy(arena);
    return 0;
}
