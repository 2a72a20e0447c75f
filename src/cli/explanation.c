/*
 * Asks the judge about one file, as a worker would about a connection. Called by command_explain.c;
 * shown by explanation_text.c and explanation_json.c, revocation by explanation_ocsp.c too.
 */
#include "explanation.h"

#include <string.h>

static struct result describe_all(struct explanation *explanation)
{
    for (size_t i = 0; i < explanation->file.count; i++) {
        struct result result =
            identity_create(&explanation->file.chain[i], 1, &explanation->presented[i]);
        if (result.code != ERROR_BAD_INPUT) { /* Past the bounds: it has no description. */
            TRY(result);
        }
    }
    for (size_t i = 0; i < explanation->trace.path_count; i++) {
        TRY(identity_create(&explanation->trace.path[i].der, 1, &explanation->on_path[i]));
    }
    return RESULT_OK;
}

struct result explanation_begin(struct explanation *explanation,
                                const struct explanation_question *question, const char *path)
{
    *explanation = (struct explanation){.question = question, .path = path};
    client_file_read(path, &explanation->file);
    if (explanation->file.fault == CLIENT_FILE_NO_MEMORY) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (explanation->file.fault != CLIENT_FILE_READ) {
        return RESULT_OK;
    }
    explanation->verdict =
        judge_chain_traced(question->policy, explanation->file.chain, explanation->file.count,
                           question->now_seconds, &explanation->trace);
    explanation->is_judged = true;
    return explanation_revocation_begin(explanation);
}

struct result explanation_finish(struct explanation *explanation)
{
    if (!explanation->is_judged) {
        return RESULT_OK;
    }
    explanation_revocation_finish(explanation);
    explanation->is_let_in = verdict_is_success(&explanation->verdict) ||
                             explanation->question->profile->verify_mode != CONFIG_VERIFY_STRICT;
    return describe_all(explanation);
}

void explanation_deinit(struct explanation *explanation)
{
    explanation_revocation_deinit(explanation);
    for (size_t i = 0; i < CLIENT_FILE_CERTIFICATE_COUNT_MAX; i++) {
        identity_destroy(explanation->presented[i]);
    }
    for (size_t i = 0; i < JUDGE_TRACE_PATH_MAX; i++) {
        identity_destroy(explanation->on_path[i]);
    }
    client_file_deinit(&explanation->file);
    *explanation = (struct explanation){0};
}

bool explanation_is_readable(const struct identity *identity)
{
    return identity != NULL && identity->end_date.length > 0;
}

void explanation_append_subject(const struct identity *identity, struct text *text)
{
    if (!explanation_is_readable(identity)) {
        text_append_string(text, "(cannot be parsed)");
    } else if (identity->subject.length > 0) {
        text_append(text, identity->subject);
    } else if (identity->san.length > 0) {
        text_append_string(text, "(no subject) ");
        text_append(text, identity->san);
    } else {
        text_append_string(text, "(no subject)");
    }
}

const struct identity *explanation_subject_of_verdict(const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    if (verdict->presented_index >= 0) {
        return explanation->presented[verdict->presented_index];
    }
    return verdict->depth < explanation->trace.path_count ? explanation->on_path[verdict->depth]
                                                          : NULL;
}

bool explanation_order_is_doubtful(const struct explanation *explanation)
{
    const struct identity *first = explanation->presented[0];
    for (size_t i = 1; i < explanation->file.count && explanation_is_readable(first); i++) {
        const struct identity *other = explanation->presented[i];
        if (explanation_is_readable(other) && bytes_equal(other->issuer, first->subject) &&
            !bytes_equal(other->subject, first->subject)) {
            return true;
        }
    }
    return false;
}

void explanation_append_fault(const struct explanation *explanation, struct text *text)
{
    const struct client_file *file = &explanation->file;
    text_append_string(text, client_file_fault_text(file->fault));
    if (file->fault == CLIENT_FILE_UNREADABLE) {
        text_append_string(text, ": ");
        text_append_string(text, strerror(file->error_number));
    }
}

const char *explanation_mode_word(enum config_verify_mode mode)
{
    static const char *const words[] = {[CONFIG_VERIFY_STRICT] = "strict",
                                        [CONFIG_VERIFY_PASSTHROUGH] = "passthrough",
                                        [CONFIG_VERIFY_OFF] = "off"};
    return words[mode];
}

/* All that may stand in the way of the last check, the setting that is nearest first. */
static const char *why_no_revocation(const struct config_ssl_profile *profile)
{
    return profile->waives_revocation                      ? "validate_revocation = off"
           : profile->revocation == CONFIG_REVOCATION_NONE ? "verify_client_revocation = none"
           : profile->waives_trust                         ? "validate_trust = off"
                                                           : "nobody can revoke a root";
}

const char *explanation_why_not_asked(const struct config_ssl_profile *profile,
                                      enum judge_check check)
{
    static const char *const settings[JUDGE_CHECK_COUNT] = {
        [JUDGE_CHECK_PATH] = "validate_trust = off",
        [JUDGE_CHECK_SIGNATURES] = "validate_trust = off",
        [JUDGE_CHECK_ISSUER_DN] = "verify_client_cert_issuer_dn = off",
        [JUDGE_CHECK_IDENTITY] = "no allow_identity",
    };
    return check == JUDGE_CHECK_REVOCATION ? why_no_revocation(profile) : settings[check];
}
