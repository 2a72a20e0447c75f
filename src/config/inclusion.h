/* The files that `include` names. Control thread or sub-command, during one config_load(). */
#ifndef CONFIG_INCLUSION_H
#define CONFIG_INCLUSION_H

#include "document.h"

/*
 * Reads what the include settings of the document's first file name: one level, each pattern's
 * files in the order of their names. Mistakes go into diagnostics; fails only with
 * ERROR_OUT_OF_MEMORY.
 */
struct result inclusion_read(struct document *document, struct diagnostics *diagnostics);

#endif
