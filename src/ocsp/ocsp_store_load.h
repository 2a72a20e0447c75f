/* Loading the OCSP cache from the bytes of its file: the part of it that has no file. */
#ifndef OCSP_OCSP_STORE_LOAD_H
#define OCSP_OCSP_STORE_LOAD_H

#include "ocsp/ocsp_store.h"

/* As ocsp_store_load(); file is hostile. ERROR_OUT_OF_MEMORY. */
struct result ocsp_store_load_bytes(struct bytes file, struct ocsp_cache *cache,
                                    struct reclaim_member *member, int64_t now_seconds,
                                    struct ocsp_store_outcome *ret_outcome);

#endif
