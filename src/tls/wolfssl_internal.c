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

/* wolfSSL's doProcessInit, which internal.c keeps to itself: no record is half processed. */
#define BETWEEN_RECORDS 0

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

void wolfssl_internal_close_output(WOLFSSL *library)
{
    if (!library->buffers.outputBuffer.dynamicFlag) {
        library->buffers.outputBuffer.bufferSize = 0; /* looked at before a record is begun */
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

bool wolfssl_internal_lend_input(WOLFSSL *library, struct bytes record)
{
    bufferStatic *input = &library->buffers.inputBuffer;
    bool has_nothing = library->options.processReply == BETWEEN_RECORDS && !input->dynamicFlag &&
                       input->length == input->idx &&
                       library->buffers.clearOutputBuffer.length == 0;
    if (has_nothing) {
        input->buffer = (uint8_t *)(uintptr_t)record.at;
        input->bufferSize = (word32)record.length;
        input->length = (word32)record.length;
        input->idx = 0;
    }
    return has_nothing;
}

struct bytes wolfssl_internal_take_input_back(WOLFSSL *library)
{
    bufferStatic *input = &library->buffers.inputBuffer;
    struct bytes plaintext = bytes_from(library->buffers.clearOutputBuffer.buffer,
                                        library->buffers.clearOutputBuffer.length);
    library->buffers.clearOutputBuffer.length = 0;
    if (!input->dynamicFlag) { /* else it has taken memory of its own instead, which stays */
        input->buffer = input->staticBuffer;
        input->bufferSize = STATIC_BUFFER_LEN;
        input->idx = 0;
        input->length = 0;
    }
    return plaintext;
}
