/*
 * Sorts out what a trusted CA file holds: exactly one root, who issued whom, who issues clients.
 * Called by trust_policy.c at load, so time does not matter here and every doubt is put into words.
 */
#include "trusted_chain.h"

#include <stdlib.h>

#include "name.h"
#include "name_text.h"

#define EXPIRY_WARNING_SECONDS (30 * 86400)
#define NAME_TEXT_SIZE         256
#define NOBODY                 SIZE_MAX

/* How the CAs of one file hang together. The arrays have an item a certificate of the file. */
struct tree {
    const struct ca_file *file;
    struct signature_register *signatures;
    bool *is_edge;   /* [child * count + issuer] */
    size_t *depths;  /* 1 for the root, 0: does not belong to the chain */
    size_t *issuers; /* index of the issuer on the longest chain, or NOBODY */
};

/* A subject for messages; printable whatever it holds. */
static const char *subject_text(const struct certificate *certificate, char buffer[NAME_TEXT_SIZE])
{
    struct text text = text_over(buffer, NAME_TEXT_SIZE);
    name_text_append_rfc2253(certificate->subject, &text);
    return text_terminate(&text);
}

static bool is_signed_by(struct signature_register *signatures,
                         const struct certificate *certificate, const struct certificate *issuer)
{
    return certificate_may_be_issued_by(certificate, issuer) &&
           signature_register_proves(signatures, certificate, issuer);
}

static bool is_root(struct signature_register *signatures, const struct certificate *certificate)
{
    return certificate->is_ca && is_signed_by(signatures, certificate, certificate);
}

static struct config_place place_of(const struct ca_file *file, size_t index)
{
    return (struct config_place){file->path, file->certificates[index].line};
}

/* Takes a certificate out of the list; its bytes stay in the file's memory. */
static void drop(struct ca_file *file, size_t index)
{
    file->count--;
    memmove(&file->certificates[index], &file->certificates[index + 1],
            (file->count - index) * sizeof(file->certificates[0]));
}

static bool is_repeated(const struct ca_file *file, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (bytes_equal(file->certificates[i].certificate.der,
                        file->certificates[index].certificate.der)) {
            return true;
        }
    }
    return false;
}

static void drop_needless(struct ca_file *file, struct diagnostics *diagnostics)
{
    char subject[NAME_TEXT_SIZE];
    for (size_t i = 0; i < file->count;) {
        const struct certificate *certificate = &file->certificates[i].certificate;
        const char *reason = !certificate->is_ca    ? "is no CA certificate and is ignored"
                             : is_repeated(file, i) ? "stands here a second time and is ignored"
                                                    : NULL;
        if (reason == NULL) {
            i++;
            continue;
        }
        diagnostics_add(diagnostics, DIAGNOSTIC_NOTE, place_of(file, i), "%s %s",
                        subject_text(certificate, subject), reason);
        drop(file, i);
    }
}

/* The root's index; an error, and NOBODY, when there is none or more than one. NOBODY alone when
 * the signatures could not be checked. */
static size_t find_root(const struct ca_file *file, struct signature_register *signatures,
                        struct diagnostics *diagnostics)
{
    char subject[NAME_TEXT_SIZE];
    size_t root = NOBODY;
    bool is_one = true;
    for (size_t i = 0; i < file->count; i++) {
        const struct certificate *certificate = &file->certificates[i].certificate;
        if (!is_root(signatures, certificate)) {
            continue;
        }
        if (root != NOBODY) {
            ca_file_report(diagnostics, CA_FILE_NOT_ONE_ROOT, file->path,
                           file->certificates[i].line,
                           "%s is one more root than the one on line %d",
                           subject_text(certificate, subject), file->certificates[root].line);
            is_one = false;
        }
        root = root == NOBODY ? i : root;
    }
    if (signature_register_has_failed(signatures)) {
        return NOBODY;
    }
    if (root == NOBODY) {
        ca_file_report(diagnostics, CA_FILE_NOT_ONE_ROOT, file->path, file->certificates[0].line,
                       "the file holds no root, that is no CA certificate signed with its own key");
    }
    return is_one ? root : NOBODY;
}

