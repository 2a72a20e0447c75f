"""The whole way with a responder that is not ours: `openssl ocsp`, with an index that changes while it runs."""

import pytest

from support import guarded, launch, wait
from support.guarded import UNAVAILABLE, Visitor
from support.moved_clock import MovedClock
from support.ocsp_openssl import OpensslResponder
from support.resuming import Returner
from support.revocable import Revocable

MINUTES = 5
REFRESH_SECONDS = MINUTES * 60 * 0.8 + 5
DOORS = {"post": {"ocsp_retry_after": "1s"}, "get": {"ocsp_method": "get"}, "nonce": {"ocsp_nonce": "on"},
         "get-nonce": {"ocsp_method": "get", "ocsp_nonce": "on"}}


@pytest.fixture(scope="module", params=["issuer", "delegate-rsa"], name="real")
def a_real_responder(request, tmp_path_factory):
    made = OpensslResponder()
    pki = Revocable(tmp_path_factory.mktemp("revocable"), made.url)
    with made.start(pki, delegate=request.param, minutes=MINUTES):
        yield made


@pytest.fixture(scope="module")
def pki(real):
    return real.pki


@pytest.fixture(scope="module", name="made")
def one_listener_a_profile(pki):
    return guarded.doors(pki, DOORS)


@pytest.fixture(scope="module")
def shared_changes(made):
    return {"more": made[1]}


@pytest.mark.parametrize("door", DOORS)
def test_good_revoked_and_unknown_are_told_apart(gateway, real, pki, made, door):
    names = [pki.fresh() for _client in range(3)]
    real.renew(names[0])
    real.revoke(names[1], reason=1)
    words = [guarded.word(gateway, pki, name, made[0][door]) for name in names]
    assert words == ["", "revoked", "revocation_unknown"]


def test_a_certificate_that_becomes_known_gets_in(gateway, real, pki, made):
    """Somebody registered it after its first try."""
    name = pki.fresh()
    assert guarded.word(gateway, pki, name, made[0]["post"]) == "revocation_unknown"
    real.renew(name)
    wait.until(lambda: guarded.word(gateway, pki, name, made[0]["post"]) == "", "an entry", 5)


def test_a_change_of_the_index_ends_who_is_inside(start, backend, real, pki, tmp_path, monkeypatch):
    clock = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, clock.line())
    gateway = start(backend, profile=guarded.profile())
    names = [pki.fresh() for _client in range(2)]
    for name in names:
        real.renew(name)
    returner = Returner(pki, gateway.port, names[0], "1.2")
    returner.first_visit()
    kept = [Visitor(gateway.port, pki, name).client for name in names]
    assert {client.response().status for client in kept} == {200}
    real.revoke(names[0], reason=4)
    clock.move(REFRESH_SECONDS)
    assert kept[0].is_ended()
    assert gateway.counters()["closed_revoked"] == 1
    assert kept[1].request().status == 200
    returner.expect(is_resumed=False, status=400)
    assert guarded.word(gateway, pki, names[0]) == "revoked"


def test_while_it_hangs_who_is_known_gets_in(start, backend, real, pki):
    doors, more = guarded.doors(pki, {"hasty": {"seconds": guarded.HASTY_SECONDS}})
    gateway = start(backend, profile=guarded.profile(), more=more)
    known, new = pki.fresh(), pki.fresh()
    real.renew(known)
    real.renew(new)
    assert guarded.word(gateway, pki, known) == ""
    real.freeze()
    try:
        seen = guarded.visit(gateway, pki, new, doors["hasty"])
        assert guarded.word_of(gateway, seen) == UNAVAILABLE and seen.seconds < guarded.PATIENT_SECONDS / 2
        assert guarded.word(gateway, pki, known, doors["hasty"]) == ""
    finally:
        real.thaw()
    real.restart()
    other = pki.fresh()
    real.renew(other)
    assert guarded.word(gateway, pki, other) == ""
