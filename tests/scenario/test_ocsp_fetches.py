"""How often a responder is asked, by whom and when: once for a certificate, a few at a time, ahead of the end, not in vain."""

import pytest

from support import figures, guarded, http, launch, stats, wait
from support.guarded import UNAVAILABLE, Visitor
from support.moved_clock import HOUR, MovedClock
from support.ocsp_responder import Responder
from support.resuming import Counted

INFLIGHT = 3
WAITING = 12

pytestmark = pytest.mark.usefixtures("forgetful")


@pytest.fixture(scope="module")
def pki(responder):
    return responder.pki


@pytest.fixture(name="clock")
def a_clock(tmp_path, monkeypatch):
    """Of the gateways that are started after it."""
    made = MovedClock(tmp_path)
    launch.through(monkeypatch, tmp_path, made.line())
    return made


def is_refreshed(responder, name, times):
    """For wait.until: the review comes once a second."""
    return lambda: len(responder.requests_for(name)) > times


# --------------------------------------------------------------------------------------------- the first one


@pytest.mark.parametrize("version", ["1.2", "1.3"])
def test_the_first_connection_waits_for_its_answer_and_gets_in(start, backend, responder, pki, version):
    gateway = start(backend, profile=guarded.profile())
    responder.behave("late")
    name = pki.fresh()
    first = Visitor(gateway.port, pki, name, version=version)
    responder.wait_for(lambda: responder.requests_for(name), "the question", 5)
    assert not backend.sent_to(first.target), "no byte reaches a backend before the verdict"
    responder.gate.set()
    assert first.end().status == 200
    assert len(responder.requests_for(name)) == 1
    figures_of = {"responder": responder.url.split("/")[2]}
    samples = stats.metrics(gateway)
    assert stats.total(samples, "ocsp_responder_fetches_total", outcome="good", **figures_of) == 1
    assert stats.total(samples, "ocsp_responder_fetches_total", **figures_of) == 1
    assert stats.total(samples, "ocsp_responder_seconds_count", **figures_of) == 1
    assert stats.total(samples, "revocation_not_known_total") >= 1


@pytest.mark.parametrize("count", figures.small_or_full(100, 1000))
def test_first_connections_of_one_certificate_cause_one_fetch(start, backend, responder, pki, count):
    gateway = start(backend, profile=guarded.profile())
    responder.behave("late")
    name = pki.fresh()
    waiting = [Visitor(gateway.port, pki, name) for _connection in range(count)]
    wait.until(lambda: gateway.counters()["ocsp_asked"] == count, "the last question")
    responder.gate.set()
    assert {each.end().status for each in waiting} == {200}
    counted = gateway.counters()
    print(f"{count} first connections, {len(responder.requests_for(name))} fetch")
    assert len(responder.requests_for(name)) == 1
    assert (counted["ocsp_fetches"], counted["ocsp_joined"]) == (1, count - 1)


def test_who_leaves_while_waiting_leaves_the_answer_to_the_others(start, backend, responder, pki):
    gateway = start(backend, profile=guarded.profile())
    responder.behave("late")
    name = pki.fresh()
    waiting = [Visitor(gateway.port, pki, name) for _connection in range(20)]
    wait.until(lambda: gateway.counters()["ocsp_asked"] == 20, "the last question")
    for each in waiting[::2]:
        each.client.abort()
    wait.until(lambda: gateway.counters()["connections_closed"] == 10, "the end of those that left")
    responder.gate.set()
    assert {each.end().status for each in waiting[1::2]} == {200}
    assert len(responder.requests_for(name)) == 1


# ------------------------------------------------------------------------------------------- the responder's load


