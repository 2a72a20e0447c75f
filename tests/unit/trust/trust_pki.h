/*
 * The certificates of tests/pki/make_trust_pki.sh, made anew for each test program in a folder of
 * their own. Tests run in the project's folder.
 */
#ifndef TESTS_UNIT_TRUST_TRUST_PKI_H
#define TESTS_UNIT_TRUST_TRUST_PKI_H

#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/check.h"

static char trust_pki_folder[] = "/tmp/sallyport-trust-pki-XXXXXX";

static inline int trust_pki_make(void **state)
{
    char command[256];
    (void)state;
    CHECK(mkdtemp(trust_pki_folder) != NULL);
    snprintf(command, sizeof(command), "tests/pki/make_trust_pki.sh %s", trust_pki_folder);
    return system(command);
}

static inline int trust_pki_remove(void **state)
{
    char command[256];
    (void)state;
    snprintf(command, sizeof(command), "rm -r %s", trust_pki_folder);
    return system(command);
}

/* The content of a file of the folder. At most four at a time: the memory is used again. */
static inline struct bytes trust_pki_read(const char *name)
{
    static uint8_t memory[4][16384];
    static unsigned next;
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", trust_pki_folder, name);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL);
    uint8_t *at = memory[next++ % 4];
    size_t length = fread(at, 1, sizeof(memory[0]), file);
    CHECK(length < sizeof(memory[0]));
    fclose(file);
    return bytes_from(at, length);
}

#endif
