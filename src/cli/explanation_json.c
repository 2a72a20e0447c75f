/* An explanation as one JSON object: the same facts as in the text, with stable words. */
#include "explanation.h"
#include "moment.h"

/* The longest value is a path or a name; six characters for one byte at most. */
#define STRING_SIZE (6 * 16384)

/* One character of what is UTF-8 for certain; returns how many bytes it has. */
static size_t decode(const char *at, uint32_t *ret_character)
{
    const uint8_t *bytes = (const uint8_t *)at;
    size_t size = bytes[0] < 0x80 ? 1 : bytes[0] < 0xE0 ? 2 : bytes[0] < 0xF0 ? 3 : 4;
    uint32_t character = size == 1 ? bytes[0] : bytes[0] & (0x7FU >> size);
    for (size_t i = 1; i < size; i++) {
        character = character << 6 | (bytes[i] & 0x3F);
    }
    *ret_character = character;
    return size;
}

/* In ASCII alone: a document may end up on a terminal, and names of files hold anything. */
static void print_string(FILE *output, struct bytes bytes)
{
    char memory[STRING_SIZE];
    struct text text = text_over(memory, sizeof(memory));
    text_append_json_escaped(&text, bytes);
    (void)fputc('"', output);
    for (size_t at = 0; at < text.length;) {
        uint32_t character;
        at += decode(text.at + at, &character);
        if (character < 0x7F) {
            (void)fputc((int)character, output);
        } else if (character < 0x10000) {
            (void)fprintf(output, "\\u%04x", character);
        } else { /* RFC 8259 section 7: a pair of surrogates */
            (void)fprintf(output, "\\u%04x\\u%04x", 0xD800 + ((character - 0x10000) >> 10),
                          0xDC00 + ((character - 0x10000) & 0x3FF));
        }
    }
    (void)fputc('"', output);
}

static void print_member(FILE *output, const char *name, struct bytes bytes)
{
    (void)fprintf(output, ", \"%s\": ", name);
    print_string(output, bytes);
}

static void print_text_member(FILE *output, const char *name, const char *value)
{
    if (value == NULL) {
        (void)fprintf(output, ", \"%s\": null", name);
    } else {
        print_member(output, name, bytes_from_string(value));
    }
}

static void print_moment(FILE *output, const char *name, bool is_known, int64_t seconds)
{
    char moment[MOMENT_SIZE];
    if (!is_known) {
        (void)fprintf(output, ", \"%s\": null, \"%s_seconds\": null", name, name);
        return;
    }
    (void)fprintf(output, ", \"%s\": \"%s\", \"%s_seconds\": %lld", name,
                  moment_write(seconds, moment), name, (long long)seconds);
}

static void print_certificate(FILE *output, const struct identity *identity)
{
    bool is_readable = explanation_is_readable(identity);
    (void)fprintf(output, "\"is_readable\": %s", is_readable ? "true" : "false");
    if (identity == NULL) {
        return;
    }
    if (is_readable) {
        print_member(output, "subject", identity->subject);
        print_member(output, "issuer", identity->issuer);
        print_member(output, "serial_number", identity->serial);
        print_member(output, "not_before", identity->start_date);
        print_member(output, "not_after", identity->end_date);
        print_member(output, "san", identity->san);
    }
    print_member(output, "fingerprint", identity->fingerprint);
    print_member(output, "fingerprint_sha256", identity->fingerprint_sha256);
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
        print_text_member(output, "trusted_file", certificate->trusted_path);
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
    print_member(output, "subject", about->subject);
    (void)fputc('}', output);
}

static void print_verdict(FILE *output, const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    char memory[256];
    struct text status = text_over(memory, sizeof(memory));
    verdict_append_status(verdict, &status);
    (void)fprintf(output, ",\n \"let_in\": %s", explanation->is_let_in ? "true" : "false");
    print_text_member(output, "verdict", verdict_word(verdict->reason));
    print_member(output, "status", text_bytes(&status));
    print_moment(output, "valid_until",
                 verdict_is_success(verdict) && verdict->valid_until_seconds != INT64_MAX,
                 verdict->valid_until_seconds);
    (void)fprintf(output, ", \"signature_checks\": %u", verdict->signature_check_count);
    print_about(output, explanation);
    print_text_member(output, "wanted_issuer",
                      explanation->trace.issuer_names[0] == '\0' ? NULL
                                                                 : explanation->trace.issuer_names);
    print_text_member(output, "remedy",
                      explanation_remedy_of(verdict->reason, verdict->presented_index < 0));
}

static void print_fault(FILE *output, const struct explanation *explanation)
{
    char memory[256];
    struct text text = text_over(memory, sizeof(memory));
    explanation_append_fault(explanation, &text);
    (void)fputs(", \"let_in\": false, \"verdict\": null", output);
    print_member(output, "error", text_bytes(&text));
    (void)fprintf(output, ", \"line\": %d}", explanation->file.fault_line);
}

void explanation_json_print(const struct explanation *explanation, FILE *output)
{
    const struct explanation_question *question = explanation->question;
    (void)fputs("{\"file\": ", output);
    print_string(output, bytes_from_string(explanation->path));
    print_text_member(output, "profile", question->profile->name);
    print_text_member(output, "mode", explanation_mode_word(question->profile->verify_mode));
    print_moment(output, "time", true, question->now_seconds);
    if (!explanation->is_judged) {
        print_fault(output, explanation);
        return;
    }
    print_verdict(output, explanation);
    print_checks(output, &explanation->trace);
    print_path(output, explanation);
    print_presented(output, explanation);
    (void)fputc('}', output);
}