static bool tree_init(struct tree *tree, const struct ca_file *file,
                      struct signature_register *signatures)
{
    *tree = (struct tree){
        .file = file,
        .signatures = signatures,
        .is_edge = calloc(file->count * file->count, sizeof(bool)),
        .depths = calloc(file->count, sizeof(size_t)),
        .issuers = calloc(file->count, sizeof(size_t)),
    };
    return tree->is_edge != NULL && tree->depths != NULL && tree->issuers != NULL;
}

static void tree_deinit(struct tree *tree)
{
    free(tree->is_edge);
    free(tree->depths);
    free(tree->issuers);
}

static bool is_above(const struct tree *tree, size_t ancestor, size_t index)
{
    for (size_t hops = 0; index != NOBODY && hops <= tree->file->count; hops++) {
        if (index == ancestor) {
            return true;
        }
        index = tree->issuers[index];
    }
    return false;
}

/* Makes child as deep as it is below issuer, when that is deeper; no CA comes twice on a chain. */
static bool hang_below(struct tree *tree, size_t child, size_t issuer)
{
    if (!tree->is_edge[child * tree->file->count + issuer] || tree->depths[issuer] == 0 ||
        tree->depths[issuer] + 1 <= tree->depths[child] || is_above(tree, child, issuer)) {
        return false;
    }
    tree->depths[child] = tree->depths[issuer] + 1;
    tree->issuers[child] = issuer;
    return true;
}

static bool hang_all_once(struct tree *tree, size_t root)
{
    bool has_changed = false;
    for (size_t child = 0; child < tree->file->count; child++) {
        for (size_t issuer = 0; issuer < tree->file->count && child != root; issuer++) {
            has_changed |= hang_below(tree, child, issuer);
        }
    }
    return has_changed;
}

/* The depth of each CA on the longest chain from the root that leads to it. */
static void tree_grow(struct tree *tree, size_t root)
{
    const struct ca_file *file = tree->file;
    for (size_t child = 0; child < file->count; child++) {
        tree->issuers[child] = NOBODY;
        for (size_t issuer = 0; issuer < file->count; issuer++) {
            tree->is_edge[child * file->count + issuer] =
                child != issuer &&
                is_signed_by(tree->signatures, &file->certificates[child].certificate,
                             &file->certificates[issuer].certificate);
        }
    }
    tree->depths[root] = 1;
    /* Each round settles one level at least; cross-signed CAs could else go round for ever. */
    for (size_t round = 0; round < file->count && hang_all_once(tree, root); round++) {
    }
}

static bool issues_nobody(const struct tree *tree, size_t issuer)
{
    for (size_t child = 0; child < tree->file->count; child++) {
        if (tree->is_edge[child * tree->file->count + issuer] && tree->depths[child] > 0) {
            return false;
        }
    }
    return true;
}

/* The deepest CA; of equally deep ones the first of the file (scenario 4 of the original). */
static size_t find_client_issuer(const struct tree *tree)
{
    size_t deepest = 0;
    for (size_t i = 1; i < tree->file->count; i++) {
        if (tree->depths[i] > tree->depths[deepest]) {
            deepest = i;
        }
    }
    return deepest;
}

static void warn_of_other_issuers(const struct tree *tree, size_t client_issuer,
                                  const struct trusted_chain_options *options,
                                  struct diagnostics *diagnostics)
{
    char chosen[NAME_TEXT_SIZE];
    char other[NAME_TEXT_SIZE];
    const struct certificate *chosen_ca = &tree->file->certificates[client_issuer].certificate;
    for (size_t i = 0; i < tree->file->count; i++) {
        const struct certificate *ca = &tree->file->certificates[i].certificate;
        if (tree->depths[i] == 0 || !issues_nobody(tree, i) ||
            name_equal(ca->subject, chosen_ca->subject)) {
            continue;
        }
        diagnostics_add(
            diagnostics, DIAGNOSTIC_WARNING, place_of(tree->file, i),
            "the file holds several chains: verify_client_cert_issuer_dn = on %s %s for "
            "the issuer of clients and %s those of %s; put each chain into a file of "
            "its own",
            options->verifies_issuer_name ? "takes" : "would take", subject_text(chosen_ca, chosen),
            options->verifies_issuer_name ? "refuses" : "refuse", subject_text(ca, other));
    }
}

static const char *dates_fault(const struct certificate *certificate, int64_t now_seconds)
{
    if (now_seconds >= certificate->not_after_seconds) {
        return "has expired; no client below it gets in";
    }
    if (now_seconds < certificate->not_before_seconds) {
        return "is not valid yet; no client below it gets in";
    }
    return now_seconds + EXPIRY_WARNING_SECONDS >= certificate->not_after_seconds
               ? "expires within 30 days; renew it"
               : NULL;
}

