/* Finding and reading certificates and keys; see the header. Whether they fit is for TLS to say. */
#include "identity_set.h"

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "certificate_maker.h"
#include "whole_file.h"

#define PATH_SIZE  4096
#define KEY_ENDING ".key"

[[gnu::format(printf, 2, 3)]] static struct result refuse(char message[IDENTITY_SET_MESSAGE_SIZE],
                                                          const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, IDENTITY_SET_MESSAGE_SIZE, format, arguments);
    va_end(arguments);
    return result_failure(ERROR_FILE);
}

static void free_identity(struct identity *identity)
{
    whole_file_free(&identity->chain);
    whole_file_free(&identity->key);
}

static struct result read_identity(const char *chain, const char *key,
                                   struct identity *ret_identity,
                                   char message[IDENTITY_SET_MESSAGE_SIZE])
{
    struct identity identity = {0};
    if (!result_is_ok(whole_file_read(chain, &identity.chain))) {
        return refuse(message, "%.300s: %s", chain, strerror(errno));
    }
    if (!result_is_ok(whole_file_read(key, &identity.key))) {
        struct result result = refuse(message, "%.300s: %s", key, strerror(errno));
        free_identity(&identity);
        return result;
    }
    *ret_identity = identity;
    return RESULT_OK;
}

/* Room for one more; doubles, so that a folder may hold any number. */
static struct identity *append(struct identity_set *set)
{
    bool is_full = (set->count & (set->count - 1)) == 0;
    if (is_full) {
        size_t capacity = set->count == 0 ? 1 : set->count * 2;
        struct identity *items = reallocarray(set->items, capacity, sizeof(*items));
        if (items == NULL) {
            return NULL;
        }
        set->items = items;
    }
    set->items[set->count] = (struct identity){0};
    return &set->items[set->count++];
}

static struct result load_one(const char *chain, const char *key, struct identity_set *set,
                              char message[IDENTITY_SET_MESSAGE_SIZE])
{
    struct identity *identity = append(set);
    if (identity == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    return read_identity(chain, key, identity, message);
}

/* NAME.key: its chain is NAME-chain.pem, or else NAME.pem. A key without either is of somebody
 * else. */
static struct result load_entry(const char *folder, const char *file, struct identity_set *set,
                                char message[IDENTITY_SET_MESSAGE_SIZE])
{
    static const char *const endings[] = {"-chain.pem", ".pem", ".crt"};
    char key[PATH_SIZE];
    char chain[PATH_SIZE];
    int stem_length = (int)(strlen(file) - strlen(KEY_ENDING));
    (void)snprintf(key, sizeof(key), "%s/%s", folder, file);
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        (void)snprintf(chain, sizeof(chain), "%s/%.*s%s", folder, stem_length, file, endings[i]);
        if (access(chain, F_OK) == 0) {
            return load_one(chain, key, set, message);
        }
    }
    return RESULT_OK;
}

static int is_key_file(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    size_t ending = strlen(KEY_ENDING);
    return length > ending && strcmp(entry->d_name + length - ending, KEY_ENDING) == 0;
}

/* In the order of their names, so that runs are alike. */
static struct result load_folder(const char *folder, struct identity_set *set,
                                 char message[IDENTITY_SET_MESSAGE_SIZE])
{
    struct dirent **entries = NULL;
    struct result result = RESULT_OK;
    int count = scandir(folder, &entries, is_key_file, alphasort);
    if (count < 0) {
        return refuse(message, "%.300s: %s", folder, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        if (result_is_ok(result) && set->count < PLAN_IDENTITIES_MAX) {
            result = load_entry(folder, entries[i]->d_name, set, message);
        }
        free(entries[i]);
    }
    free((void *)entries);
    if (result_is_ok(result) && set->count == 0) {
        return refuse(message, "%.300s: no NAME.key with NAME-chain.pem or NAME.pem", folder);
    }
    return result;
}

static struct result generate(const struct plan *plan, struct identity_set *set,
                              char message[IDENTITY_SET_MESSAGE_SIZE])
{
    struct identity issuer = {0};
    struct certificate_maker *maker = NULL;
    TRY(read_identity(plan->issuer, plan->issuer_key, &issuer, message));
    struct result result = certificate_maker_create(&issuer, &maker);
    if (!result_is_ok(result)) {
        result = refuse(message,
                        "--issuer %.150s with --issuer-key %.150s: expected a CA and its "
                        "P-256 key, both PEM",
                        plan->issuer, plan->issuer_key);
    }
    for (uint64_t i = 0; result_is_ok(result) && i < plan->generated_count; i++) {
        struct identity *identity = append(set);
        result = identity == NULL ? result_failure(ERROR_OUT_OF_MEMORY)
                                  : certificate_maker_make(maker, i, identity);
    }
    certificate_maker_destroy(maker);
    free_identity(&issuer);
    return result;
}

static struct result load(const struct plan *plan, struct identity_set *set,
                          char message[IDENTITY_SET_MESSAGE_SIZE])
{
    if (plan->generated_count > 0) {
        return generate(plan, set, message);
    }
    if (plan->certificate_folder != NULL) {
        return load_folder(plan->certificate_folder, set, message);
    }
    if (plan->certificate != NULL) {
        return load_one(plan->certificate, plan->key == NULL ? plan->certificate : plan->key, set,
                        message);
    }
    return RESULT_OK;
}

struct result identity_set_load(const struct plan *plan, struct identity_set *ret_set,
                                char message[IDENTITY_SET_MESSAGE_SIZE])
{
    struct identity_set set = {0};
    message[0] = '\0';
    struct result result = load(plan, &set, message);
    if (!result_is_ok(result)) {
        identity_set_free(&set);
        if (message[0] == '\0') {
            (void)refuse(message, "the certificates: %s", result_text(result));
        }
        return result;
    }
    *ret_set = set;
    return RESULT_OK;
}

void identity_set_free(struct identity_set *set)
{
    for (size_t i = 0; i < set->count; i++) {
        free_identity(&set->items[i]);
    }
    free(set->items);
    *set = (struct identity_set){0};
}
