/* One writing of the OCSP cache to its file. The store's thread. */
#ifndef OCSP_OCSP_STORE_WRITE_H
#define OCSP_OCSP_STORE_WRITE_H

#include "trust/ocsp_cache.h"

/*
 * Writes what the cache holds to path.new, renames that to path. member sleeps before and after,
 * and while the disk is waited for. On a failure path.new is gone and the old file stays, unless
 * the new one is there and only its name was not brought to the disk: ERROR_FILE (errno set),
 * ERROR_OUT_OF_MEMORY.
 */
struct result ocsp_store_write(const char *path, const struct ocsp_cache *cache,
                               struct reclaim_member *member);

#endif
