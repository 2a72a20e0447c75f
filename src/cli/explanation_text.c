/* An explanation for people: what the client presents, the path as a tree, the checks, the verdict.
 */
#include "canvas.h"
#include "explanation.h"
#include "moment.h"

#define LINE_SIZE 16384

static void print_subject(const struct canvas *canvas, const struct identity *identity)
{
    char memory[LINE_SIZE];
    struct text text = text_over(memory, sizeof(memory));
    explanation_append_subject(identity, &text);
    (void)fputs(text_terminate(&text), canvas->output);
}

static void print_bytes(const struct canvas *canvas, struct bytes bytes)
{
    (void)fwrite(bytes.at, 1, bytes.length, canvas->output);
}

static void print_head(const struct canvas *canvas, const struct explanation *explanation)
{
    const struct explanation_question *question = explanation->question;
    char moment[MOMENT_SIZE];
    canvas_begin(canvas, PAINT_BOLD);
    terminal_print_safe(canvas->output, explanation->path);
    canvas_end(canvas);
    (void)fputs("\nfor profile ", canvas->output);
    terminal_print_safe(canvas->output, question->profile->name);
    (void)fprintf(canvas->output, " (%s), on %s\n",
                  explanation_mode_word(question->profile->verify_mode),
                  moment_write(question->now_seconds, moment));
}

static void print_notes(const struct canvas *canvas, const struct explanation *explanation)
{
    if (explanation->file.omitted_count > 0) {
        (void)fprintf(canvas->output, "     and %zu more\n", explanation->file.omitted_count);
    }
    if (explanation->file.has_private_key) {
        (void)fputs("     The private key in the file was not looked at.\n", canvas->output);
    }
    if (explanation_order_is_doubtful(explanation)) {
        (void)fputs("     Note: the first one has issued another one here. The client's own "
                    "certificate has to "
                    "be the first.\n",
                    canvas->output);
    }
}

static void print_presented(const struct canvas *canvas, const struct explanation *explanation)
{
    canvas_print_title(canvas, "The client presents");
    for (size_t i = 0; i < explanation->file.count; i++) {
        const struct identity *identity = explanation->presented[i];
        (void)fprintf(canvas->output, "%3zu  ", i + 1);
        print_subject(canvas, identity);
        (void)fputc('\n', canvas->output);
        if (!explanation_is_readable(identity)) {
            continue;
        }
        (void)fputs("     issued by ", canvas->output);
        print_bytes(canvas, identity->issuer);
        (void)fputs("\n     from ", canvas->output);
        print_bytes(canvas, identity->start_date);
        (void)fputs(" to ", canvas->output);
        print_bytes(canvas, identity->end_date);
        (void)fputs("\n     serial number ", canvas->output);
        print_bytes(canvas, identity->serial);
        (void)fputs("\n     SHA-256 ", canvas->output);
        print_bytes(canvas, identity->fingerprint_sha256);
        (void)fputc('\n', canvas->output);
    }
    print_notes(canvas, explanation);
}

/* A branch for each certificate below the first. */
static void print_branch(const struct canvas *canvas, size_t level)
{
    const char *branch = canvas->style.is_utf8 ? "└─ " : "`- ";
    (void)fprintf(canvas->output, "  %*s%s", level > 0 ? (int)(3 * (level - 1)) : 0, "",
                  level > 0 ? branch : "");
}

static void print_origin(const struct canvas *canvas,
                         const struct judge_trace_certificate *certificate)
{
    const char *separator = "  (";
    if (certificate->trusted_path != NULL) {
        (void)fputs("  (trusted: ", canvas->output);
        terminal_print_safe(canvas->output, certificate->trusted_path);
        (void)fprintf(canvas->output, ":%d", certificate->trusted_line);
        separator = "; ";
    }
    if (certificate->presented_index >= 0) {
        (void)fprintf(canvas->output, "%spresented as %d", separator,
                      (int)certificate->presented_index + 1);
    }
    (void)fputc(')', canvas->output);
}

/* The sentences of all checks that failed at one certificate. */
static void print_faults_at(const struct canvas *canvas, const struct judge_trace *trace,
                            size_t depth)
{
    /* What cannot be parsed is not on the path. */
    for (unsigned i = JUDGE_CHECK_PATH; i < JUDGE_CHECK_COUNT; i++) {
        const struct judge_trace_check *check = &trace->checks[i];
        if (check->result == JUDGE_CHECK_FAILED && check->depth == depth) {
            canvas_begin(canvas, PAINT_BAD);
            (void)fprintf(canvas->output, "  %s %s",
                          canvas->style.is_utf8 ? "✗" : "<- FAIL:", check->text);
            canvas_end(canvas);
        }
    }
}

/* Where somebody is missing above: a path that came to its end without its last issuer. */
static bool misses_issuer(const struct explanation *explanation)
{
    const struct judge_trace *trace = &explanation->trace;
    const struct identity *last = explanation->on_path[trace->path_count - 1];
    return (trace->checks[JUDGE_CHECK_PATH].result == JUDGE_CHECK_FAILED ||
            trace->checks[JUDGE_CHECK_PARSES].result == JUDGE_CHECK_FAILED) &&
           explanation->verdict.reason != VERDICT_CHAIN_TOO_LONG &&
           !bytes_equal(last->issuer, last->subject);
}

