/*
 * Reads a trusted_client_ca file block by block. Called by trusted_chain.c at load. Every mistake
 * of the file is reported in one run, and one mistake is enough to refuse it.
 */
#include "ca_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_content.h"
#include "base/pem.h"

#define MESSAGE_SIZE 512

#define FAULT_ROW(name, code, remedy) [name] = {code, remedy},
static const struct {
    const char *code;
    const char *remedy;
} faults[CA_FILE_FAULT_COUNT] = {CA_FILE_FAULT_LIST(FAULT_ROW)};

void ca_file_report(struct diagnostics *diagnostics, enum ca_file_fault fault, const char *path,
                    int line, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, (struct config_place){path, line}, "%s: %s; %s",
                    faults[fault].code, message, faults[fault].remedy);
}

static bool is_certificate_label(struct bytes label)
{
    return bytes_equal(label, BYTES_OF("CERTIFICATE")) ||
           bytes_equal(label, BYTES_OF("X509 CERTIFICATE"));
}

static void report_block(struct diagnostics *diagnostics, const char *path, enum pem_answer answer,
                         const struct pem_block *block)
{
    static const char *const texts[] = {
        [PEM_ANSWER_BAD_LINE] =
            "the delimiter on this line is not -----BEGIN CERTIFICATE----- alone on it",
        [PEM_ANSWER_UNFINISHED] = "the block that begins here has no END line of its own",
        [PEM_ANSWER_BAD_BASE64] = "this is not base64",
    };
    ca_file_report(diagnostics, CA_FILE_INVALID_DATA, path, block->line, "%s", texts[answer]);
}

/* Decodes one certificate behind those there are; NULL, or what is wrong with it. */
static const char *add_certificate(struct ca_file *file, const struct pem_block *block,
                                   size_t *used)
{
    uint8_t *der = file->memory + *used;
    struct ca_file_certificate *slot = &file->certificates[file->count];
    size_t length;
    if (!pem_decode(block, der, CA_FILE_SIZE_MAX - *used, &length) || length == 0) {
        return "there is nothing between the BEGIN here and its END";
    }
    *used += length;
    slot->line = block->line;
    if (!certificate_read(bytes_from(der, length), &slot->certificate)) {
        return "the certificate that begins here does not parse as X.509 (RFC 5280)";
    }
    file->count++;
    return NULL;
}

static void take_block(struct ca_file *file, const struct pem_block *block, size_t *used,
                       struct diagnostics *diagnostics)
{
    if (!is_certificate_label(block->label)) {
        int length = block->label.length < 40 ? (int)block->label.length : 40;
        ca_file_report(diagnostics, CA_FILE_INVALID_DATA, file->path, block->line,
                       "the block that begins here is no CERTIFICATE but %.*s", length,
                       (const char *)block->label.at);
        return;
    }
    const char *fault = file->count == CA_FILE_CERTIFICATE_COUNT_MAX
                            ? "the file holds too many certificates"
                            : add_certificate(file, block, used);
    if (fault != NULL) {
        ca_file_report(diagnostics, CA_FILE_INVALID_DATA, file->path, block->line, "%s", fault);
    }
}

/* Blocks one after the other; returns how many of whatever kind were there. */
static size_t take_blocks(struct ca_file *file, struct bytes text, struct diagnostics *diagnostics)
{
    struct pem_reader reader = pem_reader_over(text);
    struct pem_block block;
    size_t used = 0;
    size_t count = 0;
    for (enum pem_answer answer; (answer = pem_reader_next(&reader, &block)) != PEM_ANSWER_END;
         count++) {
        if (answer != PEM_ANSWER_BAD_LINE && pem_block_names_private_key(&block)) {
            ca_file_report(diagnostics, CA_FILE_PRIVATE_KEY, file->path, block.line,
                           "a private key begins here");
        } else if (answer != PEM_ANSWER_BLOCK) {
            report_block(diagnostics, file->path, answer, &block);
        } else {
            take_block(file, &block, &used, diagnostics);
        }
    }
    return count;
}

/* What a file without any block is: text, that holds no certificate, or something that is no PEM at
 * all. */
static bool is_plain_text(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        bool is_white = text.at[i] == '\n' || text.at[i] == '\r' || text.at[i] == '\t';
        if ((text.at[i] < 0x20 && !is_white) || text.at[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

static void report_no_block(const char *path, struct bytes text, struct diagnostics *diagnostics)
{
    if (text.length == 0) {
        ca_file_report(diagnostics, CA_FILE_NO_DATA, path, 0, "the file is empty");
    } else if (is_plain_text(text)) {
        ca_file_report(diagnostics, CA_FILE_NO_DATA, path, 1,
                       "the file holds no -----BEGIN CERTIFICATE----- line");
    } else {
        ca_file_report(diagnostics, CA_FILE_INVALID_DATA, path, 1,
                       "the file is not PEM (DER is turned into it by openssl x509 -inform der)");
    }
}

struct result ca_file_parse(const char *path, struct bytes text, struct diagnostics *diagnostics,
                            struct ca_file *ret_file)
{
    struct ca_file file = {.path = path};
    size_t errors_before = diagnostics->error_count;
    if (text.length > CA_FILE_SIZE_MAX) {
        ca_file_report(diagnostics, CA_FILE_INVALID_DATA, path, 0,
                       "the file has more than the %d bytes allowed", CA_FILE_SIZE_MAX);
        return result_failure(ERROR_BAD_CONFIG);
    }
    file.memory = malloc(CA_FILE_SIZE_MAX);
    file.certificates = calloc(CA_FILE_CERTIFICATE_COUNT_MAX, sizeof(*file.certificates));
    if (file.memory == NULL || file.certificates == NULL) {
        ca_file_deinit(&file);
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    if (take_blocks(&file, text, diagnostics) == 0) {
        report_no_block(path, text, diagnostics);
    }
    if (diagnostics->error_count > errors_before) {
        ca_file_deinit(&file);
        return result_failure(ERROR_BAD_CONFIG);
    }
    *ret_file = file;
    return RESULT_OK;
}

static void report_unreadable(const struct config_text *setting, const char *text,
                              struct diagnostics *diagnostics)
{
    diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, setting->place,
                    "trusted_client_ca = %s: %s; check the path and the permissions", setting->text,
                    text);
}

/* False: errno says why. */
static bool read_whole(const char *path, uint8_t *buffer, size_t capacity, size_t *ret_length)
{
    struct stat status = {0};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* A FIFO must not stop the load. */
    if (file < 0) {
        return false;
    }
    bool is_regular = fstat(file, &status) == 0 && S_ISREG(status.st_mode);
    bool is_read = is_regular && file_content_read(file, buffer, capacity, ret_length);
    int reason = is_regular ? errno : S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    (void)close(file);
    errno = reason;
    return is_read;
}

struct result ca_file_read(const struct config_text *setting, struct diagnostics *diagnostics,
                           struct ca_file *ret_file)
{
    uint8_t buffer[CA_FILE_SIZE_MAX + 1]; /* one byte more than allowed: a longer file shows */
    size_t length = 0;
    if (!read_whole(setting->text, buffer, sizeof(buffer), &length)) {
        report_unreadable(setting, strerror(errno), diagnostics);
        return result_failure(ERROR_BAD_CONFIG);
    }
    struct result result =
        ca_file_parse(setting->text, bytes_from(buffer, length), diagnostics, ret_file);
    explicit_bzero(buffer, sizeof(buffer)); /* It may have been somebody's key. */
    return result;
}

void ca_file_deinit(struct ca_file *file)
{
    free(file->memory);
    free(file->certificates);
    *file = (struct ca_file){0};
}
