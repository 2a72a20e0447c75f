/*
 * The strict reader: INI text into a document. The only door to inih. Control thread or
 * sub-command.
 *
 * inih alone would take a line past its limit for a new one, an indented key for the value before
 * it, and lose sections, NULs and directories without a word. Here every such line is a message
 * with its place, and reading goes on, so that all mistakes show in one run.
 */
#ifndef CONFIG_INI_READER_H
#define CONFIG_INI_READER_H

#include "document.h"

/*
 * Opens file->path, a regular file of CONFIG_FILE_BYTES_MAX at most, and parses it; fills the
 * file's device and inode. What is wrong with it goes into diagnostics; fails only with
 * ERROR_OUT_OF_MEMORY.
 */
struct result ini_reader_read(struct document *document, struct document_file *file,
                              struct diagnostics *diagnostics);

/* Parses text as the content of file. */
struct result ini_reader_parse(struct document *document, const struct document_file *file,
                               struct bytes text, struct diagnostics *diagnostics);

#endif
