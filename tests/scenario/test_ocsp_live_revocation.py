"""A certificate that is revoked while its owner is inside: connections, tunnels and tickets end, and only its own.

Row B8 by the clock of the wall; the rest by a calendar that the test moves, to the moment of the refresh.
"""

import dataclasses
import time

import pytest

from support import client as clients
from support import guarded, http, launch, stats, wait
from support.guarded import Visitor
from support.moved_clock import MovedClock
from support.resuming import Counted, Returner

LIFE, REFRESH = 1000, 810
UPGRADE = [("Connection", "Upgrade"), ("Upgrade", "echo")]
WORDS = {"revoked": "revoked", "unknown": "revocation_unknown"}
versions = pytest.mark.parametrize("version", ["1.2", "1.3"])

pytestmark = pytest.mark.usefixtures("forgetful")


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


@pytest.fixture(name="clock")
def a_clock(tmp_path, monkeypatch, responder):
    made = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, made.line())
    made.lives(responder, LIFE)
    return made


class Inside:
    """One certificate in every way in which it can be inside."""

    def __init__(self, gateway, pki, backend, version="1.3"):
        self.gateway, self.name, self.backend = gateway, pki.fresh(), backend
        self.returner = Returner(pki, gateway.port, self.name, version)
        self.returner.first_visit()
        self.idle, self.resumed, self.busy, self.silent, self.tunnel = [
            self.returner.connect() if way == "resumed" else clients.connect(gateway.port, pki, self.name, version=version)
            for way in ("full", "resumed", "full", "full", "full")]
        assert self.idle.request().status == self.resumed.request().status == 200
        self.tunnel.start(target="/switch", fields=UPGRADE)
        assert self.tunnel.response().status == 101
        self.busy.start(target=f"/wait/{self.name}")
        wait.until(lambda: backend.sent_to(f"/wait/{self.name}"), "the request, at the backend,")

    def still_served(self):
        """All but busy, whose answer comes when the gate opens."""
        for client in (self.idle, self.resumed, self.silent):
            assert client.request().status == 200
        self.tunnel.send(b"ping")
        assert b"".join(self.tunnel.reader.parts(4)) == b"ping"
        # A ticket of TLS 1.3 knows its age by the client's clock, which has not moved.
        self.returner.first_visit()
        self.returner.expect(is_resumed=True)


def turn(gateway, responder, clock, name, status):
    """The certificate's next refresh says so."""
    responder.know(name, status, since=clock.offset)
    before = gateway.counters()["ocsp_withdrawn"]
    clock.go(responder, REFRESH, LIFE)
    wait.until(lambda: gateway.counters()["ocsp_withdrawn"] == before + 1, "the refresh", 5)


@versions
def test_at_a_revocation_everything_of_the_certificate_ends_and_nothing_else(start, backend, responder, pki, clock, version):
    gateway = start(backend, profile=guarded.profile())
    those, others = [Inside(gateway, pki, backend, version) for _certificate in range(2)]
    backend.gate.clear()
    with Counted(gateway, "closed_revoked", "ocsp_fetches") as counted:
        turn(gateway, responder, clock, those.name, "revoked")
        for client in (those.idle, those.resumed, those.silent):
            assert client.is_ended() and client.reader.ending == "closed", "at once, and in good order"
        assert b"".join(those.tunnel.reader.rest()) == b"" and those.tunnel.reader.ending != "closed", "cut"
        wait.until(lambda: gateway.counters()["closed_revoked"] >= 4, "four closed connections")
        # What was let in is finished; the next one, here before it is idle, is not let in.
        those.busy.start(target=f"/later/{version}")
        backend.gate.set()
        assert those.busy.response().status == 200
        response = those.busy.response()
        assert response.status == 400 and b"The SSL certificate error" in response.body
        assert gateway.record(requestUri=f"/later/{version}")["reason"] == "revoked"
    assert counted.by["closed_revoked"] == 4
    visit = those.returner.visit()
    assert (visit.status, visit.is_resumed) == (400, False)
    others.still_served()
    assert others.busy.response().status == 200
    backend.gate.clear()


@versions
def test_a_certificate_that_turns_unknown_gets_no_further(start, backend, responder, pki, clock, version):
    gateway = start(backend, profile=guarded.profile())
    name = pki.fresh()
    returner = Returner(pki, gateway.port, name, version)
    returner.first_visit()
    with returner.connect() as kept:
        assert kept.request().status == 200
        turn(gateway, responder, clock, name, "unknown")
        assert kept.request(target=f"/unknown/{version}").status == 400
        assert gateway.record(requestUri=f"/unknown/{version}")["reason"] == "revocation_unknown"
    returner.expect(is_resumed=False, status=400)


