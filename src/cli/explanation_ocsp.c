/*
 * What responders have said, for people: where was asked, the answer with its times and its signer,
 * or what went wrong, and how long the gateway would go by it. Called by explanation_text.c.
 */
#include "explanation.h"
#include "moment.h"

#define URL_ESCAPED_SIZE 8192

static struct bytes url_of(const struct explanation *explanation,
                           const struct revocation_evidence *evidence)
{
    return revocation_evidence_url(evidence, revocation_manner(explanation->question->policy));
}

/* A label and where its value begins. */
static void print_label(const struct canvas *canvas, const char *label)
{
    (void)fprintf(canvas->output, "    %-12s ", label);
}

static void print_moment(const struct canvas *canvas, const char *label, int64_t seconds)
{
    char moment[MOMENT_SIZE];
    print_label(canvas, label);
    (void)fprintf(canvas->output, "%s\n", moment_write(seconds, moment));
}

/* Of the certificate, whose text is anybody's. */
static void print_foreign(const struct canvas *canvas, struct bytes bytes)
{
    char memory[URL_ESCAPED_SIZE];
    struct text text = text_over(memory, sizeof(memory));
    for (size_t i = 0; i < bytes.length; i++) {
        char one[2] = {(char)bytes.at[i], '\0'};
        if (one[0] == '\0') {
            text_append_string(&text, "\\00");
        } else {
            terminal_append_safe(&text, one);
        }
    }
    (void)fputs(text_terminate(&text), canvas->output);
}

static void print_policy(const struct canvas *canvas, const struct config_ocsp *ocsp)
{
    (void)fprintf(canvas->output,
                  "  ocsp_check = %s, ocsp_failure = %s, ocsp_stale_grace = %us, ocsp_nonce = %s\n",
                  ocsp->checks_chain ? "chain" : "leaf",
                  ocsp->failure == CONFIG_OCSP_ALLOW ? "allow" : "deny",
                  ocsp->stale_grace_ms / 1000, ocsp->has_nonce ? "on" : "off");
}

static void print_silence(const struct canvas *canvas, const struct explanation *explanation)
{
    enum inquiry_silence silence = revocation_inquiry_silence(explanation->question->inquiry);
    if (silence != INQUIRY_ASKS) {
        (void)fprintf(canvas->output, "  nobody is asked (%s)\n",
                      revocation_inquiry_silence_text(silence));
    }
}

static void print_responder(const struct canvas *canvas, const struct explanation *explanation,
                            const struct revocation_evidence *evidence)
{
    struct bytes url = url_of(explanation, evidence);
    print_label(canvas, "responder");
    print_foreign(canvas, url);
    (void)fputs(url.length == 0 ? "none is named\n"
                : explanation->question->profile->ocsp.responder.text != NULL
                    ? "  (ocsp_responder)\n"
                    : "\n",
                canvas->output);
}

static void print_status(const struct canvas *canvas, const struct explanation *explanation,
                         const struct revocation_evidence *evidence)
{
    const struct ocsp_answer *answer = &evidence->state.answer;
    print_label(canvas, "status");
    canvas_begin(canvas, answer->status == OCSP_GOOD ? PAINT_GOOD : PAINT_BAD);
    (void)fputs(ocsp_status_word(answer->status), canvas->output);
    canvas_end(canvas);
    (void)fprintf(
        canvas->output, ", %s, %lld s old\n",
        revocation_evidence_is_new(evidence) ? "fetched just now" : "from ocsp_cache_file",
        (long long)(explanation->revocation_seconds - evidence->state.received_at_seconds));
    if (answer->status == OCSP_REVOKED) {
        char moment[MOMENT_SIZE];
        print_label(canvas, "revoked at");
        (void)fprintf(canvas->output, "%s (%s)\n", moment_write(answer->revoked_at_seconds, moment),
                      ocsp_reason_word(answer->revocation_reason));
    }
}

static void print_signer(const struct canvas *canvas, const struct revocation_evidence *evidence)
{
    print_label(canvas, "signed by");
    (void)fprintf(
        canvas->output, "%s  (%s)\n", evidence->signer[0] == '\0' ? "?" : evidence->signer,
        evidence->state.answer.is_by_delegate ? "delegated to by the issuer" : "the issuer itself");
}

