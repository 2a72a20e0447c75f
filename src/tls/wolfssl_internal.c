/*
 * The door to wolfSSL's inner structures; see the header. Called on the thread that owns the
 * object.
 *
 * Compiled against the source tree that the library was built from, with the same options.h, so the
 * structures have the same layout.
 */
#include <wolfssl/options.h>

#include <wolfssl/internal.h>

#include "wolfssl_internal.h"

bool wolfssl_internal_fits_library(void)
{
    return wolfSSL_GetObjectSize() == (int)sizeof(WOLFSSL);
}

void wolfssl_internal_defer_verification(WOLFSSL_CTX *library_context)
{
    library_context->verifyNone = 1;
}

void wolfssl_internal_send_alert(WOLFSSL *library, enum tls_alert alert)
{
    (void)SendAlert(library, alert_fatal, alert);
}

void wolfssl_internal_lend_output(WOLFSSL *library, uint8_t *memory, size_t size)
{
    bufferStatic *output = &library->buffers.outputBuffer;
    if (output->length == 0 && !output->dynamicFlag) {
        output->buffer = memory;
        output->bufferSize = (word32)size;
        output->idx = 0;
    }
}

void wolfssl_internal_take_output_back(WOLFSSL *library)
{
    bufferStatic *output = &library->buffers.outputBuffer;
    if (!output->dynamicFlag) {
        output->buffer = output->staticBuffer;
        output->bufferSize = STATIC_BUFFER_LEN;
        output->idx = 0;
        output->length = 0;
    }
}
