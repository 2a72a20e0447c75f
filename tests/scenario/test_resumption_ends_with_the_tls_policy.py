"""A session began under a TLS policy: when a reload has changed that, its ticket leads to a full handshake."""

import pytest

from support.reloading import changed, reload
from support.resuming import Returner

PROFILE = "ssl_profile devices"
WEAK, STRONG = "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"
OPENSSL_NAMES = "ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:@SECLEVEL=0"
SHORT, LONG = "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"


def custom(**lists):
    return {"ssl_policy": "Custom", **lists}


def suite_of(returner):
    with returner.connect() as client:
        assert client.request().status == 200
        return client.sock.session_reused, client.sock.cipher()[0]


def test_a_suite_that_was_removed_is_not_resumed_with(start_sections, backend, pki):
    """TLS 1.2: the client goes on offering it, and the session would be resumed in it."""
    gateway, sections = start_sections(backend, profile=custom(tls_version=["TLSv1.2"], cipher_suite=[WEAK, STRONG]))
    returner = Returner(pki, gateway.port, version="1.2")
    returner.context.set_ciphers(OPENSSL_NAMES)
    returner.first_visit()
    assert suite_of(returner) == (True, "ECDHE-ECDSA-AES128-SHA256")
    reload(gateway, changed(sections, PROFILE, cipher_suite=[STRONG]))
    assert suite_of(returner) == (False, "ECDHE-ECDSA-AES256-GCM-SHA384")
    returner.visit()
    returner.expect(is_resumed=True)


CHANGES = {
    "a suite": ("1.3", {"tls_version": ["TLSv1.3"], "cipher_suite": [SHORT, LONG]}, {"cipher_suite": [LONG]}),
    "a group": ("1.3", {"tls_version": ["TLSv1.3"], "cipher_suite": [SHORT]}, {"group": ["P-256"]}),
    "a version": ("1.2", {"tls_version": ["TLSv1.2", "TLSv1.3"], "cipher_suite": [STRONG, SHORT]},
                  {"tls_version": ["TLSv1.2"], "cipher_suite": [STRONG]}),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_of_it_changes_the_next_handshake_is_full(start_sections, backend, pki, change):
    version, before, after = CHANGES[change]
    gateway, sections = start_sections(backend, profile=custom(**before))
    returner = Returner(pki, gateway.port, version=version)
    returner.first_visit()
    reload(gateway, sections)
    returner.expect(is_resumed=True)
    reload(gateway, changed(sections, PROFILE, **after))
    returner.expect(is_resumed=False)
    returner.expect(is_resumed=True)
