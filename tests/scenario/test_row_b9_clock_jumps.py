"""B9: the calendar jumps by years and hours, both ways: verdicts are right at once, timers and limits notice nothing."""

import random
import time

import pytest

from support import client as clients
from support import figures, guarded, launch, wait
from support.guarded import UNAVAILABLE, Visitor
from support.moved_clock import DAY, HOUR, YEAR, MovedClock
from support.schedstat import Undisturbed

JUMPS = 50
SEED = 9
FAR_AHEAD, FAR_BACK = 15 * YEAR, -30 * YEAR
LONG = {"starts_days": -40 * 365, "ends_days": 40 * 365}
IDLE_SECONDS = 1.0 * guarded.SLOWNESS


@pytest.fixture(scope="module")
def pki(responder):
    """Beside the usual ones, certificates that are good at any time the tests jump to."""
    made = responder.pki
    made.authority("long-root", "/O=Revocable/CN=Long Root CA", **LONG)
    made.authority("long", "/O=Revocable/CN=Long CA", "long-root", **LONG)
    return made


@pytest.fixture(name="clock")
def a_clock(tmp_path, monkeypatch, responder):
    made = MovedClock(tmp_path)
    responder.forget_requests()
    launch.through(monkeypatch, tmp_path, made.line())
    yield made
    responder.behave()
    responder.live()


@pytest.fixture(name="jumpy")
def a_gateway(start, backend, pki, clock):  # pylint: disable=unused-argument
    """What its clock says is clock's."""
    return start(backend, gateway={"keepalive_timeout": "60s"},
                 profile=guarded.profile(trusted_client_ca=[pki.file("root"), pki.file("long-root")]))


def jump(gateway, clock, responder, seconds):
    """Everybody's calendar: the responder's too, at once, and when no answer is on its way that would be of another time."""
    def has_heard_all():
        counted = gateway.counters()
        return sum(counted[f"ocsp_{outcome}"] for outcome in ("good", "revoked", "unknown", "failed")) >= responder.answered()

    with responder.calendar:
        wait.until(has_heard_all, "the end of every fetch that was answered")
        clock.move(seconds)
        clock.lives(responder)


# ------------------------------------------------------------------------------------------------- verdicts


@pytest.mark.parametrize("seconds, word", [(FAR_AHEAD, "expired"), (FAR_BACK, "not_yet_valid")])
def test_a_certificate_is_good_in_its_time_only(jumpy, responder, pki, clock, seconds, word):
    name = pki.fresh()
    first = Visitor(jumpy.port, pki, name).client
    second = Visitor(jumpy.port, pki, name).client
    assert first.response().status == second.response().status == 200
    jump(jumpy, clock, responder, seconds)
    target = f"/kept/{word}"
    assert first.request(target=target).status == 400
    assert jumpy.record(requestUri=target)["reason"] == word
    assert guarded.word(jumpy, pki, name) == guarded.word(jumpy, pki, name) == word
    jump(jumpy, clock, responder, 0)
    assert guarded.word(jumpy, pki, name) == "", "a refusal of another time is none of today"
    assert second.request().status == 200, "nor is it one for a connection that did not ask meanwhile"


@pytest.mark.parametrize("seconds", [FAR_AHEAD, FAR_BACK, 10 * DAY, -10 * DAY])
def test_an_answer_is_good_in_its_time_only(jumpy, responder, pki, clock, seconds):
    """While the responder's clock stays what it is, then with one that has gone along."""
    name = pki.fresh("long", **LONG)
    kept = Visitor(jumpy.port, pki, name).client
    assert kept.response().status == 200
    clock.move(seconds)
    assert guarded.word(jumpy, pki, name) == UNAVAILABLE
    clock.move(0)
    assert guarded.word(jumpy, pki, name) == "", "the failure was of another time"
    jump(jumpy, clock, responder, seconds + HOUR)
    other = pki.fresh("long", **LONG)
    assert guarded.word(jumpy, pki, name) == guarded.word(jumpy, pki, other) == ""
    responder.revoke(other, since=seconds)
    jump(jumpy, clock, responder, clock.offset + 2 * HOUR)
    assert guarded.word(jumpy, pki, other) == "revoked"
    jump(jumpy, clock, responder, 0)
    responder.know(other, "good")
    assert guarded.word(jumpy, pki, name) == "" and kept.request().status == 200
    wait.until(lambda: guarded.word(jumpy, pki, other) == "", "what the responder says today", 12)