def test_a_revoked_intermediate_ends_all_below_it(start, backend, responder, pki, clock):
    gateway = start(backend, profile=guarded.profile(ocsp_check="chain"))
    authority = pki.authority("doomed", "/O=Revocable/CN=Doomed CA", "root", ocsp_url=responder.url)
    below = [clients.connect(gateway.port, pki, pki.fresh(authority)) for _client in range(3)]
    beside = clients.connect(gateway.port, pki, "good")
    assert {client.request().status for client in [*below, beside]} == {200}
    turn(gateway, responder, clock, authority, "revoked")
    assert all(client.is_ended() for client in below)
    assert beside.request().status == 200
    assert gateway.counters()["closed_revoked"] == 3


def test_a_door_that_only_reports_stays_open(start, backend, responder, pki, clock):
    gateway = start(backend, profile=guarded.profile(
        verify_client_auth_mode="passthrough", report="on", trusted_client_ca=pki.file("root")))
    name = pki.fresh()
    kept = Visitor(gateway.port, pki, name).client
    assert kept.response().status == 200
    turn(gateway, responder, clock, name, "revoked")
    assert kept.request(target="/reported").status == 200
    assert gateway.record(requestUri="/reported")["wouldRefuse"] == "revoked"


def test_an_older_answer_does_not_undo_a_revocation_and_a_newer_one_does(start, backend, responder, pki, clock):
    """A replay, or a responder's cache that has not heard the news; then a certificate whose hold is over."""
    gateway = start(backend, profile=guarded.profile(ocsp_retry_after="1s"))
    name = pki.fresh()
    assert guarded.word(gateway, pki, name) == ""
    turn(gateway, responder, clock, name, "revoked")
    assert guarded.word(gateway, pki, name) == "revoked"
    asked = len(responder.requests_for(name))
    responder.know(name, "good")
    clock.go(responder, REFRESH, LIFE * 3, age=2 * LIFE)
    wait.until(lambda: len(responder.requests_for(name)) > asked, "the refresh with the old answer", 5)
    assert guarded.word(gateway, pki, name) == "revoked"
    good = gateway.counters()["ocsp_good"]
    clock.go(responder, 5, LIFE)
    wait.until(lambda: gateway.counters()["ocsp_good"] > good, "the refresh with the newer answer", 5)
    clock.advance(11)  # a refusal is remembered for ten seconds
    assert guarded.word(gateway, pki, name) == ""


def test_an_older_answer_does_not_undo_a_revocation_that_nobody_has_renewed(start, backend, responder, pki, clock):
    """The answer that revoked has ended; the replayed one, signed before it, has not."""
    gateway = start(backend, profile=guarded.profile(ocsp_failure="allow", ocsp_retry_after="1s"))
    name = pki.fresh()
    responder.revoke(name)
    assert guarded.word(gateway, pki, name) == "revoked"
    responder.know(name, "good")
    asked = len(responder.requests_for(name))
    clock.go(responder, 2 * LIFE, 4 * LIFE, age=3 * LIFE)
    assert guarded.word(gateway, pki, name) == "revoked" and len(responder.requests_for(name)) > asked
    clock.advance(11)  # a refusal is remembered for ten seconds
    clock.lives(responder, LIFE)
    assert guarded.word(gateway, pki, name) == ""


def test_who_was_revoked_stays_out_when_the_responder_forgets_it_and_dies(start, backend, responder, pki, clock):
    """`unknown`, signed later, is no way in, nor is the end of every answer; *good* is."""
    gateway = start(backend, profile=guarded.profile(ocsp_failure="allow", ocsp_retry_after="1s"))
    name = pki.fresh()
    responder.revoke(name)
    assert guarded.word(gateway, pki, name) == "revoked"
    responder.know(name, "unknown")
    for is_dead in (False, True):
        if is_dead:
            responder.behave("no answer", certificate=name)
        clock.go(responder, 2 * LIFE, LIFE)
        assert guarded.word(gateway, pki, name) == "revoked"
        assert stats.metrics(gateway)['sallyport_ocsp_faults_total{fault="forgotten"}'] == 1
    assert guarded.word(gateway, pki, pki.fresh()) == "", "others are let in"
    responder.usual_of.clear()
    responder.know(name, "good")
    clock.go(responder, LIFE, LIFE)
    assert guarded.word(gateway, pki, name) == ""


