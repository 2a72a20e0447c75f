/*
 * Reads what a client would present from a file. Called by explanation.c. Only its form is looked
 * at here: bytes that are no certificate are for the judge to say so, as on a connection.
 */
#include "client_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_content.h"
#include "base/pem.h"

/* DER (X.690 8.1): the tag of a SEQUENCE, of an INTEGER, and a length in more than one byte. */
#define TAG_SEQUENCE    0x30
#define TAG_INTEGER     0x02
#define LONG_LENGTH     0x80
#define LENGTH_SIZE_MAX 4

#define FAULT_TEXT_ROW(name, text) [name] = text,
static const char *const fault_texts[CLIENT_FILE_FAULT_COUNT] = {
    CLIENT_FILE_FAULT_LIST(FAULT_TEXT_ROW)};

const char *client_file_fault_text(enum client_file_fault fault)
{
    return fault_texts[fault];
}

static void set_fault(struct client_file *file, enum client_file_fault fault, int line)
{
    if (file->fault == CLIENT_FILE_READ) {
        file->fault = fault;
        file->fault_line = line;
    }
}

/* Into content, one byte more than allowed at most, so that a longer file shows. False: errno. */
static bool read_descriptor(int descriptor, struct client_file *file)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        return false;
    }
    if (S_ISDIR(status.st_mode)) {
        errno = EISDIR;
        return false;
    }
    return file_content_read(descriptor, file->content, CLIENT_FILE_SIZE_MAX + 1,
                             &file->content_length);
}

static enum client_file_fault read_content(const char *path, struct client_file *file)
{
    file->content = malloc(CLIENT_FILE_SIZE_MAX + 1);
    file->decoded = malloc(CLIENT_FILE_SIZE_MAX + 1);
    if (file->content == NULL || file->decoded == NULL) {
        return CLIENT_FILE_NO_MEMORY;
    }
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool is_read = descriptor >= 0 && read_descriptor(descriptor, file);
    file->error_number = is_read ? 0 : errno;
    if (descriptor >= 0) {
        (void)close(descriptor);
    }
    return !is_read                                      ? CLIENT_FILE_UNREADABLE
           : file->content_length == 0                   ? CLIENT_FILE_EMPTY
           : file->content_length > CLIENT_FILE_SIZE_MAX ? CLIENT_FILE_TOO_LARGE
                                                         : CLIENT_FILE_READ;
}

/* Text never begins so: the second byte is no ASCII, or counts exactly what follows. */
static bool looks_like_der(struct bytes content)
{
    return content.length > 2 && content.at[0] == TAG_SEQUENCE &&
           ((content.at[1] & LONG_LENGTH) != 0 || content.length == 2U + content.at[1]);
}

/* A certificate begins with a SEQUENCE in a SEQUENCE; keys and PFX have a version number there. */
static bool looks_like_key_or_pfx(struct bytes content)
{
    bool is_long = (content.at[1] & LONG_LENGTH) != 0;
    size_t length_size = is_long ? content.at[1] & (LONG_LENGTH - 1) : 0;
    return length_size <= LENGTH_SIZE_MAX && content.length > 2 + length_size &&
           content.at[2 + length_size] == TAG_INTEGER;
}

static void add_certificate(struct client_file *file, struct bytes der)
{
    if (file->count == CLIENT_FILE_CERTIFICATE_COUNT_MAX) {
        file->omitted_count++;
        return;
    }
    file->chain[file->count++] = der;
}

static void take_der(struct client_file *file, struct bytes content)
{
    if (looks_like_key_or_pfx(content)) {
        set_fault(file, CLIENT_FILE_KEY_OR_PFX, 0);
        return;
    }
    add_certificate(file, content);
}

static bool is_certificate(const struct pem_block *block)
{
    return bytes_equal(block->label, BYTES_OF("CERTIFICATE")) ||
           bytes_equal(block->label, BYTES_OF("X509 CERTIFICATE"));
}

static void take_certificate(struct client_file *file, enum pem_answer answer,
                             const struct pem_block *block, size_t *used)
{
    size_t length = 0;
    if (answer == PEM_ANSWER_UNFINISHED) {
        set_fault(file, CLIENT_FILE_UNFINISHED, block->line);
    } else if (answer != PEM_ANSWER_BLOCK ||
               !pem_decode(block, file->decoded + *used, CLIENT_FILE_SIZE_MAX - *used, &length)) {
        set_fault(file, CLIENT_FILE_BAD_BASE64, block->line);
    } else {
        add_certificate(file, bytes_from(file->decoded + *used, length));
        *used += length;
    }
}

static void take_pem(struct client_file *file, struct bytes content)
{
    struct pem_reader reader = pem_reader_over(content);
    struct pem_block block;
    size_t used = 0;
    bool has_others = false;
    reader.is_lenient = true; /* What stands around the certificates is none of our business. */
    for (enum pem_answer answer; (answer = pem_reader_next(&reader, &block)) != PEM_ANSWER_END;) {
        if (answer == PEM_ANSWER_BAD_LINE) {
            continue;
        }
        if (is_certificate(&block)) {
            take_certificate(file, answer, &block, &used);
        } else {
            file->has_private_key |= pem_block_names_private_key(&block);
            has_others = true;
        }
    }
    if (file->count == 0) {
        set_fault(file,
                  file->has_private_key ? CLIENT_FILE_ONLY_PRIVATE_KEY
                  : has_others          ? CLIENT_FILE_ONLY_OTHER_BLOCKS
                                        : CLIENT_FILE_NO_CERTIFICATE,
                  0);
    }
}

void client_file_read(const char *path, struct client_file *ret_file)
{
    *ret_file = (struct client_file){0};
    enum client_file_fault fault = read_content(path, ret_file);
    if (fault != CLIENT_FILE_READ) {
        set_fault(ret_file, fault, 0);
        return;
    }
    struct bytes content = bytes_from(ret_file->content, ret_file->content_length);
    if (looks_like_der(content)) {
        take_der(ret_file, content);
    } else {
        take_pem(ret_file, content);
    }
}

void client_file_deinit(struct client_file *file)
{
    if (file->content != NULL) {
        explicit_bzero(file->content, file->content_length); /* It may hold a key, */
    }
    if (file->decoded != NULL) {
        explicit_bzero(file->decoded, file->content_length); /* under whatever label. */
    }
    free(file->content);
    free(file->decoded);
    *file = (struct client_file){0};
}
