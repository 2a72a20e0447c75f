/*
 * Walks a path from below its anchor to its leaf with the set of policies that are still valid.
 * Called by path_rules.c. The set is flat: nodes of RFC 5280's tree at one depth are only ever
 * asked what they expect.
 */
#include "certificate_policies.h"

#include "der.h"

/* A certificate names 64 at most, and each of its 64 mappings may bring one. */
#define EXPECTED_COUNT_MAX (2 * CERTIFICATE_POLICY_COUNT_MAX)

#define ANY_POLICY BYTES_OF("\x55\x1D\x20\x00")

struct policy_state {
    uint32_t explicit_policy; /* certificates until a policy is demanded */
    uint32_t policy_mapping;
    uint32_t inhibit_any_policy;
    bool has_any; /* anyPolicy is valid at this depth */
    struct bytes expected[EXPECTED_COUNT_MAX];
    size_t expected_count;
};

static bool is_any(struct bytes policy)
{
    return bytes_equal(policy, ANY_POLICY);
}

static bool expects(const struct policy_state *state, struct bytes policy)
{
    for (size_t i = 0; i < state->expected_count; i++) {
        if (bytes_equal(state->expected[i], policy)) {
            return true;
        }
    }
    return false;
}

static void expect(struct policy_state *state, struct bytes policy)
{
    if (!expects(state, policy) && state->expected_count < EXPECTED_COUNT_MAX) {
        state->expected[state->expected_count++] = policy;
    }
}

static void forget(struct policy_state *state, struct bytes policy)
{
    for (size_t i = 0; i < state->expected_count; i++) {
        if (bytes_equal(state->expected[i], policy)) {
            state->expected[i] = state->expected[--state->expected_count];
            return;
        }
    }
}

static bool is_empty(const struct policy_state *state)
{
    return !state->has_any && state->expected_count == 0;
}

/* 6.1.3 d, e: what of the expected policies this certificate upholds. */
static void apply_policies(struct policy_state *state, const struct certificate *certificate,
                           bool any_is_allowed)
{
    struct policy_state next = *state;
    struct bytes_reader reader = der_over(certificate->policies);
    bool names_any = false;
    next.expected_count = 0;
    next.has_any = false;
    while (bytes_reader_left(&reader) > 0 && !reader.failed) {
        struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
        struct bytes policy = der_take_oid(&inner);
        names_any |= is_any(policy);
        if (!is_any(policy) && (state->has_any || expects(state, policy))) {
            expect(&next, policy);
        }
    }
    if (names_any && any_is_allowed) {
        next.has_any = state->has_any;
        for (size_t i = 0; i < state->expected_count; i++) {
            expect(&next, state->expected[i]);
        }
    }
    *state = next;
}

/* 6.1.4 a, b. False: anyPolicy is mapped, which nobody may do. */
static bool apply_mappings(struct policy_state *state, const struct certificate *certificate)
{
    struct policy_state before = *state;
    struct bytes_reader reader = der_over(certificate->policy_mappings);
    while (bytes_reader_left(&reader) > 0 && !reader.failed) {
        struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
        struct bytes from = der_take_oid(&inner);
        if (is_any(from) || is_any(der_take_oid(&inner))) {
            return false;
        }
        if (expects(&before, from)) {
            forget(state, from);
        }
    }
    reader = der_over(certificate->policy_mappings);
    while (state->policy_mapping > 0 && bytes_reader_left(&reader) > 0 && !reader.failed) {
        struct bytes_reader inner = der_enter(&reader, DER_SEQUENCE);
        struct bytes from = der_take_oid(&inner);
        if (expects(&before, from) || before.has_any) {
            expect(state, der_take_oid(&inner));
        }
    }
    return true;
}

static void lower_to(uint32_t *number, uint32_t limit)
{
    if (limit < *number) {
        *number = limit;
    }
}

static void count_down(uint32_t *number)
{
    if (*number > 0) {
        (*number)--;
    }
}

/* 6.1.4 h, i, j: preparing for the next certificate. */
static void apply_constraints(struct policy_state *state, const struct certificate *certificate)
{
    if (!certificate->is_self_issued) {
        count_down(&state->explicit_policy);
        count_down(&state->policy_mapping);
        count_down(&state->inhibit_any_policy);
    }
    lower_to(&state->explicit_policy, certificate->require_explicit_policy);
    lower_to(&state->policy_mapping, certificate->inhibit_policy_mapping);
    lower_to(&state->inhibit_any_policy, certificate->inhibit_any_policy);
}

/* Nothing can fail unless somebody demands a policy or maps one. */
static bool has_demand(const struct certificate *const *path, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++) {
        if (path[i]->require_explicit_policy != CERTIFICATE_NO_NUMBER ||
            certificate_has(path[i], EXTENSION_POLICY_MAPPINGS)) {
            return true;
        }
    }
    return false;
}

bool certificate_policies_allow(const struct certificate *const *path, size_t count)
{
    if (!has_demand(path, count)) {
        return true;
    }
    /* 6.1.2: beyond any path's length means never. The anchor is no certificate of the path. */
    struct policy_state state = {
        .explicit_policy = CERTIFICATE_NO_NUMBER,
        .policy_mapping = CERTIFICATE_NO_NUMBER,
        .inhibit_any_policy = CERTIFICATE_NO_NUMBER,
        .has_any = true,
    };
    for (size_t i = count - 1; i-- > 0;) {
        const struct certificate *certificate = path[i];
        apply_policies(&state, certificate,
                       state.inhibit_any_policy > 0 || (i > 0 && certificate->is_self_issued));
        if (state.explicit_policy == 0 && is_empty(&state)) {
            return false; /* 6.1.3 f */
        }
        if (i == 0) {
            break;
        }
        if (!apply_mappings(&state, certificate)) {
            return false;
        }
        apply_constraints(&state, certificate);
    }
    /* 6.1.5 a, b: the leaf counts too, and its own demand takes effect at once. */
    bool is_demanded =
        count > 1 && (state.explicit_policy <= 1 || path[0]->require_explicit_policy == 0);
    return !is_demanded || !is_empty(&state);
}
