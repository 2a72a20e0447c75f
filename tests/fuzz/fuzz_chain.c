/*
 * Chains: a trusted set and a presented chain, both from the input. Work stays below its ceilings,
 * and who gets in does so by a path that ends at a trusted root and holds now. The rules are also
 * run with every signature taken for good, since no mutation would get past one.
 *
 * Input: certificates, each after two bytes: bit 15 is set for a trusted one, bit 14 if it is a
 * root, and the rest is its length.
 */
#include <stdlib.h>

#include "../../src/trust/name_constraints.h"
#include "../../src/trust/path.h"
#include "../../src/trust/path_rules.h"
#include "base/check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW         1800000000
#define TRUSTED_MAX 8

static enum path_fault take_for_good(void *search, size_t index)
{
    (void)search;
    (void)index;
    return PATH_FAULT_NONE;
}

static void judge_in_order(const struct presented_chain *chain)
{
    const struct certificate *path[PATH_PRESENTED_COUNT_MAX];
    uint32_t budget = NAME_CONSTRAINTS_BUDGET;
    uint32_t depth;
    struct path_rules_input input = {
        .path = path,
        .now_seconds = NOW,
        .check_signature = take_for_good,
        .names_budget = &budget,
    };
    for (size_t i = 0; i < chain->count; i++) {
        if (chain->is_readable[i]) {
            path[input.count++] = &chain->certificates[i];
        }
    }
    enum path_fault fault = path_rules_check(&input, &depth);
    CHECK(depth < input.count && fault < PATH_FAULT_COUNT);
}

static void judge_path(const struct presented_chain *chain, const struct trust_set *trusted)
{
    struct path_outcome outcome;
    path_find(chain, trusted, NOW, &outcome);
    CHECK(outcome.signature_check_count <= PATH_SIGNATURE_CHECKS_MAX);
    CHECK(outcome.count > 0 && outcome.count <= PATH_LENGTH_MAX && outcome.depth < outcome.count);
    if (outcome.fault != PATH_FAULT_NONE) {
        return;
    }
    CHECK(outcome.valid_until_seconds > NOW);
    const struct certificate *anchor = outcome.certificates[outcome.count - 1];
    bool is_root = false;
    for (size_t i = 0; i < trusted->count; i++) {
        is_root |= anchor == &trusted->cas[i].certificate && trusted->cas[i].is_root;
    }
    CHECK(is_root || bytes_equal(anchor->der, chain->certificates[0].der));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct presented_chain chain;
    struct trust_set trusted;
    struct bytes_reader reader = bytes_reader_over(bytes_from(data, size));
    if (!result_is_ok(trust_set_init(&trusted, TRUSTED_MAX))) {
        return 0;
    }
    chain.count = 0;
    while (size > 0 && bytes_reader_left(&reader) > 2 && chain.count < PATH_PRESENTED_COUNT_MAX) {
        struct certificate certificate;
        uint16_t mark = bytes_reader_u16(&reader);
        struct bytes der = bytes_reader_take(&reader, mark & 0x3FFF);
        bool is_readable = !reader.failed && certificate_read(der, &certificate);
        if ((mark & 0x8000) == 0) {
            chain.certificates[chain.count] = certificate;
            chain.is_readable[chain.count++] = is_readable;
        } else if (is_readable && trusted.count < TRUSTED_MAX) {
            trust_set_add(&trusted, &certificate, (mark & 0x4000) != 0);
        }
    }
    if (chain.count > 0 && chain.is_readable[0] && result_is_ok(trust_set_finish(&trusted))) {
        judge_path(&chain, &trusted);
        judge_in_order(&chain);
    }
    trust_set_deinit(&trusted);
    return 0;
}
