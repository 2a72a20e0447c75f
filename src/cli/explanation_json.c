/* An explanation as one JSON object: the same facts as in the text, with stable words. */
#include "explanation.h"
#include "json_member.h"

static void print_certificate(FILE *output, const struct identity *identity)
{
    bool is_readable = explanation_is_readable(identity);
    (void)fprintf(output, "\"is_readable\": %s", is_readable ? "true" : "false");
    if (identity == NULL) {
        return;
    }
    if (is_readable) {
        json_member_print(output, "subject", identity->subject);
        json_member_print(output, "issuer", identity->issuer);
        json_member_print(output, "serial_number", identity->serial);
        json_member_print(output, "not_before", identity->start_date);
        json_member_print(output, "not_after", identity->end_date);
        json_member_print(output, "san", identity->san);
    }
    json_member_print(output, "fingerprint", identity->fingerprint);
    json_member_print(output, "fingerprint_sha256", identity->fingerprint_sha256);
}

static void print_presented(FILE *output, const struct explanation *explanation)
{
    (void)fputs(",\n \"presented\": [", output);
    for (size_t i = 0; i < explanation->file.count; i++) {
        (void)fputs(i == 0 ? "\n  {" : ",\n  {", output);
        print_certificate(output, explanation->presented[i]);
        (void)fputc('}', output);
    }
    (void)fprintf(output, "], \"omitted\": %zu, \"has_private_key\": %s, \"order_is_doubtful\": %s",
                  explanation->file.omitted_count,
                  explanation->file.has_private_key ? "true" : "false",
                  explanation_order_is_doubtful(explanation) ? "true" : "false");
}

static void print_path(FILE *output, const struct explanation *explanation)
{
    const struct judge_trace *trace = &explanation->trace;
    (void)fputs(",\n \"path\": [", output);
    for (size_t i = 0; i < trace->path_count; i++) {
        const struct judge_trace_certificate *certificate = &trace->path[i];
        (void)fputs(i == 0 ? "\n  {" : ",\n  {", output);
        print_certificate(output, explanation->on_path[i]);
        if (certificate->presented_index < 0) {
            (void)fputs(", \"presented\": null", output);
        } else {
            (void)fprintf(output, ", \"presented\": %d", (int)certificate->presented_index);
        }
        json_member_print_text(output, "trusted_file", certificate->trusted_path);
        if (certificate->trusted_path != NULL) {
            (void)fprintf(output, ", \"trusted_line\": %d", certificate->trusted_line);
        }
        (void)fputc('}', output);
    }
    (void)fprintf(output, "], \"reaches_root\": %s", trace->reaches_root ? "true" : "false");
}

static void print_checks(FILE *output, const struct judge_trace *trace)
{
    static const char *const results[] = {[JUDGE_CHECK_NOT_REACHED] = "not_reached",
                                          [JUDGE_CHECK_NOT_ASKED] = "not_asked",
                                          [JUDGE_CHECK_PASSED] = "passed",
                                          [JUDGE_CHECK_FAILED] = "failed"};
    (void)fputs(",\n \"checks\": [", output);
    for (unsigned i = 0; i < JUDGE_CHECK_COUNT; i++) {
        const struct judge_trace_check *check = &trace->checks[i];
        (void)fprintf(output, "%s\n  {\"check\": \"%s\", \"result\": \"%s\"", i == 0 ? "" : ",",
                      judge_trace_word(i), results[check->result]);
        if (check->result == JUDGE_CHECK_FAILED) {
            (void)fprintf(output, ", \"depth\": %u, \"text\": \"%s\", \"is_reason\": %s",
                          check->depth, check->text, trace->decisive == i ? "true" : "false");
        }
        (void)fputc('}', output);
    }
    (void)fputc(']', output);
}

static void print_about(FILE *output, const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    const struct identity *about = explanation_subject_of_verdict(explanation);
    if (verdict_is_success(verdict) || about == NULL) {
        (void)fputs(",\n \"about\": null", output);
        return;
    }
    (void)fprintf(output, ",\n \"about\": {\"depth\": %u, \"presented\": ", verdict->depth);
    if (verdict->presented_index < 0) {
        (void)fputs("null", output);
    } else {
        (void)fprintf(output, "%d", (int)verdict->presented_index);
    }
    json_member_print(output, "subject", about->subject);
    (void)fputc('}', output);
}

static void print_verdict(FILE *output, const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    char memory[256];
    struct text status = text_over(memory, sizeof(memory));
    verdict_append_status(verdict, &status);
    (void)fprintf(output, ",\n \"let_in\": %s", explanation->is_let_in ? "true" : "false");
    json_member_print_text(output, "verdict", verdict_word(verdict->reason));
    json_member_print(output, "status", text_bytes(&status));
    json_member_print_moment(output, "valid_until",
                             verdict_is_success(verdict) &&
                                 verdict->valid_until_seconds != INT64_MAX,
                             verdict->valid_until_seconds);
    (void)fprintf(output, ", \"signature_checks\": %u", verdict->signature_check_count);
    print_about(output, explanation);
    json_member_print_text(
        output, "wanted_issuer",
        explanation->trace.issuer_names[0] == '\0' ? NULL : explanation->trace.issuer_names);
    json_member_print_text(output, "remedy", explanation_remedy_of(explanation));
}

static void print_fault(FILE *output, const struct explanation *explanation)
{
    char memory[256];
    struct text text = text_over(memory, sizeof(memory));
    explanation_append_fault(explanation, &text);
    (void)fputs(", \"let_in\": false, \"verdict\": null", output);
    json_member_print(output, "error", text_bytes(&text));
    (void)fprintf(output, ", \"line\": %d}", explanation->file.fault_line);
}

void explanation_json_print(const struct explanation *explanation, FILE *output)
{
    const struct explanation_question *question = explanation->question;
    (void)fputs("{\"file\": ", output);
    json_member_print_string(output, bytes_from_string(explanation->path));
    json_member_print_text(output, "profile", question->profile->name);
    json_member_print_text(output, "mode", explanation_mode_word(question->profile->verify_mode));
    json_member_print_moment(output, "time", true, question->now_seconds);
    if (!explanation->is_judged) {
        print_fault(output, explanation);
        return;
    }
    print_verdict(output, explanation);
    print_checks(output, &explanation->trace);
    explanation_ocsp_json_print(explanation, output);
    print_path(output, explanation);
    print_presented(output, explanation);
    (void)fputc('}', output);
}
