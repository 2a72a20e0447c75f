/*
 * Every line is judged here before inih sees it, and inih is given only what it reads well: a clean
 * section line, or a key with a mark in place of its value, since it would cut a value at its line
 * limit and at " ;". inih calls our reader and our handler in turns, so the line just handed out is
 * the handler's.
 */
#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_content.h"
#include "config/config_limits.h"
#include "ini_reader.h"

/* inih cuts longer section and key names without a word. */
#define INI_NAME_BYTES_MAX 49

/* Given to inih after each section line, which would otherwise stay invisible until its first key.
 */
#define SECTION_MARK "=\n"

/* Stands for the value that waits in the reader. */
#define VALUE_MARK "=.\n"

struct reader {
    struct document *document;
    const struct document_file *file;
    struct diagnostics *diagnostics;
    struct bytes rest;
    int line;
    struct bytes value; /* of the line that inih works on */
    bool is_section_new;
    bool is_section_bad; /* its keys must not fall to the section before it */
    enum error error;    /* any stops the reading */
    char unquoted[CONFIG_LINE_BYTES_MAX];
};

static struct result read_descriptor(struct document *document, struct document_file *file,
                                     int descriptor, struct diagnostics *diagnostics);
static void complain_of_file(struct diagnostics *diagnostics, const struct document_file *file,
                             const char *what, const char *why);
static char *feed(char *room, int room_bytes, void *stream);
static int handle(void *user, const char *section, const char *name, const char *value);
static bool judge_line(struct reader *reader, struct bytes line, struct bytes *ret_name);

struct result ini_reader_read(struct document *document, struct document_file *file,
                              struct diagnostics *diagnostics)
{
    /* Not blocking, or a FIFO in place of a file would hold us for ever. */
    int descriptor = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        complain_of_file(diagnostics, file, "cannot be opened: ", strerror(errno));
        return RESULT_OK;
    }
    struct result result = read_descriptor(document, file, descriptor, diagnostics);
    (void)close(descriptor);
    return result;
}

struct result ini_reader_parse(struct document *document, const struct document_file *file,
                               struct bytes text, struct diagnostics *diagnostics)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    reader->document = document;
    reader->file = file;
    reader->diagnostics = diagnostics;
    reader->rest = text;
    int refused_line = ini_parse_stream(feed, reader, handle, reader);
    enum error error = reader->error;
    struct config_place here = {.file = file->path, .line = reader->line};
    free(reader);
    if (error == ERROR_OUT_OF_MEMORY) {
        return result_failure(error);
    }
    if (error == ERROR_LIMIT_REACHED) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, here,
                        "too much: expected at most %d sections and %d settings in all files; "
                        "reading stops here",
                        CONFIG_SECTIONS_MAX, CONFIG_SETTINGS_MAX);
    } else if (refused_line != 0) {
        here.line = 0;
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, here,
                        "the INI library refused a line that looked right (its answer: %d)",
                        refused_line);
    }
    return RESULT_OK;
}

/* ---- the file ---- */

static void complain_of_file(struct diagnostics *diagnostics, const struct document_file *file,
                             const char *what, const char *why)
{
    if (file->named_at.file == NULL) {
        diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, (struct config_place){.file = file->path},
                        "%s%s", what, why);
        return;
    }
    diagnostics_add(diagnostics, DIAGNOSTIC_ERROR, file->named_at, "[gateway] include: %s %s%s",
                    file->path, what, why);
}

static struct result read_content(struct document *document, struct document_file *file,
                                  int descriptor, struct diagnostics *diagnostics)
{
    uint8_t *memory = malloc(CONFIG_FILE_BYTES_MAX + 1);
    size_t length = 0;
    struct result result = RESULT_OK;
    if (memory == NULL) {
        return result_failure(ERROR_OUT_OF_MEMORY);
    }
    /* One byte more than is allowed is asked for, so that too long shows. */
    if (!file_content_read(descriptor, memory, CONFIG_FILE_BYTES_MAX + 1, &length)) {
        complain_of_file(diagnostics, file, "cannot be read: ", strerror(errno));
    } else if (length > CONFIG_FILE_BYTES_MAX) {
        complain_of_file(diagnostics, file, "is too large: ", "expected 1 MiB at most");
    } else {
        result = ini_reader_parse(document, file, bytes_from(memory, length), diagnostics);
    }
    free(memory);
    return result;
}

static struct result read_descriptor(struct document *document, struct document_file *file,
                                     int descriptor, struct diagnostics *diagnostics)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        complain_of_file(diagnostics, file, "cannot be examined: ", strerror(errno));
        return RESULT_OK;
    }
    if (!S_ISREG(status.st_mode)) {
        complain_of_file(diagnostics, file,
                         S_ISDIR(status.st_mode) ? "is a directory: " : "is not a regular file: ",
                         "expected a configuration file");
        return RESULT_OK;
    }
    file->device = status.st_dev;
    file->inode = status.st_ino;
    return read_content(document, file, descriptor, diagnostics);
}

