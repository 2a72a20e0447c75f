/*
 * Fields of the access log have their row here, and are written by access_record.c: who changes one
 * changes the other, and a test compares them. The words come from the lists that the program uses.
 */
#include "manual_log.h"

#include "base/roff.h"
#include "base/text.h"
#include "http/answer.h"
#include "http/http1_fault.h"
#include "proxy/answer_words.h"
#include "proxy/close_reason.h"
#include "proxy/server_health.h"
#include "tls/tls_failure.h"
#include "trust/ocsp_answer.h"
#include "trust/verdict.h"

#define TEXT_BYTES_MAX 4096

/* clang-format off */
static const struct {
    const char *name;
    const char *text;
} fields[] = {
    {"timeStamp", "When the request's first byte came, in UTC; of a handshake that failed, when the client connected."},
    {"listenerName", "The listener that the request was for."},
    {"clientIP", "The client's address."},
    {"clientPort", "Its port."},
    {"httpMethod", "The request's method."},
    {"requestUri", "Its target, as received."},
    {"httpStatus", "The status that the client was given; 0: none."},
    {"httpVersion", "HTTP/1.0 or HTTP/1.1."},
    {"receivedBytes", "Bytes of the request, head and body; of a handshake that failed, all that came."},
    {"sentBytes", "Bytes of the answer, likewise."},
    {"host", "The authority that the request names; of a handshake that failed, the server name asked for."},
    {"timeTaken", "Seconds from the first byte of the request to the last of the answer."},
    {"transactionId", "The trace id that the backend got in X-AppGW-Trace-Id."},
    {"sslEnabled", "Always on."},
    {"sslCipher", "The cipher suite, by OpenSSL's name."},
    {"sslProtocol", "TLSv1.2 or TLSv1.3."},
    {"sslClientVerify", "SUCCESS, NONE (no certificate was presented), or FAILED: and the sentence of the reason."},
    {"sslClientCertificateFingerprint", "SHA-1 of the client's certificate, in lower-case hex."},
    {"sslClientCertificateIssuerName", "Its issuer (RFC 2253)."},
    {"sslClientCertificateSubject", "Its subject (RFC 2253)."},
    {"sslSessionReused", "Whether the session was resumed from a ticket."},
    {"wouldRefuse", "With `report = on` only: the reason for which strict would have refused; empty: it would not have."},
    {"serverRouted", "Address and port of the server that the request went to."},
    {"serverStatus", "The status of its answer; 0: none came."},
    {"serverResponseLatency", "Seconds from giving it the request to the head of its answer."},
    {"error_info", "ERRORINFO_NO_ERROR, or in the words of the original what went wrong."},
    {"reason", "Why the client was refused, the request not answered as asked, or the handshake failed; one of the words below, or empty."},
};
/* clang-format on */

/* Words from one of the program's lists. */
struct words {
    const char *title;
    int first;
    int end; /* the number behind the last one's */
    const char *(*word)(int number);
    const char *(*text)(int number); /* NULL: the words say all themselves */
};

static void print_items(FILE *output, const struct words *words)
{
    for (int i = words->first; i < words->end; i++) {
        roff_print_item(output, words->word(i), "");
        roff_print_text(output, words->text(i));
    }
}

static void print_list(FILE *output, const struct words *words)
{
    char memory[TEXT_BYTES_MAX];
    struct text text = text_over(memory, sizeof(memory));
    for (int i = words->first; i < words->end; i++) {
        text_append_format(&text, "%s`%s`", i == words->first ? "" : ",\n", words->word(i));
    }
    roff_print_text(output, text_terminate(&text));
}

static const char *verdict_word_of(int number)
{
    return verdict_word((enum verdict_reason)number);
}

static const char *verdict_text_of(int number)
{
    return verdict_text((enum verdict_reason)number);
}

static const char *close_word_of(int number)
{
    return close_reason_word((enum close_reason)number);
}

static const char *close_text_of(int number)
{
    return close_reason_text((enum close_reason)number);
}

static const char *tls_word_of(int number)
{
    return tls_failure_word((enum tls_failure)number);
}

static const char *tls_text_of(int number)
{
    return tls_failure_text((enum tls_failure)number);
}

static const char *ocsp_word_of(int number)
{
    return ocsp_fault_word((enum ocsp_fault)number);
}

static const char *ocsp_text_of(int number)
{
    return ocsp_fault_text((enum ocsp_fault)number);
}

static const char *server_word_of(int number)
{
    return server_health_failure_word((enum server_failure)number);
}

static const char *server_text_of(int number)
{
    return server_health_failure_text((enum server_failure)number);
}

static const char *http_word_of(int number)
{
    return http1_fault_word((enum http1_fault)number);
}

static const char *answer_word_of(int number)
{
    return answer_words_reason((enum answer)number);
}

/* clang-format off */
static const struct words lists[] = {
    {"Verdicts on clients (reason)",                          VERDICT_SUCCESS,      VERDICT_REASON_COUNT, verdict_word_of, verdict_text_of},
    {"TLS handshakes that failed (reason)",                   TLS_FAILURE_NONE + 1, TLS_FAILURE_COUNT,    tls_word_of,     tls_text_of},
    {"Ends of connections (cause; reason)",                   CLOSE_NONE + 1,       CLOSE_REASON_COUNT,   close_word_of,   close_text_of},
    {"Requests that are not HTTP as it must be (reason)",     HTTP1_FAULT_NONE + 1, HTTP1_FAULT_COUNT,    http_word_of,    NULL},
    {"Answers of the gateway's own (reason)",                 0,                    ANSWER_COUNT,         answer_word_of,  NULL},
    {"Requests that a server let fail (reason)",              0,                    SERVER_FAILURE_COUNT, server_word_of,  server_text_of},
    {"Failures of OCSP (fault)",                              OCSP_FAULT_NONE + 1,  OCSP_FAULT_COUNT,     ocsp_word_of,    ocsp_text_of},
};
/* clang-format on */

void manual_log_print(FILE *output)
{
    roff_print_section(output, "ACCESS LOG");
    roff_print_text(output,
                    "A JSON object a line: one for each request, one for each TLS handshake that "
                    "failed, which has no field that only a request can fill.");
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        roff_print_item(output, fields[i].name, "");
        roff_print_text(output, fields[i].text);
    }
    roff_print_section(output, "WORDS");
    roff_print_text(output, "The values of `reason` in the access log, and of labels of metrics.");
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        roff_print_subsection(output, lists[i].title);
        (lists[i].text == NULL ? print_list : print_items)(output, &lists[i]);
    }
}