def test_no_more_than_ocsp_max_inflight_at_one_responder(start, backend, responder, pki):
    gateway = start(backend, gateway={"ocsp_max_inflight": INFLIGHT}, profile=guarded.profile())
    responder.behave("late")
    responder.forget_requests()
    waiting = [Visitor(gateway.port, pki, pki.fresh()) for _connection in range(WAITING)]
    wait.until(lambda: gateway.counters()["ocsp_asked"] == WAITING, "the last question")
    responder.wait_for_requests(INFLIGHT)
    with Responder() as other:
        other.serve(pki)
        assert guarded.visit(gateway, pki, pki.fresh(url=other.url)).status == 200
    assert gateway.counters()["ocsp_fetches"] == INFLIGHT + 1 and len(responder.requests) == INFLIGHT
    responder.gate.set()
    assert {each.end().status for each in waiting} == {200}
    assert len(responder.requests) == WAITING
    assert len({asked.connection for asked in responder.requests}) <= INFLIGHT


def test_connections_to_the_responder_are_kept_and_may_be_closed(start, backend, responder, pki):
    gateway = start(backend, profile=guarded.profile())
    names = [pki.fresh() for _client in range(10)]
    assert {guarded.visit(gateway, pki, name).status for name in names} == {200}
    assert gateway.counters()["ocsp_connects"] == 1
    responder.close_connections()
    assert guarded.visit(gateway, pki, pki.fresh()).status == 200
    counted = gateway.counters()
    assert (counted["ocsp_connects"], counted["ocsp_failed"]) == (2, 0)


# ------------------------------------------------------------------------------------------------- refreshing


def test_what_is_in_use_is_fetched_anew_before_it_ends(start, backend, responder, pki, clock):
    """At four fifths of its life, and nobody waits for it."""
    gateway = start(backend, profile=guarded.profile())
    clock.lives(responder, 1000)
    used, unused = pki.fresh(), pki.fresh()
    assert {guarded.visit(gateway, pki, name).status for name in (used, unused)} == {200}
    with Counted(gateway, "ocsp_fetches", "ocsp_refreshes") as counted:
        for times in (1, 2):
            clock.go(responder, 790, 1000)
            # A review has come and gone when what was never used at all is still not asked about.
            assert guarded.visit(gateway, pki, used).status == 200
            assert len(responder.requests_for(used)) == times
            clock.go(responder, 12, 1000)
            wait.until(is_refreshed(responder, used, times), "the refresh", 5)
            guarded.until_all_is_heard(gateway)
            assert guarded.visit(gateway, pki, used).status == 200
    assert counted.by["ocsp_fetches"] == counted.by["ocsp_refreshes"]
    # It was used once: that is worth one refresh, and no second.
    assert len(responder.requests_for(unused)) == 2


def test_a_refresh_comes_by_itself_in_real_time(start, backend, responder, pki):
    gateway = start(backend, profile=guarded.profile())
    # Two seconds before its end the review, which comes once a second, finds it due.
    responder.live(0, 8)
    name = pki.fresh()
    assert guarded.visit(gateway, pki, name).status == 200
    wait.until(is_refreshed(responder, name, 1), "the refresh", 20)
    first, second = responder.requests_for(name)[:2]
    assert second.time - first.time > 4
    counted = gateway.counters()
    assert (counted["ocsp_refreshes"], counted["ocsp_asked"]) == (1, 1), "nobody had to ask for it"


def test_ocsp_max_age_goes_before_the_responders_word(start, backend, responder, pki, clock):
    gateway = start(backend, profile=guarded.profile(ocsp_max_age="100s"))
    name = pki.fresh()
    assert guarded.visit(gateway, pki, name).status == 200
    clock.go(responder, 70)
    assert guarded.visit(gateway, pki, name).status == 200 and len(responder.requests_for(name)) == 1
    clock.go(responder, 35)
    with Visitor(gateway.port, pki, name).client as kept:
        assert kept.response().status == 200 and len(responder.requests_for(name)) == 2
        responder.revoke(name, since=-5)
        clock.go(responder, 105)
        assert guarded.is_shut_out(kept), "neither on a connection that is kept"