/* What the dates alone do not say. */
static const char *remark_on(const struct revocation_use *use, enum ocsp_status status)
{
    bool is_revoked = status == OCSP_REVOKED;
    return is_revoked && use->is_over ? "; that is over, but a revocation does not pass with it"
           : use->lacks_nonce         ? "; not by this profile, for want of our nonce"
           : use->is_over             ? "; that is over"
           : use->is_in_grace         ? "; it is the grace that counts now"
                                      : "";
}

static void print_end(const struct canvas *canvas, const struct explanation *explanation,
                      const struct revocation_evidence *evidence)
{
    struct revocation_use use =
        revocation_evidence_use(evidence, revocation_manner(explanation->question->policy),
                                explanation->revocation_seconds);
    char moment[MOMENT_SIZE];
    print_label(canvas, "used until");
    (void)fputs(moment_write(use.until_seconds, moment), canvas->output);
    if (use.grace_until_seconds > use.until_seconds) {
        (void)fprintf(canvas->output, ", with no newer one until %s",
                      moment_write(use.grace_until_seconds, moment));
    }
    (void)fprintf(canvas->output, "%s\n", remark_on(&use, evidence->state.answer.status));
}

static void print_answer(const struct canvas *canvas, const struct explanation *explanation,
                         const struct revocation_evidence *evidence)
{
    const struct ocsp_answer *answer = &evidence->state.answer;
    print_status(canvas, explanation, evidence);
    print_moment(canvas, "this update", answer->this_update_seconds);
    if (answer->next_update_seconds != 0) {
        print_moment(canvas, "next update", answer->next_update_seconds);
    } else {
        print_label(canvas, "next update");
        (void)fputs("none was given\n", canvas->output);
    }
    print_moment(canvas, "produced at", answer->produced_at_seconds);
    print_signer(canvas, evidence);
    print_end(canvas, explanation, evidence);
}

static void print_failure(const struct canvas *canvas, const struct ocsp_state *state)
{
    print_label(canvas, "failed");
    canvas_begin(canvas, PAINT_BAD);
    (void)fputs(ocsp_fault_word(state->failure), canvas->output);
    canvas_end(canvas);
    (void)fprintf(canvas->output, ": %s\n", ocsp_fault_text(state->failure));
    if (state->retry_at_seconds > state->failed_at_seconds) {
        print_moment(canvas, "asked again", state->retry_at_seconds);
    }
}

static void print_ignorance(const struct canvas *canvas, const struct revocation_evidence *evidence,
                            bool has_url)
{
    if (!evidence->state.has_answer) {
        print_label(canvas, "status");
        (void)fputs(!has_url                ? "not known: there is nobody to ask\n"
                    : evidence->is_supposed ? "not known\n"
                                            : "not known; the verdict is certain without it\n",
                    canvas->output);
    }
    if (evidence->is_supposed) {
        print_label(canvas, "");
        (void)fputs("the verdict is that of a gateway whose responder does not answer\n",
                    canvas->output);
    }
}

static void print_certificate(const struct canvas *canvas, const struct explanation *explanation,
                              size_t depth)
{
    const struct revocation_evidence *evidence = &explanation->evidence[depth];
    char memory[16384];
    struct text subject = text_over(memory, sizeof(memory));
    explanation_append_subject(explanation->on_path[depth], &subject);
    (void)fprintf(canvas->output, "  %s\n", text_terminate(&subject));
    print_responder(canvas, explanation, evidence);
    if (evidence->state.has_answer) {
        print_answer(canvas, explanation, evidence);
    }
    if (revocation_evidence_has_failed(evidence)) {
        print_failure(canvas, &evidence->state);
    } else {
        print_ignorance(canvas, evidence, url_of(explanation, evidence).length > 0);
    }
}

void explanation_ocsp_print(const struct explanation *explanation, const struct canvas *canvas)
{
    size_t count = explanation_revocation_count(explanation);
    if (count == 0) {
        return;
    }
    canvas_print_title(canvas, "The responders (OCSP)");
    print_policy(canvas, &explanation->question->profile->ocsp);
    print_silence(canvas, explanation);
    for (size_t depth = 0; depth < count; depth++) {
        print_certificate(canvas, explanation, depth);
    }
}
