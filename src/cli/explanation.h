/*
 * Why one client gets in or not: its file, the verdict on it, and what the judge saw. The main
 * thread's; whoever makes it owns it, and it lives no longer than the question.
 */
#ifndef CLI_EXPLANATION_H
#define CLI_EXPLANATION_H

#include <stdio.h>

#include "base/text.h"
#include "canvas.h"
#include "client_file.h"
#include "config/config.h"
#include "revocation_inquiry.h"
#include "trust/identity.h"
#include "trust/judge.h"
#include "trust/revocation.h"

/* Who would be asked to let the clients in, and when. */
struct explanation_question {
    const struct config_ssl_profile *profile;
    const struct trust_policy *policy;
    struct revocation_inquiry *inquiry; /* of a profile that asks for revocation */
    int64_t now_seconds;
};

struct explanation {
    const struct explanation_question *question;
    const char *path; /* the caller's */
    struct client_file file;
    bool is_judged; /* the file could be read: what follows is set */
    bool is_let_in; /* by the profile's mode too, which may forward everybody */
    struct verdict verdict;
    struct judge_trace trace;
    struct identity *presented[CLIENT_FILE_CERTIFICATE_COUNT_MAX]; /* one a certificate */
    struct identity *on_path[JUDGE_TRACE_PATH_MAX];
    struct judge_path judge_path;         /* what revocation was judged for; empty: it was not */
    struct verdict path_verdict;          /* before that */
    struct revocation_evidence *evidence; /* by depth, evidence_count of them */
    size_t evidence_count;
    struct revocation_outcome revocation;
    int64_t revocation_seconds; /* when it was judged: after the answers had come */
};

/*
 * Reads and judges path, and asks responders without waiting for them: the explanation stays where
 * it is until it is finished, or ended. ERROR_OUT_OF_MEMORY, or ERROR_TLS_LIBRARY; a bad file is no
 * failure.
 */
struct result explanation_begin(struct explanation *explanation,
                                const struct explanation_question *question, const char *path);

/* With the answers. Errors as above. */
struct result explanation_finish(struct explanation *explanation);

/* At any time; accepts a zeroed one. */
void explanation_deinit(struct explanation *explanation);

/* The parts of the above that are about revocation. */
struct result explanation_revocation_begin(struct explanation *explanation);
void explanation_revocation_finish(struct explanation *explanation);
void explanation_revocation_deinit(struct explanation *explanation);

/* How many certificates, from the leaf upwards, the verdict rests on, or fails for. */
size_t explanation_revocation_count(const struct explanation *explanation);

/* Of the certificate for which revocation is the reason; NULL: it is not. */
const struct revocation_evidence *
explanation_revocation_decisive(const struct explanation *explanation);

/* The subject, or what stands for one: printable whatever the certificate holds. */
void explanation_append_subject(const struct identity *identity, struct text *text);

/* Whether the certificate could be parsed at all. */
bool explanation_is_readable(const struct identity *identity);

/* The certificate that the verdict is about; NULL: none, or none that is known. */
const struct identity *explanation_subject_of_verdict(const struct explanation *explanation);

/* The first certificate of the file has, by the names, issued another one of it: a CA's, probably.
 */
bool explanation_order_is_doubtful(const struct explanation *explanation);

/* Why there is no verdict: the file's fault as a sentence. */
void explanation_append_fault(const struct explanation *explanation, struct text *text);

/* strict, passthrough, off. */
const char *explanation_mode_word(enum config_verify_mode mode);

/* The setting because of which the profile does not ask for a check; NULL: it always does. */
const char *explanation_why_not_asked(const struct config_ssl_profile *profile,
                                      enum judge_check check);

/* All of it for people, or as one JSON object without a newline behind it. */
void explanation_text_print(const struct explanation *explanation, struct terminal_style style,
                            FILE *output);
void explanation_json_print(const struct explanation *explanation, FILE *output);

/* The same of the evidence of revocation alone, when the profile asks for it: for people below a
 * title of its own, in JSON as a member that begins with a comma. */
void explanation_ocsp_print(const struct explanation *explanation, const struct canvas *canvas);
void explanation_ocsp_json_print(const struct explanation *explanation, FILE *output);

/* What to do about the verdict, in words; NULL for a success. */
const char *explanation_remedy_of(const struct explanation *explanation);

#endif