static void warn_of_certificate(const struct tree *tree, size_t index,
                                const struct trusted_chain_options *options,
                                struct diagnostics *diagnostics)
{
    char subject[NAME_TEXT_SIZE];
    const struct certificate *ca = &tree->file->certificates[index].certificate;
    bool is_anchor = tree->depths[index] == 1;
    const char *const faults[] = {
        dates_fault(ca, options->now_seconds),
        public_key_is_strong(&ca->key) ? NULL : "has a key too weak or of an unsupported kind",
        is_anchor || signature_algorithm_is_strong(&ca->signature_algorithm)
            ? NULL
            : "is signed with an algorithm too weak or unsupported",
        tree->depths[index] > 0 ? NULL : "does not belong to the chain of the file's root",
    };
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (faults[i] != NULL) {
            diagnostics_add(diagnostics, DIAGNOSTIC_WARNING, place_of(tree->file, index), "%s %s",
                            subject_text(ca, subject), faults[i]);
        }
    }
}

static void describe(struct trusted_chain *chain, const struct tree *tree,
                     const struct trusted_chain_options *options, struct diagnostics *diagnostics)
{
    size_t client_issuer = find_client_issuer(tree);
    chain->issuer_name = chain->file.certificates[client_issuer].certificate.subject;
    warn_of_other_issuers(tree, client_issuer, options, diagnostics);
    for (size_t i = 0; i < chain->file.count; i++) {
        warn_of_certificate(tree, i, options, diagnostics);
    }
}

static struct result examine(struct trusted_chain *chain,
                             const struct trusted_chain_options *options,
                             struct signature_register *signatures, struct diagnostics *diagnostics)
{
    struct tree tree;
    struct result result = result_failure(ERROR_OUT_OF_MEMORY);
    if (tree_init(&tree, &chain->file, signatures)) {
        tree_grow(&tree, chain->root_index);
        result = signatures->outcome;
        if (result_is_ok(result)) {
            describe(chain, &tree, options, diagnostics);
        }
    }
    tree_deinit(&tree);
    return result;
}

/* first_line: of the file's first certificate, before any was dropped. */
static struct result sort_out(struct trusted_chain *chain, int first_line,
                              const struct trusted_chain_options *options,
                              struct signature_register *signatures,
                              struct diagnostics *diagnostics)
{
    if (chain->file.count == 0) {
        ca_file_report(diagnostics, CA_FILE_NO_CA, chain->file.path, first_line,
                       "no certificate of the file is a CA (basicConstraints CA:TRUE)");
        return result_failure(ERROR_BAD_CONFIG);
    }
    chain->root_index = find_root(&chain->file, signatures, diagnostics);
    TRY(signatures->outcome);
    return chain->root_index == NOBODY ? result_failure(ERROR_BAD_CONFIG)
                                       : examine(chain, options, signatures, diagnostics);
}

struct result trusted_chain_make(struct ca_file *file, const struct trusted_chain_options *options,
                                 struct signature_register *signatures,
                                 struct diagnostics *diagnostics, struct trusted_chain *ret_chain)
{
    struct trusted_chain chain = {.file = *file, .root_index = NOBODY};
    int first_line = file->count > 0 ? file->certificates[0].line : 0;
    *file = (struct ca_file){0};
    drop_needless(&chain.file, diagnostics);
    struct result result = sort_out(&chain, first_line, options, signatures, diagnostics);
    if (!result_is_ok(result)) {
        trusted_chain_deinit(&chain);
        return result;
    }
    *ret_chain = chain;
    return RESULT_OK;
}

struct result trusted_chain_load(const struct config_text *setting,
                                 const struct trusted_chain_options *options,
                                 struct signature_register *signatures,
                                 struct diagnostics *diagnostics, struct trusted_chain *ret_chain)
{
    struct ca_file file;
    TRY(ca_file_read(setting, diagnostics, &file));
    return trusted_chain_make(&file, options, signatures, diagnostics, ret_chain);
}

void trusted_chain_deinit(struct trusted_chain *chain)
{
    ca_file_deinit(&chain->file);
    *chain = (struct trusted_chain){0};
}