def test_without_nextupdate_an_answer_lasts_an_hour(start, backend, responder, pki, clock):
    gateway = start(backend, profile=guarded.profile())
    responder.answer(next_update=False)
    name = pki.fresh()
    assert guarded.visit(gateway, pki, name).status == 200
    responder.behave("no answer")
    clock.advance(HOUR - 60)
    assert guarded.visit(gateway, pki, name).status == 200
    clock.advance(65)
    assert guarded.word(gateway, pki, name) == UNAVAILABLE


# -------------------------------------------------------------------------------------------- when it is dead


@pytest.mark.parametrize("grace", [0, 200])
def test_the_last_good_answer_holds_to_its_end_and_the_grace(start, backend, responder, pki, clock, grace):
    gateway = start(backend, profile=guarded.profile(ocsp_stale_grace=f"{grace}s", ocsp_retry_after="1s"))
    responder.live(0, 1000)
    name = pki.fresh()
    kept = Visitor(gateway.port, pki, name).client
    assert kept.response().status == 200
    responder.behave("no answer")
    for seconds in (850, 990, *((1005, 1190) if grace else ())):
        clock.move(seconds)
        # The refresh that failed is known; before it is, whoever comes waits for one.
        wait.until(lambda: gateway.counters()["ocsp_failed"] > 0, "the failure", 5)
        assert guarded.visit(gateway, pki, name).status == kept.request().status == 200, seconds
    clock.move(1005 + grace)
    assert guarded.word(gateway, pki, name) == UNAVAILABLE
    assert kept.request().status == 400
    responder.behave()
    clock.lives(responder)
    clock.advance(15)
    assert guarded.visit(gateway, pki, name).status == 200, "it answers again"


@pytest.mark.parametrize("failure", ["deny", "allow"])
def test_a_dead_responder_costs_one_fetch_a_period_and_nobody_waits_meanwhile(start, backend, responder, pki, clock, failure):
    # Far more than a client takes that does not wait, also on a machine with hiccups.
    patience = 1.5
    gateway = start(backend, profile=guarded.profile(patience, ocsp_failure=failure, ocsp_retry_after="100s"))
    responder.behave("never")
    name = pki.fresh()
    expected = 200 if failure == "allow" else 400
    for period in range(3):
        with wait.Stopwatch() as watch:
            first = guarded.visit(gateway, pki, name)
        others = [guarded.visit(gateway, pki, name) for _client in range(10)]
        assert {each.status for each in [first, *others]} == {expected}
        # With allow the responder is known to be dead: it is asked again behind the client's back.
        waits = failure == "deny" or period == 0
        assert (watch.seconds > patience / 2) == waits, (period, first)
        wait.until(lambda count=period + 1: gateway.counters()["ocsp_failed"] == count, "the failure", 5)
        assert len(responder.requests_for(name)) == period + 1
        assert gateway.counters()["ocsp_asked"] == period + 1, "who does not ask does not wait"
        clock.advance(101)
    responder.behave()
    clock.lives(responder)
    responder.revoke(name)
    clock.advance(101)

    def is_refused():
        try:
            return guarded.visit(gateway, pki, name).status == 400
        except http.Ended:  # the news found it idle, between its handshake and its request
            return False

    wait.until(is_refused, "the truth, once it can be told,", 5)


def test_a_responder_that_fails_is_said_once_and_that_it_is_back(start, backend, responder, pki):
    gateway = start(backend, profile=guarded.profile())
    for behaviour in ("503", "404", "no answer", "good", "good"):
        responder.behave(behaviour)
        guarded.visit(gateway, pki, pki.fresh())
    gateway.counters()  # come behind all that was said before
    lines = [line for line in gateway.stderr().split("\n") if "OCSP responder" in line]
    assert len(lines) == 2 and all(responder.address in line for line in lines), lines
    assert "fails" in lines[0] and "answers again" in lines[1]
