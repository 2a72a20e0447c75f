/*
 * Depth-first search for a valid path, without recursion. Called by judge.c. A frame a certificate;
 * each frame remembers which candidates for its issuer it has tried. Signature checks are
 * remembered too, so no pair is paid for twice and an edge known to be bad ends every path over it.
 */
#include "path.h"

#include "base/check.h"
#include "name.h"
#include "name_constraints.h"
#include "path_rules.h"
#include "x509_signature.h"

struct frame {
    const struct certificate *certificate;
    const struct trusted_ca *trusted; /* NULL: a presented one */
    const uint32_t *edges;            /* candidates of a trusted one; NULL: a range of the set */
    size_t first_trusted;
    size_t trusted_count;
    size_t tried_count; /* of trusted candidates, then of presented ones */
    bool has_issuer;    /* some candidate fitted by name */
};

struct checked_signature {
    const struct certificate *child;
    const struct certificate *issuer;
    bool is_valid;
};

struct search {
    const struct presented_chain *chain;
    const struct trust_set *trusted;
    int64_t now_seconds;
    struct path_outcome *best;
    size_t step_count;
    uint32_t names_budget;
    bool is_exhausted; /* a ceiling was reached, or memory's end: the search is over */
    size_t checked_count;
    struct checked_signature checked[PATH_SIGNATURE_CHECKS_MAX];
    size_t depth; /* frames in use */
    struct frame frames[PATH_LENGTH_MAX];
    const struct certificate *path[PATH_LENGTH_MAX]; /* the frames' certificates */
};

/* Keeps the fault when its path came further than all before it. */
static void record(struct search *search, enum path_fault fault, size_t at_depth)
{
    struct path_outcome *best = search->best;
    if (fault < best->fault || (fault == best->fault && search->depth <= best->count)) {
        return;
    }
    best->fault = fault;
    best->depth = (uint32_t)at_depth;
    best->count = search->depth;
    memcpy(best->certificates, search->path, search->depth * sizeof(search->path[0]));
}

static const struct checked_signature *find_checked(const struct search *search,
                                                    const struct certificate *child,
                                                    const struct certificate *issuer)
{
    for (size_t i = 0; i < search->checked_count; i++) {
        if (search->checked[i].child == child && search->checked[i].issuer == issuer) {
            return &search->checked[i];
        }
    }
    return NULL;
}

/* False: there was no memory for it. */
static bool check_fresh(struct search *search, const struct certificate *child,
                        const struct certificate *issuer)
{
    enum x509_signature_finding finding = x509_signature_check(
        &issuer->key, &child->signature_algorithm, child->tbs, child->signature);
    search->checked[search->checked_count++] =
        (struct checked_signature){child, issuer, finding == X509_SIGNATURE_RIGHT};
    return finding != X509_SIGNATURE_UNCHECKED;
}

/* path_rules.c asks when all cheaper rules are kept. */
static enum path_fault check_signature(void *opaque, size_t index)
{
    struct search *search = opaque;
    const struct certificate *child = search->path[index];
    const struct certificate *issuer = search->path[index + 1];
    if (search->frames[index].trusted != NULL) {
        return PATH_FAULT_NONE; /* Proved when the set was built. */
    }
    const struct checked_signature *known = find_checked(search, child, issuer);
    if (known == NULL) {
        if (search->checked_count == PATH_SIGNATURE_CHECKS_MAX) {
            search->is_exhausted = true;
            return PATH_FAULT_TOO_LONG;
        }
        if (!check_fresh(search, child, issuer)) {
            search->is_exhausted = true;
            return PATH_FAULT_OUT_OF_MEMORY;
        }
        known = &search->checked[search->checked_count - 1];
    }
    return known->is_valid ? PATH_FAULT_NONE : PATH_FAULT_SIGNATURE;
}

static void push(struct search *search, const struct certificate *certificate,
                 const struct trusted_ca *trusted)
{
    struct frame *frame = &search->frames[search->depth];
    *frame = (struct frame){.certificate = certificate, .trusted = trusted};
    search->path[search->depth++] = certificate;
    if (trusted == NULL) {
        frame->first_trusted =
            trust_set_find(search->trusted, name_hash(certificate->issuer), &frame->trusted_count);
    } else if (!trusted->is_root) {
        frame->edges = search->trusted->edges + trusted->first_edge;
        frame->trusted_count = trusted->edge_count;
    }
}

static const struct trusted_ca *trusted_candidate(const struct search *search,
                                                  const struct frame *frame, size_t index)
{
    return &search->trusted
                ->cas[frame->edges != NULL ? frame->edges[index] : frame->first_trusted + index];
}

/*
 * The next candidate for the frame's issuer, or false. What a trusted CA is issued by is sought
 * among trusted ones only; a client adds nothing to them.
 */
static bool next_candidate(const struct search *search, struct frame *frame,
                           const struct certificate **ret_certificate,
                           const struct trusted_ca **ret_trusted)
{
    if (frame->tried_count < frame->trusted_count) {
        *ret_trusted = trusted_candidate(search, frame, frame->tried_count++);
        *ret_certificate = &(*ret_trusted)->certificate;
        return true;
    }
    /* Presented ones from the second on: the leaf issues nothing here. */
    size_t index = 1 + frame->tried_count - frame->trusted_count;
    if (frame->trusted != NULL || index >= search->chain->count) {
        return false;
    }
    frame->tried_count++;
    *ret_trusted = NULL;
    *ret_certificate =
        search->chain->is_readable[index] ? &search->chain->certificates[index] : NULL;
    return true;
}

