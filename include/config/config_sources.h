/*
 * The files that a configuration rests on: its own, those that it includes, certificates, keys, CA
 * files and so on; what is written and not read is none of them. Found in the text alone, so that a
 * configuration with mistakes has them too. Control thread.
 */
#ifndef CONFIG_CONFIG_SOURCES_H
#define CONFIG_CONFIG_SOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/result.h"

struct config_source {
    const char *path;
    bool is_folder; /* in which further files to be included may appear */
};

struct config_sources;

/* The configuration's own file comes first, also when it cannot be read. ERROR_OUT_OF_MEMORY. */
struct result config_sources_create(const char *path, struct config_sources **ret_sources);

/* Accepts NULL. */
void config_sources_destroy(struct config_sources *sources);

size_t config_sources_count(const struct config_sources *sources);

/* index is below the count. */
struct config_source config_sources_at(const struct config_sources *sources, size_t index);

#endif
