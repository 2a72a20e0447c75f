/* The dates of a certificate, for those who may not see more of it. */
#include "trust/certificate_facts.h"

#include "certificate.h"

bool certificate_facts_read(struct bytes der, struct certificate_facts *ret_facts)
{
    struct certificate certificate;
    if (!certificate_read(der, &certificate)) {
        return false;
    }
    *ret_facts = (struct certificate_facts){certificate.not_before_seconds,
                                            certificate.not_after_seconds, certificate.is_ca};
    return true;
}
