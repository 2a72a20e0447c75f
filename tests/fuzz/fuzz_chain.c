/*
 * Chains: a trusted set and a presented chain, both from the input. Work stays below its ceilings;
 * who gets in does so by a path that ends at a trusted root, holds now, and has nothing on it below
 * the root that the seeds have not: nobody has signed anything else. The rules are also run with
 * every signature taken for good, since no mutation would get past one.
 *
 * Input: certificates, each after two bytes: bit 15 is set for a trusted one, bit 14 if it is a
 * root, and the rest is its length. Run from the top of the repository, where the seeds are found.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "../../src/trust/name_constraints.h"
#include "../../src/trust/path.h"
#include "../../src/trust/path_rules.h"
#include "base/check.h"
#include "finished_trust_set.h"

int LLVMFuzzerInitialize(int *argument_count, char ***arguments);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW          1800000000
#define TRUSTED_MAX  8
#define SEEDS_FOLDER "tests/fuzz/corpus/chain"
#define SEED_MAX     32
#define SEED_SIZE    8192
#define GENUINE_MAX  256

/* The signed part of each certificate of the seeds. */
static struct bytes genuine[GENUINE_MAX];
static size_t genuine_count;

static bool is_genuine(const struct certificate *certificate)
{
    for (size_t i = 0; i < genuine_count; i++) {
        if (bytes_equal(genuine[i], certificate->tbs)) {
            return true;
        }
    }
    return false;
}

/* The next certificate of an input; false when there is none. */
static bool read_next(struct bytes_reader *reader, uint16_t *ret_mark,
                      struct certificate *ret_certificate, bool *ret_is_readable)
{
    if (bytes_reader_left(reader) <= 2) {
        return false;
    }
    *ret_mark = bytes_reader_u16(reader);
    struct bytes der = bytes_reader_take(reader, *ret_mark & 0x3FFF);
    *ret_is_readable = !reader->failed && certificate_read(der, ret_certificate);
    return true;
}

static void remember_seed(struct bytes seed)
{
    struct bytes_reader reader = bytes_reader_over(seed);
    struct certificate certificate;
    uint16_t mark;
    bool is_readable;
    while (read_next(&reader, &mark, &certificate, &is_readable)) {
        if (is_readable && !is_genuine(&certificate)) {
            CHECK(genuine_count < GENUINE_MAX);
            genuine[genuine_count++] = certificate.tbs;
        }
    }
}

int LLVMFuzzerInitialize(int *argument_count, char ***arguments)
{
    static uint8_t memory[SEED_MAX][SEED_SIZE];
    size_t seed_count = 0;
    DIR *folder = opendir(SEEDS_FOLDER);
    (void)argument_count;
    (void)arguments;
    CHECK(folder != NULL);
    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char path[sizeof(SEEDS_FOLDER) + sizeof(entry->d_name)];
        (void)snprintf(path, sizeof(path), SEEDS_FOLDER "/%s", entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (file != NULL) {
            CHECK(seed_count < SEED_MAX);
            size_t length = fread(memory[seed_count], 1, SEED_SIZE, file);
            remember_seed(bytes_from(memory[seed_count++], length));
            (void)fclose(file);
        }
    }
    (void)closedir(folder);
    CHECK(genuine_count > 0);
    return 0;
}

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
        const struct trusted_ca *ca = &trusted->cas[i];
        is_root |= ca->is_root && bytes_equal(ca->certificate.der, anchor->der);
    }
    CHECK(is_root);
    for (size_t i = 0; i + 1 < outcome.count; i++) {
        CHECK(is_genuine(outcome.certificates[i]));
    }
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
    struct certificate certificate;
    uint16_t mark;
    bool is_readable;
    while (chain.count < PATH_PRESENTED_COUNT_MAX &&
           read_next(&reader, &mark, &certificate, &is_readable)) {
        if ((mark & 0x8000) == 0) {
            chain.certificates[chain.count] = certificate;
            chain.is_readable[chain.count++] = is_readable;
        } else if (is_readable && trusted.count < TRUSTED_MAX) {
            trust_set_add(&trusted, &certificate, (mark & 0x4000) != 0);
        }
    }
    if (chain.count > 0 && chain.is_readable[0] && finish_trust_set(&trusted)) {
        judge_path(&chain, &trusted);
        judge_in_order(&chain);
    }
    trust_set_deinit(&trusted);
    return 0;
}
