/*
 * Judges chains from files, for tests/trust/differential.py.
 *
 * Reads lines from standard input: the trusted CA file, the time, and the presented certificates
 * (DER files, the leaf first), separated by spaces. Answers each with a line: word, depth,
 * signature checks and sentence.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trust/judge.h"

#define LINE_SIZE 4096
#define CHAIN_MAX 32
#define FILE_MAX  16384

static struct bytes read_file(const char *path, size_t slot)
{
    static uint8_t memory[CHAIN_MAX][FILE_MAX];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "judge_files: cannot read %s\n", path);
        exit(1);
    }
    size_t length = fread(memory[slot], 1, FILE_MAX, file);
    fclose(file);
    return bytes_from(memory[slot], length);
}

static void judge_line(char *line)
{
    struct config_text setting = {.text = strtok(line, " \n")};
    const char *time = strtok(NULL, " \n");
    struct config_ssl_profile profile = {.name = "differential",
                                         .trusted_client_ca = {&setting, 1}};
    struct diagnostics diagnostics;
    struct trust_policy *policy = NULL;
    struct bytes chain[CHAIN_MAX];
    size_t count = 0;
    for (const char *path = strtok(NULL, " \n"); path != NULL && count < CHAIN_MAX;
         path = strtok(NULL, " \n")) {
        chain[count] = read_file(path, count);
        count++;
    }
    diagnostics_init(&diagnostics);
    if (result_is_ok(trust_policy_create(&profile, &diagnostics, &policy))) {
        struct verdict verdict = judge_chain(policy, chain, count, atoll(time));
        printf("%s %u %u %s\n", verdict_word(verdict.reason), verdict.depth,
               verdict.signature_check_count, verdict.text);
    } else {
        diagnostics_print(&diagnostics, stderr);
        printf("unloadable 0 0 trusted file refused\n");
    }
    fflush(stdout);
    trust_policy_destroy(policy);
    diagnostics_deinit(&diagnostics);
}

int main(void)
{
    char line[LINE_SIZE];
    while (fgets(line, sizeof(line), stdin) != NULL) {
        judge_line(line);
    }
    return 0;
}
