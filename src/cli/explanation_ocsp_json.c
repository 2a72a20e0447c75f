/* The evidence of revocation as JSON: the same facts as in the text. Called by explanation_json.c.
 */
#include "explanation.h"
#include "json_member.h"

static const struct ocsp_manner *manner_of(const struct explanation *explanation)
{
    return revocation_manner(explanation->question->policy);
}

static void print_answer(FILE *output, const struct explanation *explanation,
                         const struct revocation_evidence *evidence)
{
    const struct ocsp_state *state = &evidence->state;
    const struct ocsp_answer *answer = &state->answer;
    int64_t now_seconds = explanation->revocation_seconds;
    struct revocation_use use =
        revocation_evidence_use(evidence, manner_of(explanation), now_seconds);
    bool is_revoked = answer->status == OCSP_REVOKED;
    json_member_print_text(output, "status", ocsp_status_word(answer->status));
    json_member_print_text(output, "source",
                           revocation_evidence_is_new(evidence) ? "fetched" : "cache");
    json_member_print_moment(output, "received_at", true, state->received_at_seconds);
    (void)fprintf(output, ", \"age_seconds\": %lld",
                  (long long)(now_seconds - state->received_at_seconds));
    json_member_print_moment(output, "this_update", true, answer->this_update_seconds);
    json_member_print_moment(output, "next_update", answer->next_update_seconds != 0,
                             answer->next_update_seconds);
    json_member_print_moment(output, "produced_at", true, answer->produced_at_seconds);
    json_member_print_text(output, "signer", evidence->signer);
    json_member_print_flag(output, "is_by_delegate", answer->is_by_delegate);
    json_member_print_flag(output, "has_nonce", answer->has_nonce);
    json_member_print_moment(output, "revoked_at", is_revoked, answer->revoked_at_seconds);
    json_member_print_text(output, "revocation_reason",
                           is_revoked ? ocsp_reason_word(answer->revocation_reason) : NULL);
    json_member_print_moment(output, "used_until", true, use.until_seconds);
    json_member_print_moment(output, "grace_until", true, use.grace_until_seconds);
    json_member_print_flag(output, "is_in_grace", use.is_in_grace);
    json_member_print_flag(output, "is_over", use.is_over);
}

static void print_failure(FILE *output, const struct revocation_evidence *evidence)
{
    const struct ocsp_state *state = &evidence->state;
    bool has_failed = revocation_evidence_has_failed(evidence);
    json_member_print_text(output, "fault", has_failed ? ocsp_fault_word(state->failure) : NULL);
    json_member_print_text(output, "fault_text",
                           has_failed ? ocsp_fault_text(state->failure) : NULL);
    json_member_print_moment(output, "retry_at", has_failed, state->retry_at_seconds);
}

static void print_certificate(FILE *output, const struct explanation *explanation, size_t depth)
{
    const struct revocation_evidence *evidence = &explanation->evidence[depth];
    const struct ocsp_manner *manner = manner_of(explanation);
    struct bytes url = revocation_evidence_url(evidence, manner);
    (void)fprintf(output, "%s\n   {\"depth\": %zu", depth == 0 ? "" : ",", depth);
    if (url.length == 0) {
        json_member_print_text(output, "responder", NULL);
    } else {
        json_member_print(output, "responder", url);
    }
    json_member_print_flag(output, "is_of_profile", manner->url[0] != '\0');
    json_member_print_flag(output, "is_asked", evidence->is_fetched);
    json_member_print_flag(output, "is_supposed_dead", evidence->is_supposed);
    if (evidence->state.has_answer) {
        print_answer(output, explanation, evidence);
    } else {
        json_member_print_text(output, "status", NULL);
    }
    print_failure(output, evidence);
    (void)fputc('}', output);
}

void explanation_ocsp_json_print(const struct explanation *explanation, FILE *output)
{
    const struct config_ocsp *ocsp = &explanation->question->profile->ocsp;
    size_t count = explanation_revocation_count(explanation);
    if (count == 0) {
        (void)fputs(",\n \"ocsp\": null", output);
        return;
    }
    enum inquiry_silence silence = revocation_inquiry_silence(explanation->question->inquiry);
    (void)fprintf(output, ",\n \"ocsp\": {\"check\": \"%s\", \"failure\": \"%s\"",
                  ocsp->checks_chain ? "chain" : "leaf",
                  ocsp->failure == CONFIG_OCSP_ALLOW ? "allow" : "deny");
    (void)fprintf(output, ", \"stale_grace_seconds\": %u", ocsp->stale_grace_ms / 1000);
    json_member_print_flag(output, "nonce", ocsp->has_nonce);
    json_member_print_text(output, "nobody_asked",
                           silence == INQUIRY_ASKS ? NULL
                                                   : revocation_inquiry_silence_word(silence));
    (void)fputs(", \"certificates\": [", output);
    for (size_t depth = 0; depth < count; depth++) {
        print_certificate(output, explanation, depth);
    }
    (void)fputs("]}", output);
}
