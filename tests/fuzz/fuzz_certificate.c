/*
 * Certificates and identities: every view lies inside of what was given, and no value ever holds a
 * byte that could end a header field.
 */
#include <stdlib.h>

#include "../../src/trust/certificate.h"
#include "../../src/trust/name.h"
#include "base/check.h"
#include "trust/identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_inside(struct bytes part, struct bytes whole)
{
    CHECK(part.length == 0 ||
          (part.at >= whole.at && part.at + part.length <= whole.at + whole.length));
}

static void judge_certificate(struct bytes der)
{
    struct certificate certificate;
    if (!certificate_read(der, &certificate)) {
        return;
    }
    const struct bytes parts[] = {
        certificate.tbs,
        certificate.serial,
        certificate.issuer,
        certificate.subject,
        certificate.signature,
        certificate.key.whole,
        certificate.key.modulus,
        certificate.key.exponent,
        certificate.key.point,
        certificate.subject_alt_names,
        certificate.permitted_subtrees,
        certificate.excluded_subtrees,
        certificate.policies,
        certificate.policy_mappings,
        certificate.authority_key_id,
        certificate.subject_key_id,
        certificate.ocsp_url,
    };
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        check_inside(parts[i], der);
    }
    CHECK(name_equal(certificate.subject, certificate.subject));
    CHECK(!name_equal(certificate.subject, certificate.issuer) ||
          name_hash(certificate.subject) == name_hash(certificate.issuer));
}

static void judge_identity(struct bytes der)
{
    struct bytes chain[] = {der, der};
    struct identity *identity;
    if (!result_is_ok(identity_create(chain, 2, &identity))) {
        return;
    }
    const struct bytes values[] = {
        identity->escaped_pem, identity->base64,
        identity->client_cert, identity->client_cert_chain,
        identity->fingerprint, identity->fingerprint_sha256,
        identity->subject,     identity->issuer,
        identity->serial,      identity->start_date,
        identity->end_date,    identity->common_name,
        identity->san,
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        for (size_t at = 0; at < values[i].length; at++) {
            CHECK(values[i].at[at] >= 0x20 && values[i].at[at] <= 0x7E);
        }
    }
    identity_destroy(identity);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size + 1);
    if (size > 0) {
        memcpy(copy, data, size);
    }
    judge_certificate(bytes_from(copy, size));
    judge_identity(bytes_from(copy, size));
    free(copy);
    return 0;
}