SMALL_CACHE = 16


def crowd(gateway, pki, port=None):
    """So many others are looked up that the cache holds nothing else but what it must not give up."""
    assert {guarded.word(gateway, pki, pki.fresh(), port) for _client in range(3 * SMALL_CACHE)} == {""}
    assert stats.metrics(gateway)["sallyport_ocsp_cache_evicted_total"] > SMALL_CACHE


@pytest.mark.parametrize("behaviour", ["no answer", "good"])
def test_a_full_cache_keeps_a_revocation(start, backend, responder, pki, clock, behaviour):
    """Neither a crowd of failures nor one of good answers pushes it out, and nobody else has heard of it."""
    gateway = start(backend, gateway={"ocsp_cache_entries": str(SMALL_CACHE)},
                    profile=guarded.profile(ocsp_failure="allow", ocsp_retry_after="1s"))
    name = pki.fresh()
    responder.revoke(name)
    assert guarded.word(gateway, pki, name) == "revoked"
    if behaviour != "good":
        responder.behave(behaviour)
    crowd(gateway, pki)
    responder.behave("no answer")
    clock.advance(2 * LIFE)
    assert guarded.word(gateway, pki, name) == "revoked"
    assert stats.metrics(gateway)["sallyport_ocsp_cache_lost_revocations_total"] == 0


def test_a_revocation_ends_what_rests_on_an_answer_that_was_pushed_out(start, backend, responder, pki):
    ports_of, more = guarded.doors(pki, {"first": {}, "second": {}, "third": {"ocsp_check": "chain"}})
    gateway = start(backend, gateway={"ocsp_cache_entries": str(SMALL_CACHE)}, more=more)
    name = pki.fresh()
    kept = [Visitor(ports_of["first"], pki, name).client for _connection in range(3)]
    assert {client.response().status for client in kept} == {200}
    crowd(gateway, pki, ports_of["second"])
    responder.revoke(name)
    before = len(responder.requests_for(name))
    assert guarded.word(gateway, pki, name, ports_of["third"]) == "revoked"
    assert len(responder.requests_for(name)) == before + 1, "it was pushed out, and asked for anew"
    assert all(client.is_ended() for client in kept)
    assert gateway.counters()["closed_revoked"] == len(kept)


# ------------------------------------------------------------------------------------------------- row B8


@dataclasses.dataclass
class Case:
    version: str
    is_in_use: bool


def gets_in(gateway, returner, session):
    """Of two who do not, the news met one between its handshake and its request: it was idle, or its lease ended."""
    try:
        visit = returner.visit(session=session)
    except http.Ended as ended:
        assert "closed after b''" in str(ended)
        return False
    assert visit.status == 200 or gateway.record(requestUri=visit.target)["reason"] == "revoked"
    return visit.status == 200


@pytest.mark.parametrize("case", [Case("1.2", True), Case("1.3", True), Case("1.3", False)], ids=str)
def test_row_b8_a_ticket_is_worth_nothing_a_second_after_the_answer_ends(start, backend, responder, pki, case):
    life = 3
    gateway = start(backend, profile=guarded.profile())
    responder.live(0, life)
    name = pki.fresh()
    returner = Returner(pki, gateway.port, name, case.version)
    session = returner.first_visit().session
    responder.answer(certificate="good", next_update=3601)
    other = Returner(pki, gateway.port, "good", case.version)
    other.first_visit()
    responder.revoke(name)
    revoked = time.monotonic()
    let_in = [0.0]      # when they came who got in: a machine that is slow between two visits makes none of them later

    def is_refused():
        seconds = time.monotonic() - revoked
        if not case.is_in_use and seconds < life + 1:
            return None
        if gets_in(gateway, returner, session):
            let_in.append(seconds)
            return None
        visit = returner.visit(session=session)
        assert (visit.status, visit.is_resumed) == (400, False)
        return seconds

    seconds = wait.until(is_refused, "the end of the ticket", life + 10)
    print(f"row B8, TLS {case.version}, {'in use' if case.is_in_use else 'not in use'}: let in until {let_in[-1]:.2f} s, "
          f"refused {seconds:.2f} s after the revocation, an answer lives {life} s")
    assert let_in[-1] < life + 1
    other.expect(is_resumed=True)
