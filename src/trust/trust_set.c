/*
 * The trusted CAs of a profile and who issued whom among them. Built once at load, on the control
 * thread, where a signature check costs nothing that matters; then only looked up in.
 */
#include "trust_set.h"

#include <stdlib.h>

#include "name.h"

#define EDGES_START 16

struct result trust_set_init(struct trust_set *set, size_t capacity)
{
    *set = (struct trust_set){0};
    set->cas = calloc(capacity > 0 ? capacity : 1, sizeof(*set->cas));
    return set->cas == NULL ? result_failure(ERROR_OUT_OF_MEMORY) : RESULT_OK;
}

void trust_set_add(struct trust_set *set, const struct certificate *certificate, bool is_root)
{
    for (size_t i = 0; i < set->count; i++) {
        if (bytes_equal(set->cas[i].certificate.der, certificate->der)) {
            return; /* Two files may hold the same CA. */
        }
    }
    set->cas[set->count++] = (struct trusted_ca){
        .certificate = *certificate,
        .subject_hash = name_hash(certificate->subject),
        .is_root = is_root,
    };
}

static int compare_cas(const void *a, const void *b)
{
    const struct trusted_ca *ca_a = a;
    const struct trusted_ca *ca_b = b;
    if (ca_a->subject_hash != ca_b->subject_hash) {
        return ca_a->subject_hash < ca_b->subject_hash ? -1 : 1;
    }
    return (int)ca_b->is_root - (int)ca_a->is_root;
}

/*
 * A weak edge is kept unproved: the path through it is refused for its weakness, which says more
 * than that no issuer was found.
 */
static bool is_edge(struct signature_register *signatures, const struct certificate *child,
                    const struct certificate *issuer)
{
    if (!certificate_may_be_issued_by(child, issuer)) {
        return false;
    }
    bool is_strong = public_key_is_strong(&issuer->key) &&
                     signature_algorithm_is_strong(&child->signature_algorithm);
    return !is_strong || signature_register_proves(signatures, child, issuer);
}

static struct result add_edge(struct trust_set *set, size_t issuer)
{
    /* The capacity is the power of two from EDGES_START on that holds the count. */
    if (set->edge_count >= EDGES_START && (set->edge_count & (set->edge_count - 1)) == 0) {
        uint32_t *larger = reallocarray(set->edges, 2 * set->edge_count, sizeof(*larger));
        if (larger == NULL) {
            return result_failure(ERROR_OUT_OF_MEMORY);
        }
        set->edges = larger;
    }
    set->edges[set->edge_count++] = (uint32_t)issuer;
    return RESULT_OK;
}

static struct result add_edges_of(struct trust_set *set, size_t child,
                                  struct signature_register *signatures)
{
    struct trusted_ca *ca = &set->cas[child];
    size_t candidate_count = 0;
    size_t first = trust_set_find(set, name_hash(ca->certificate.issuer), &candidate_count);
    ca->first_edge = (uint32_t)set->edge_count;
    for (size_t i = first; i < first + candidate_count && !ca->is_root; i++) {
        if (i != child && is_edge(signatures, &ca->certificate, &set->cas[i].certificate)) {
            TRY(add_edge(set, i));
        }
    }
    ca->edge_count = (uint32_t)set->edge_count - ca->first_edge;
    return signatures->outcome;
}

struct result trust_set_finish(struct trust_set *set, struct signature_register *signatures)
{
    qsort(set->cas, set->count, sizeof(*set->cas), compare_cas);
    set->edges = calloc(EDGES_START, sizeof(*set->edges));
    if (set->edges == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    for (size_t child = 0; child < set->count; child++) {
        TRY(add_edges_of(set, child, signatures));
    }
    return RESULT_OK;
}

void trust_set_deinit(struct trust_set *set)
{
    free(set->cas);
    free(set->edges);
    *set = (struct trust_set){0};
}

size_t trust_set_find(const struct trust_set *set, uint64_t subject_hash, size_t *ret_count)
{
    size_t low = 0;
    size_t high = set->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (set->cas[middle].subject_hash < subject_hash) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t end = low;
    while (end < set->count && set->cas[end].subject_hash == subject_hash) {
        end++;
    }
    *ret_count = end - low;
    return low;
}