def test_50_jumps_of_hours(jumpy, responder, pki, clock):
    """Each time everybody is judged by the day, with as many questions as certificates and no storm of timers."""
    chance = random.Random(SEED)
    good, ended = pki.fresh("long", **LONG), pki.fresh("long", starts_days=-3.02, ends_days=3.02)
    revoked = pki.fresh("long", **LONG)
    responder.revoke(revoked, since=-50 * YEAR)
    idle = [clients.connect(jumpy.port, pki, "good") for _client in range(20)]
    assert {client.request().status for client in idle} == {200}
    before, began = figures.cpu_seconds(jumpy), time.monotonic()
    requests = 0
    for turn in range(JUMPS):
        jump(jumpy, clock, responder, chance.randrange(-100, 100) * HOUR)
        expected = "expired" if clock.offset > 3 * DAY else "not_yet_valid" if clock.offset < -3 * DAY else ""
        seen = [guarded.visit(jumpy, pki, name) for name in (good, good, revoked, ended)]
        requests += len(seen)
        assert [each.status for each in seen] == [200, 200, 400, 400 if expected else 200], (SEED, turn, clock.offset)
        if expected:
            assert guarded.word_of(jumpy, seen[-1]) == expected
    jump(jumpy, clock, responder, 0)
    used, seconds = figures.cpu_seconds(jumpy) - before, time.monotonic() - began
    counted = jumpy.counters()
    print(f"row B9: {JUMPS} jumps, {requests} handshakes and requests in {seconds:.2f} s, CPU {used:.3f} s, "
          f"{counted['ocsp_fetches']} fetches")
    assert {client.request().status for client in idle} == {200}
    # Fetches: at most one a certificate and jump. 3 ms are many times what a handshake and a request cost.
    assert counted["ocsp_fetches"] <= 4 * (JUMPS + 1)
    assert used < 0.003 * requests * figures.TIME_SCALE + 0.3


# --------------------------------------------------------------------------------------------------- timers


@pytest.mark.parametrize("seconds", [FAR_AHEAD, FAR_BACK])
def test_idle_timeouts_are_not_of_the_calendar(start, backend, responder, pki, clock, seconds):
    gateway = start(backend, gateway={"keepalive_timeout": guarded.milliseconds(IDLE_SECONDS)},
                    profile=guarded.profile(trusted_client_ca=pki.file("long-root")))
    name = pki.fresh("long", **LONG)
    jump(gateway, clock, responder, 0)
    for move in (lambda: jump(gateway, clock, responder, seconds), lambda: None):
        with Visitor(gateway.port, pki, name).client as client:
            with wait.Stopwatch() as since_asked:
                assert client.response().status == 200
                with Undisturbed(gateway) as since_answered:
                    move()
                    assert client.is_ended()
        assert since_asked.seconds > 0.8 * IDLE_SECONDS, since_asked.seconds
        assert since_answered.seconds < IDLE_SECONDS + 1, since_answered.seconds
    assert gateway.counters()["closed_keepalive_timeout"] == 2


@pytest.mark.parametrize("seconds", [FAR_AHEAD, FAR_BACK])
def test_a_question_under_way_ends_in_its_time(start, backend, responder, pki, clock, seconds):
    gateway = start(backend, profile=guarded.profile(
        guarded.HASTY_SECONDS, trusted_client_ca=pki.file("long-root")))
    name = pki.fresh("long", **LONG)
    responder.behave("never")
    with Undisturbed(gateway) as watch:
        waiting = Visitor(gateway.port, pki, name)
        responder.wait_for(lambda: responder.requests_for(name), "the question", wait.PATIENCE_SECONDS)
        clock.move(seconds)
        seen = waiting.end()
    assert seen.status == 400 and watch.seconds < guarded.HASTY_SECONDS + 1
    # What failed then does not count now, whichever way the clock went.
    jump(gateway, clock, responder, 0)
    assert guarded.word(gateway, pki, name) == ""


@pytest.mark.parametrize("seconds", [FAR_AHEAD, FAR_BACK])
def test_nothing_runs_hot_after_a_jump(jumpy, responder, pki, clock, seconds):
    names = [pki.fresh("long", **LONG) for _client in range(20)]
    kept = [Visitor(jumpy.port, pki, name).client for name in names]
    assert {client.response().status for client in kept} == {200}
    jump(jumpy, clock, responder, seconds)
    before, began = figures.cpu_seconds(jumpy), time.monotonic()
    # Two reviews of the engine, and whatever the jump has set off.
    wait.until(lambda: time.monotonic() > began + 2.1, "the end of the watch")
    used = figures.cpu_seconds(jumpy) - before
    print(f"row B9, {seconds / YEAR:+.0f} years: {used * 1e3:.1f} ms of CPU in 2.1 s")
    assert used < 0.1 * figures.TIME_SCALE
    assert {client.request().status for client in kept} == {200}
    counted = jumpy.counters()
    assert counted["ocsp_fetches"] <= 3 * len(names), counted["ocsp_fetches"]