/* ---- between us and inih ---- */

static struct config_place here(const struct reader *reader)
{
    return (struct config_place){.file = reader->file->path, .line = reader->line};
}

/* The next line without its end; the reader's rest moves past it. */
static struct bytes next_line(struct reader *reader)
{
    size_t length = bytes_find(reader->rest, '\n');
    struct bytes line = bytes_slice(reader->rest, 0, length);
    reader->rest = bytes_slice(reader->rest, length + 1, reader->rest.length);
    reader->line++;
    if (reader->line == 1 && line.length >= 3 && memcmp(line.at, "\xEF\xBB\xBF", 3) == 0) {
        line = bytes_slice(line, 3, line.length);
    }
    if (line.length > 0 && line.at[line.length - 1] == '\r') {
        line.length--;
    }
    return line;
}

/* A reader in the manner of fgets(), for ini_parse_stream(). */
static char *feed(char *room, int room_bytes, void *stream)
{
    struct reader *reader = stream;
    struct bytes name = {0};
    if (reader->is_section_new) {
        reader->is_section_new = false;
        return snprintf(room, (size_t)room_bytes, SECTION_MARK) < room_bytes ? room : NULL;
    }
    while (reader->rest.length > 0 && reader->error == ERROR_NONE) {
        if (!judge_line(reader, next_line(reader), &name)) {
            continue;
        }
        int written = snprintf(room, (size_t)room_bytes,
                               reader->is_section_new ? "[%.*s]\n" : "%.*s" VALUE_MARK,
                               (int)name.length, (const char *)name.at);
        if (written >= room_bytes) {
            reader->error = ERROR_LIMIT_REACHED; /* an inih built with absurdly short lines */
            return NULL;
        }
        return room;
    }
    return NULL;
}

/* inih takes 0 for a mistake; ours are already written down. */
static int handle(void *user, const char *section, const char *name, const char *value)
{
    struct reader *reader = user;
    struct result result = RESULT_OK;
    (void)value;
    if (name == NULL || reader->error != ERROR_NONE || reader->is_section_bad) {
        return 1;
    }
    if (name[0] == '\0') {
        result = document_add_section(reader->document, reader->file, bytes_from_string(section),
                                      reader->line);
    } else if (section[0] == '\0') {
        diagnostics_add(reader->diagnostics, DIAGNOSTIC_ERROR, here(reader),
                        "%s stands before any section: expected [gateway] or another section first",
                        name);
    } else {
        result = document_add_setting(reader->document, bytes_from_string(name), reader->value,
                                      reader->line);
    }
    reader->error = result.code;
    return 1;
}

/* ---- one line ---- */

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t';
}

static bool starts_comment(struct bytes text, size_t index)
{
    return (text.at[index] == ';' || text.at[index] == '#') &&
           (index == 0 || is_blank(text.at[index - 1]));
}

static bool is_name_byte(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_' || byte == '-' || byte == '.';
}

/* Says what is wrong and yields false, for the callers to leave with. */
[[gnu::format(printf, 2, 3)]] static bool refuse(struct reader *reader, const char *format, ...)
{
    char message[256];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    diagnostics_add(reader->diagnostics, DIAGNOSTIC_ERROR, here(reader), "%s", message);
    return false;
}

static bool judge_bytes(struct reader *reader, struct bytes line)
{
    if (line.length > CONFIG_LINE_BYTES_MAX) {
        return refuse(reader, "the line has %zu bytes: expected %d at most", line.length,
                      CONFIG_LINE_BYTES_MAX);
    }
    for (size_t i = 0; i < line.length; i++) {
        uint8_t byte = line.at[i];
        if (byte == '\0') {
            return refuse(reader, "a NUL byte in column %zu: expected plain text in UTF-8", i + 1);
        }
        if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
            return refuse(reader, "control character 0x%02x in column %zu: expected plain text",
                          byte, i + 1);
        }
    }
    return true;
}

/* [title] and nothing after it but a comment. */
static bool judge_section(struct reader *reader, struct bytes line, struct bytes *ret_name)
{
    size_t end = bytes_find(line, ']');
    if (end == line.length) {
        return refuse(reader, "the section is not closed: expected ']'");
    }
    struct bytes title = bytes_trim(bytes_slice(line, 1, end - 1));
    struct bytes after = bytes_trim(bytes_slice(line, end + 1, line.length));
    if (after.length > 0 && !starts_comment(after, 0)) {
        return refuse(reader, "text after ']': expected the section alone on its line");
    }
    if (title.length == 0) {
        return refuse(reader,
                      "the section has no name: expected [gateway], [listener NAME] and so on");
    }
    if (title.length > INI_NAME_BYTES_MAX) {
        return refuse(reader, "the section's name has %zu bytes: expected %d at most", title.length,
                      INI_NAME_BYTES_MAX);
    }
    for (size_t i = 0; i < title.length; i++) {
        if (!is_name_byte(title.at[i]) && !is_blank(title.at[i])) {
            return refuse(reader, "[%.*s]: expected letters, digits, '.', '_' and '-' in a name",
                          (int)title.length, (const char *)title.at);
        }
    }
    *ret_name = title;
    return true;
}

