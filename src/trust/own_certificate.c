/* The gateway's own certificates, as far as stapling goes. Called by the control thread. */
#include "trust/own_certificate.h"

#include "certificate.h"
#include "x509_signature.h"

bool own_certificate_read(struct bytes der, struct own_certificate *ret_certificate)
{
    struct certificate certificate;
    if (!certificate_read(der, &certificate)) {
        return false;
    }
    *ret_certificate = (struct own_certificate){
        .names_responder = certificate.ocsp_url.length > 0,
        .must_staple = certificate.must_staple,
    };
    return true;
}

bool own_certificate_is_issued_by(struct bytes certificate, struct bytes issuer)
{
    struct certificate subject;
    struct certificate ca;
    return certificate_read(certificate, &subject) && certificate_read(issuer, &ca) &&
           certificate_may_be_issued_by(&subject, &ca) &&
           x509_signature_is_valid(&ca.key, &subject.signature_algorithm, subject.tbs,
                                   subject.signature);
}
