/*
 * The TLS library as a whole: starting it, and which one it is. Called by the main thread before
 * any other thread exists and after all have ended.
 */
#ifndef TLS_TLS_LIBRARY_H
#define TLS_TLS_LIBRARY_H

#include "base/result.h"

/* Once in a process, before anything else of this folder. ERROR_TLS_LIBRARY when it cannot start.
 */
struct result tls_library_start(void);

void tls_library_stop(void);

/* "wolfSSL 5.9.2": of the headers this program was compiled with, and of the code it runs. */
const char *tls_library_version_built(void);
const char *tls_library_version_running(void);

#endif