static bool judge_key(struct reader *reader, struct bytes key)
{
    if (key.length == 0) {
        return refuse(reader, "no key before '=': expected 'key = value'");
    }
    if (key.length > INI_NAME_BYTES_MAX) {
        return refuse(reader, "the key has %zu bytes: expected %d at most", key.length,
                      INI_NAME_BYTES_MAX);
    }
    for (size_t i = 0; i < key.length; i++) {
        if (!is_name_byte(key.at[i])) {
            return refuse(reader, "'%.*s' is not a key: expected 'key = value'", (int)key.length,
                          (const char *)key.at);
        }
    }
    return true;
}

/* Cuts the comment off: a ; or # after a blank, outside quotes. False when a quote stays open. */
static bool cut_comment(struct bytes *value)
{
    bool is_quoted = false;
    for (size_t i = 0; i < value->length; i++) {
        uint8_t byte = value->at[i];
        if (is_quoted && byte == '\\') {
            i++;
        } else if (byte == '"') {
            is_quoted = !is_quoted;
        } else if (!is_quoted && starts_comment(*value, i)) {
            *value = bytes_slice(*value, 0, i);
        }
    }
    *value = bytes_trim(*value);
    return !is_quoted;
}

/* A value that is quoted as a whole loses its quotes; \" and \\ stand for " and \ in it. */
static bool unquote(struct reader *reader, struct bytes value)
{
    size_t length = 0;
    size_t i = 1;
    while (value.at[i] != '"') {
        if (value.at[i] == '\\' && value.at[i + 1] != '"' && value.at[i + 1] != '\\') {
            return refuse(reader, "a backslash in quotes: expected \\\" or \\\\");
        }
        i += value.at[i] == '\\';
        reader->unquoted[length++] = (char)value.at[i++];
    }
    if (i + 1 != value.length) {
        return refuse(reader, "text after the closing quote: expected the whole value in quotes");
    }
    reader->value = bytes_from(reader->unquoted, length);
    return true;
}

static bool judge_setting(struct reader *reader, struct bytes line, struct bytes *ret_name)
{
    size_t equals = bytes_find(line, '=');
    if (equals == line.length) {
        bool has_colon = bytes_find(line, ':') < line.length;
        return refuse(reader, "no '=' in the line: expected 'key = value'%s",
                      has_colon ? " (':' does not separate them)" : "");
    }
    struct bytes key = bytes_trim(bytes_slice(line, 0, equals));
    struct bytes value = bytes_trim(bytes_slice(line, equals + 1, line.length));
    if (!judge_key(reader, key)) {
        return false;
    }
    if (!cut_comment(&value)) {
        return refuse(reader, "%.*s: a quote is not closed: expected '\"'", (int)key.length,
                      (const char *)key.at);
    }
    reader->value = value;
    *ret_name = key;
    return value.length == 0 || value.at[0] != '"' || unquote(reader, value);
}

/*
 * Whether the line is something for inih: then its title or key. An indented line is refused: other
 * readers of INI files take it for more of the value above it, so nobody can be sure what it means.
 */
static bool judge_line(struct reader *reader, struct bytes line, struct bytes *ret_name)
{
    if (reader->line == 1 && line.length >= 2 &&
        (memcmp(line.at, "\xFF\xFE", 2) == 0 || memcmp(line.at, "\xFE\xFF", 2) == 0)) {
        reader->rest.length = 0;
        return refuse(reader, "the file is in UTF-16: expected UTF-8");
    }
    bool is_plain = judge_bytes(reader, line);
    bool is_indented = line.length > 0 && is_blank(line.at[0]);
    line = bytes_trim(line);
    if (is_plain && is_indented && line.length > 0 && !starts_comment(line, 0)) {
        reader->is_section_bad |= line.at[0] == '[';
        return refuse(reader, "the line is indented: expected it to start in the first column");
    }
    if (line.length > 0 && line.at[0] == '[') {
        reader->is_section_new = is_plain && judge_section(reader, line, ret_name);
        reader->is_section_bad = !reader->is_section_new;
        return reader->is_section_new;
    }
    if (!is_plain || line.length == 0 || starts_comment(line, 0)) {
        return false;
    }
    return judge_setting(reader, line, ret_name);
}