/* The same holder with the same key twice is a loop, whatever else differs. */
static bool is_on_path(const struct search *search, const struct certificate *certificate)
{
    for (size_t i = 0; i < search->depth; i++) {
        const struct certificate *other = search->path[i];
        if (bytes_equal(other->key.whole, certificate->key.whole) &&
            name_equal(other->subject, certificate->subject)) {
            return true;
        }
    }
    return false;
}

static void record_dead_end(struct search *search, const struct frame *frame)
{
    enum path_fault fault = PATH_FAULT_NO_LOCAL_ISSUER;
    bool all_readable = true;
    for (size_t i = 0; i < search->chain->count; i++) {
        all_readable = all_readable && search->chain->is_readable[i];
    }
    if (frame->trusted != NULL) {
        fault = PATH_FAULT_NO_ISSUER;
    } else if (certificate_may_be_issued_by(frame->certificate, frame->certificate)) {
        fault = search->depth == 1 ? PATH_FAULT_SELF_SIGNED : PATH_FAULT_SELF_SIGNED_IN_CHAIN;
    } else if (!all_readable) {
        fault = PATH_FAULT_UNREADABLE_ISSUER;
    } else if (search->chain->count == 1) {
        fault = PATH_FAULT_NO_ISSUER_OF_LEAF;
    }
    record(search, fault, search->depth - 1);
}

/* The path has reached a root: true when it keeps every rule. */
static bool check_path(struct search *search)
{
    struct path_rules_input input = {
        .path = search->path,
        .count = search->depth,
        .now_seconds = search->now_seconds,
        .check_signature = check_signature,
        .search = search,
        .names_budget = &search->names_budget,
    };
    uint32_t depth = 0;
    enum path_fault fault = path_rules_check(&input, &depth);
    if (fault != PATH_FAULT_NONE) {
        record(search, fault, depth);
        return false;
    }
    struct path_outcome *best = search->best;
    best->fault = PATH_FAULT_NONE;
    best->depth = 0;
    best->count = search->depth;
    best->valid_until_seconds = INT64_MAX;
    for (size_t i = 0; i < search->depth; i++) {
        int64_t end = search->path[i]->not_after_seconds;
        best->certificates[i] = search->path[i];
        best->valid_until_seconds =
            end < best->valid_until_seconds ? end : best->valid_until_seconds;
    }
    return true;
}

/* Looks at one more candidate of the last frame, or leaves the frame; true: a valid path was found.
 */
static bool step(struct search *search)
{
    struct frame *frame = &search->frames[search->depth - 1];
    const struct certificate *candidate = NULL;
    const struct trusted_ca *trusted = NULL;
    if (!next_candidate(search, frame, &candidate, &trusted)) {
        if (!frame->has_issuer) {
            record_dead_end(search, frame);
        }
        search->depth--;
        return false;
    }
    if (candidate == NULL || is_on_path(search, candidate) ||
        !certificate_may_be_issued_by(frame->certificate, candidate)) {
        return false;
    }
    frame->has_issuer = true;
    const struct checked_signature *known = find_checked(search, frame->certificate, candidate);
    if (known != NULL && !known->is_valid) {
        return false;
    }
    if (search->depth == PATH_LENGTH_MAX) {
        record(search, PATH_FAULT_TOO_LONG, search->depth - 1);
        return false;
    }
    push(search, candidate, trusted);
    if (trusted == NULL || !trusted->is_root) {
        return false;
    }
    bool is_valid = check_path(search);
    search->depth--;
    return is_valid;
}

/* A root presented as a client's own certificate needs no issuer. */
static const struct trusted_ca *find_root(const struct search *search,
                                          const struct certificate *certificate)
{
    size_t count;
    size_t first = trust_set_find(search->trusted, name_hash(certificate->subject), &count);
    for (size_t i = first; i < first + count; i++) {
        const struct trusted_ca *ca = &search->trusted->cas[i];
        if (ca->is_root && bytes_equal(ca->certificate.der, certificate->der)) {
            return ca;
        }
    }
    return NULL;
}

void path_find(const struct presented_chain *chain, const struct trust_set *trusted,
               int64_t now_seconds, struct path_outcome *ret_outcome)
{
    struct search search;
    const struct certificate *leaf = &chain->certificates[0];
    CHECK(chain->count > 0 && chain->count <= PATH_PRESENTED_COUNT_MAX);
    ret_outcome->fault = PATH_FAULT_NONE;
    ret_outcome->depth = 0;
    ret_outcome->count = 0;
    ret_outcome->valid_until_seconds = 0;
    search.chain = chain;
    search.trusted = trusted;
    search.now_seconds = now_seconds;
    search.best = ret_outcome;
    search.step_count = 0;
    search.names_budget = NAME_CONSTRAINTS_BUDGET;
    search.is_exhausted = false;
    search.checked_count = 0;
    search.depth = 0;
    const struct trusted_ca *root = leaf->is_self_issued ? find_root(&search, leaf) : NULL;
    push(&search, leaf, root);
    bool is_found = root != NULL && check_path(&search);
    while (!is_found && search.depth > 0 && !search.is_exhausted) {
        if (++search.step_count > PATH_STEPS_MAX) {
            record(&search, PATH_FAULT_TOO_LONG, 0);
            break;
        }
        is_found = step(&search);
    }
    ret_outcome->signature_check_count = (uint32_t)search.checked_count;
}
