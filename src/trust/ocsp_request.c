/*
 * Writes OCSPRequests, from the last byte to the first: each length is known when its header comes.
 * Called by the OCSP thread for each fetch.
 */
#include "trust/ocsp_request.h"

#include "certificate.h"
#include "der.h"
#include "x509_digest.h"

/* With NULL as parameters, which is how responders' own libraries write it. */
#define ALGORITHM_SHA1 BYTES_OF("\x30\x09\x06\x05\x2B\x0E\x03\x02\x1A\x05\x00")

/* The OID of id-pkix-ocsp-nonce, 1.3.6.1.5.5.7.48.1.2. */
#define OID_NONCE BYTES_OF("\x06\x09\x2B\x06\x01\x05\x05\x07\x30\x01\x02")

/* Bytes fill memory from its end; one that does not fit fails all. */
struct writer {
    uint8_t *memory;
    size_t start; /* of what has been written */
    bool failed;
};

static void put(struct writer *writer, struct bytes bytes)
{
    if (writer->failed || bytes.length > writer->start) {
        writer->failed = true;
        return;
    }
    writer->start -= bytes.length;
    memcpy(writer->memory + writer->start, bytes.at, bytes.length);
}

/* Makes what was written since it stood at `end` the content of an element. */
static void wrap(struct writer *writer, unsigned tag, size_t end)
{
    size_t length = end - writer->start;
    const uint8_t header[] = {(uint8_t)tag, 0x81, (uint8_t)length};
    if (length >= 0x80) {
        writer->failed |= length > 0xFF;
        put(writer, bytes_from(header, sizeof(header)));
    } else {
        put(writer, bytes_from(header + 2, 1));
        put(writer, bytes_from(header, 1));
    }
}

static void put_element(struct writer *writer, unsigned tag, struct bytes content)
{
    size_t end = writer->start;
    put(writer, content);
    wrap(writer, tag, end);
}

/* CertID (RFC 6960 4.1.1). */
static void put_certificate_id(struct writer *writer, const struct ocsp_question *question)
{
    uint8_t name[X509_DIGEST_SIZE_MAX];
    uint8_t key[X509_DIGEST_SIZE_MAX];
    struct certificate issuer;
    if (!certificate_read(question->issuer, &issuer) ||
        !x509_digest_of(DIGEST_SHA1, issuer.subject, name) ||
        !x509_digest_of(DIGEST_SHA1, issuer.key.content, key)) {
        writer->failed = true;
        return;
    }
    size_t digest_size = x509_digest_size(DIGEST_SHA1);
    size_t end = writer->start;
    put_element(writer, DER_INTEGER, question->serial);
    put_element(writer, DER_OCTET_STRING, bytes_from(key, digest_size));
    put_element(writer, DER_OCTET_STRING, bytes_from(name, digest_size));
    put(writer, ALGORITHM_SHA1);
    wrap(writer, DER_SEQUENCE, end);
}

/* requestExtensions with a nonce alone: an OCTET STRING within that of the Extension (RFC 8954). */
static void put_nonce(struct writer *writer, struct bytes nonce)
{
    size_t end = writer->start;
    put_element(writer, DER_OCTET_STRING, nonce);
    wrap(writer, DER_OCTET_STRING, end);
    put(writer, OID_NONCE);
    wrap(writer, DER_SEQUENCE, end);
    wrap(writer, DER_SEQUENCE, end);
    wrap(writer, DER_CONTEXT_CONSTRUCTED(2), end);
}

size_t ocsp_request_write(const struct ocsp_question *question, struct bytes nonce,
                          uint8_t ret_request[OCSP_REQUEST_SIZE_MAX])
{
    uint8_t memory[OCSP_REQUEST_SIZE_MAX];
    struct writer writer = {.memory = memory, .start = sizeof(memory)};
    if (question->serial.length > OCSP_SERIAL_SIZE_MAX ||
        (nonce.length != 0 && nonce.length != OCSP_NONCE_SIZE)) {
        return 0;
    }
    if (nonce.length > 0) {
        put_nonce(&writer, nonce);
    }
    size_t end = writer.start;
    put_certificate_id(&writer, question);
    wrap(&writer, DER_SEQUENCE, end);            /* Request */
    wrap(&writer, DER_SEQUENCE, end);            /* requestList */
    wrap(&writer, DER_SEQUENCE, sizeof(memory)); /* TBSRequest */
    wrap(&writer, DER_SEQUENCE, sizeof(memory)); /* OCSPRequest */
    if (writer.failed) {
        return 0;
    }
    size_t length = sizeof(memory) - writer.start;
    memcpy(ret_request, memory + writer.start, length);
    return length;
}