static void print_path(const struct canvas *canvas, const struct explanation *explanation)
{
    const struct judge_trace *trace = &explanation->trace;
    size_t level = 0;
    if (trace->path_count == 0) {
        return;
    }
    canvas_print_title(canvas, trace->reaches_root ? "The path" : "The path, as far as it goes");
    if (misses_issuer(explanation)) {
        const struct identity *last = explanation->on_path[trace->path_count - 1];
        print_branch(canvas, level++);
        canvas_begin(canvas, PAINT_FAINT);
        (void)fputs("? ", canvas->output);
        print_bytes(canvas, last->issuer);
        (void)fputs("  (not found)\n", canvas->output);
        canvas_end(canvas);
    }
    for (size_t i = trace->path_count; i-- > 0; level++) {
        print_branch(canvas, level);
        print_subject(canvas, explanation->on_path[i]);
        canvas_begin(canvas, PAINT_FAINT);
        print_origin(canvas, &trace->path[i]);
        canvas_end(canvas);
        print_faults_at(canvas, trace, i);
        (void)fputc('\n', canvas->output);
    }
}

static void print_mark(const struct canvas *canvas, enum judge_check_result result)
{
    static const struct {
        enum canvas_paint paint;
        const char *utf8;
        const char *ascii;
    } marks[] = {
        [JUDGE_CHECK_NOT_REACHED] = {PAINT_FAINT, "·", "-   "},
        [JUDGE_CHECK_NOT_ASKED] = {PAINT_FAINT, "–", "-   "},
        [JUDGE_CHECK_PASSED] = {PAINT_GOOD, "✓", "ok  "},
        [JUDGE_CHECK_FAILED] = {PAINT_BAD, "✗", "FAIL"},
    };
    canvas_begin(canvas, marks[result].paint);
    (void)fputs(canvas->style.is_utf8 ? marks[result].utf8 : marks[result].ascii, canvas->output);
    canvas_end(canvas);
}

static void print_check(const struct canvas *canvas, const struct explanation *explanation,
                        enum judge_check check)
{
    const struct judge_trace_check *seen = &explanation->trace.checks[check];
    bool is_rule_of_path =
        check >= JUDGE_CHECK_CRITICAL_EXTENSIONS && check <= JUDGE_CHECK_POLICIES;
    (void)fputs(is_rule_of_path ? "    " : "  ", canvas->output);
    print_mark(canvas, seen->result);
    (void)fprintf(canvas->output, " %s", judge_trace_claim(check));
    if (seen->result == JUDGE_CHECK_NOT_ASKED) {
        (void)fprintf(canvas->output, " (not asked for: %s)",
                      explanation_why_not_asked(explanation->question->profile, check));
    } else if (seen->result == JUDGE_CHECK_NOT_REACHED) {
        (void)fputs(" (not reached)", canvas->output);
    } else if (seen->result == JUDGE_CHECK_FAILED) {
        (void)fprintf(canvas->output, ": %s", seen->text);
    }
    if (check == explanation->trace.decisive) {
        canvas_begin(canvas, PAINT_BOLD);
        (void)fputs(canvas->style.is_utf8 ? "  ← the reason" : "  <- the reason", canvas->output);
        canvas_end(canvas);
    }
    (void)fputc('\n', canvas->output);
}

static void print_checks(const struct canvas *canvas, const struct explanation *explanation)
{
    canvas_print_title(canvas, "The checks");
    for (unsigned check = 0; check < JUDGE_CHECK_COUNT; check++) {
        print_check(canvas, explanation, check);
    }
    (void)fprintf(canvas->output, "  signatures verified: %u\n",
                  explanation->verdict.signature_check_count);
}

/* What is wrong with which, and what to do about it. */
static void print_advice(const struct canvas *canvas, const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    const struct identity *about = explanation_subject_of_verdict(explanation);
    if (about != NULL) {
        (void)fputs("  about   ", canvas->output);
        print_subject(canvas, about);
        (void)fputc('\n', canvas->output);
    }
    if (verdict->reason == VERDICT_ISSUER_DN_MISMATCH) {
        (void)fprintf(canvas->output, "  wanted  issuer %s\n", explanation->trace.issuer_names);
    }
    (void)fputs("  remedy  ", canvas->output);
    canvas_print_wrapped(canvas, explanation_remedy_of(explanation), 10);
}

static void print_verdict(const struct canvas *canvas, const struct explanation *explanation)
{
    const struct verdict *verdict = &explanation->verdict;
    char memory[256];
    char moment[MOMENT_SIZE];
    struct text status = text_over(memory, sizeof(memory));
    bool is_success = verdict_is_success(verdict);
    verdict_append_status(verdict, &status);
    canvas_print_title(canvas, "The verdict");
    canvas_begin(canvas, explanation->is_let_in ? PAINT_GOOD : PAINT_BAD);
    (void)fprintf(canvas->output, "  %s", explanation->is_let_in ? "in" : "out");
    canvas_end(canvas);
    (void)fprintf(canvas->output, ": %s%s (%s)\n",
                  explanation->is_let_in && !is_success
                      ? "the profile forwards everybody; strict would say "
                      : "",
                  verdict_word(verdict->reason), text_terminate(&status));
    if (!is_success) {
        print_advice(canvas, explanation);
    } else if (verdict->valid_until_seconds == INT64_MAX) {
        (void)fputs("  until   the configuration changes\n", canvas->output);
    } else {
        (void)fprintf(canvas->output, "  until   %s\n",
                      moment_write(verdict->valid_until_seconds, moment));
    }
}

void explanation_text_print(const struct explanation *explanation, struct terminal_style style,
                            FILE *output)
{
    const struct canvas canvas = {output, style};
    print_head(&canvas, explanation);
    print_presented(&canvas, explanation);
    print_path(&canvas, explanation);
    print_checks(&canvas, explanation);
    explanation_ocsp_print(explanation, &canvas);
    print_verdict(&canvas, explanation);
}
