"""support/ocsp_openssl.py: a real responder, and how it is told that a certificate is revoked."""

import pytest

from support import ocsp_asking, ports
from support.ocsp_openssl import OpensslResponder
from support.revocable import GOOD, REVOKED, UNKNOWN, Revocable


@pytest.fixture(scope="module", name="pki")
def one_pki(tmp_path_factory):
    """The command is told where to ask: what the certificates say of it is not looked at."""
    return Revocable(tmp_path_factory.mktemp("revocable"), "http://127.0.0.1:1/")


@pytest.fixture(params=["delegate", "issuer"], name="responder")
def real_responder(request, pki):
    with OpensslResponder().start(pki, delegate=request.param) as made:
        yield made


def word(responder, name="good"):
    return ocsp_asking.word_for_url(responder.pki, name, responder.url)


def test_it_says_what_the_names_say(responder):
    assert [word(responder, name) for name in ("good", "revoked", "unknown")] == [GOOD, REVOKED, UNKNOWN]
    responder.wait_for_requests(3)
    assert responder.requests() == 3


def test_a_change_holds_from_the_next_request_on(responder):
    assert word(responder) == GOOD
    responder.revoke("good", reason=1)
    assert word(responder) == REVOKED
    responder.renew("good")
    assert word(responder) == GOOD
    responder.forget("good")
    assert word(responder) == UNKNOWN
    responder.wait_for_requests(4)
    assert responder.requests() == 4


def test_a_client_made_later_can_be_added(responder):
    name = responder.pki.fresh()
    assert word(responder, name) == UNKNOWN
    responder.renew(name)
    assert word(responder, name) == GOOD


def test_what_it_knows_survives_a_restart(responder):
    responder.revoke("good")
    responder.restart()
    assert word(responder) == REVOKED


def test_get_is_answered_too(responder):
    answer = ocsp_asking.ask(responder.port, responder.pki.request("good"), method="GET")
    assert ocsp_asking.word_for_octets(responder.pki, "good", answer.body) == GOOD


def test_a_frozen_one_keeps_its_clients_waiting(responder):
    responder.freeze()
    assert ocsp_asking.word_for_url(responder.pki, "good", responder.url, may_hang=True) == ocsp_asking.HANGS
    responder.thaw()
    assert word(responder) == GOOD


def test_nothing_listens_when_it_has_stopped(responder):
    responder.stop()
    assert not ports.is_listening(responder.port)
