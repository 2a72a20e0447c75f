"""Everything that a responder may do to the gateway: what becomes of the client, and the word for it in the access log.

Three listeners differ in what their profile makes of a failure and in their patience; each row has new clients, because
a failure is remembered.
"""

import pytest

from support import guarded
from support.guarded import UNAVAILABLE, Visitor
from support.ocsp_behaviours import BEHAVIOURS

# What only a time limit ends; all others are decided at once.
STALLS = {"late", "never", "a byte at a time", "a byte of a header at a time", "headers, then silence", "half, then silence",
          "last chunk missing", "length too long", "not accepted", "deaf"}


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


PROFILES = {"patient": {}, "hasty": {"seconds": guarded.HASTY_SECONDS},
            "lenient": {"ocsp_failure": "allow"}, "lenient-hasty": {"seconds": guarded.HASTY_SECONDS, "ocsp_failure": "allow"},
            "nonce": {"ocsp_nonce": "on"}, "lenient-nonce": {"ocsp_nonce": "on", "ocsp_failure": "allow"}}


@pytest.fixture(scope="module", name="made")
def one_listener_a_profile(pki):
    return guarded.doors(pki, PROFILES)


@pytest.fixture(scope="module", name="doors")
def their_ports(made):
    return made[0]


@pytest.fixture(scope="module")
def shared_changes(made):
    return {"more": made[1]}


def kind_of(name):
    if BEHAVIOURS[name].asks_nonce:
        return "nonce"
    return "hasty" if name in STALLS else "patient"


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_clients_are_let_in_or_not_as_the_row_says(gateway, responder, pki, doors, name):
    behaviour = BEHAVIOURS[name]
    kind = kind_of(name)
    strict, lenient = doors[kind], doors["lenient" if kind == "patient" else f"lenient-{kind}"]
    responder.behave(name)
    try:
        waiting = [Visitor(port, pki, pki.fresh()) for port in (strict, lenient)]
        denied, allowed = [each.end() for each in waiting]
    finally:
        responder.behave()
    words = [guarded.word_of(gateway, each) for each in (denied, allowed)]
    assert words[0] in (behaviour.words or ("",)), denied
    assert words[1] == ("" if words[0] == UNAVAILABLE else words[0]), allowed
    # What has no limit of its own would go on for longer than the test.
    assert denied.seconds < guarded.PATIENT_SECONDS, denied
    # Whatever it left behind on a connection that is kept does not become the next answer.
    assert guarded.visit(gateway, pki, pki.fresh(), doors["patient"]).status == 200
